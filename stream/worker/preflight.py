"""Can a worker start?  Asked before it joins the group, so that a start that is refused disturbs nobody."""

from collections.abc import Mapping, Sequence

from aiokafka import TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError

from stream.kafka.connecting import once_kafka_answers
from stream.ops.logs import Log
from stream.worker.bulk import read_all, read_last
from stream.worker.drain import Goal
from stream.worker.errors import (
    ChangedPartitionsError,
    CleanupPolicyError,
    DrainedGroupError,
    MissingTopicsError,
    OtherGroupError,
    PartitionCountError,
)
from stream.worker.ledger import CLOCK_KEY, decode_clock_of
from stream.worker.observer import Observer
from stream.worker.policies import Succession
from stream.worker.settings import Settings
from topics.catalogue import INPUTS, OUTPUTS
from topics.ledger import Clock
from topics.times import rfc3339


async def connect(settings: Settings, log: Log) -> Observer:
    """An open observer; as long as there is no broker, one line says so and it tries again."""
    return await once_kafka_answers(settings.bootstrap, log.warning, lambda: Observer(settings).__aenter__())


async def check_topics(settings: Settings, observer: Observer) -> int:
    """The number of partitions that all topics have; raises what is wrong with them."""
    count = await _partitions(settings, observer)
    await _check_cleanup(settings, observer)
    return count


async def check_partitions(settings: Settings, observer: Observer, before: int) -> None:
    """Raises where topics have been deleted, or have another number of partitions than ``before``."""
    now = await _partitions(settings, observer)
    if now != before:
        raise ChangedPartitionsError(before, now)


async def check_group(observer: Observer) -> None:
    """Raises where we may not join the group: Faust would ask again for ever, and say nothing."""
    try:
        await observer.look_for_group()
    except GroupAuthorizationFailedError:
        raise
    except KafkaError:  # one that has begun just now keeps no groups yet; joining waits for it
        return


async def _partitions(settings: Settings, observer: Observer) -> int:
    wanted = settings.topics.all()
    counts = await observer.partition_counts(wanted)
    missing = set(wanted) - set(counts)
    if missing:
        raise MissingTopicsError(missing)
    if len(set(counts.values())) > 1:
        raise PartitionCountError(sorted(counts.items()))
    return counts[wanted[0]]


async def _check_cleanup(settings: Settings, observer: Observer) -> None:
    """State that is deleted by age is lost; state that is not compacted is read for ever."""
    found = await observer.cleanup_policies([settings.topics.name(topic) for topic in OUTPUTS])
    for name, policy in found.items():
        own = settings.topics.topic(name)
        allowed = ("compact", "compact,delete", "delete,compact") if own == "alerts" else ("compact",)
        if policy not in allowed:
            raise CleanupPolicyError(name, policy, "compact,delete" if own == "alerts" else "compact")


async def check_state(settings: Settings, partitions: int, succession: Succession) -> None:
    """Raises where the group is finished, is another one, the topics have grown, or the policy set would change its past."""
    ledger = settings.topics.name("ledger")
    places = [TopicPartition(ledger, number) for number in range(partitions)]
    values = await read_last(settings, places, CLOCK_KEY)
    found = [decode_clock_of(number, value) for number, value in values.items()]
    clocks = [clock for clock in found if clock is not None]
    for clock in clocks:
        if clock.group != settings.group.name:
            raise OtherGroupError(settings.group.name, clock.group)
        if clock.partitions not in (None, partitions):
            raise ChangedPartitionsError(clock.partitions, partitions)
    _check_drained(settings, clocks, partitions)
    if any(clock.policy != succession.policy.digest for clock in clocks):
        known = await _known_policies(settings, partitions)
        for clock in clocks:
            succession.check(clock, known)


def _check_drained(settings: Settings, clocks: Sequence[Clock], partitions: int) -> None:
    done = [clock.drained_until for clock in clocks if clock.drained_until is not None]
    going_on = settings.drain and settings.until_ms in (None, *done)
    if done and (len(done) == partitions or not going_on):
        raise DrainedGroupError(settings.group.name, rfc3339(max(done)))


async def _known_policies(settings: Settings, partitions: int) -> Mapping[bytes, bytes]:
    known: dict[bytes, bytes] = {}
    name = settings.topics.name("policies")

    def take(record: object) -> None:
        known[record.key] = record.value  # type: ignore[attr-defined]  # aiokafka is not typed for us

    await read_all(settings, [TopicPartition(name, number) for number in range(partitions)], take)
    return known


async def drain_goal(settings: Settings, observer: Observer, partitions: int) -> Goal:
    """Where the input topics end now."""
    names = [settings.topics.name(topic) for topic in INPUTS]
    return await observer.ends([TopicPartition(name, n) for name in names for n in range(partitions)])
