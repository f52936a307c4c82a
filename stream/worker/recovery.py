"""How does a partition come back?  Fence its old owner, read what is committed, rebuild aside, install at once.

The order matters.  Initialising a partition's producer aborts or completes what its old owner left; only after it are the
group's offsets and the ledger's end final.  A recovery may be overtaken by the next rebalance at any await: it builds
aside, asks after every await whether its generation is still the current one, and installs in one synchronous step.
"""

import asyncio
import gc
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition

from stream.engine.ledger import UnreadableRecordError
from stream.ops import catalogue as show
from stream.worker.bulk import read_all
from stream.worker.clock import elapsed_s
from stream.worker.ending import Ending
from stream.worker.errors import (
    DrainedGroupError,
    LostClockError,
    LostRecordsError,
    OffsetsDifferError,
    OtherGroupError,
    UnreadableLedgerError,
)
from stream.worker.hosted import Engine
from stream.worker.lane import Lane, Ownership
from stream.worker.ledger import CLOCK_KEY, decode_clock_of, described
from stream.worker.observer import Observer
from stream.worker.partition import Partition, Work
from stream.worker.policies import Succession, record_of
from stream.worker.producer import LaneProducer, open_producer
from stream.worker.settings import Settings
from stream.worker.transaction import Steps, Transaction, Writer
from topics.catalogue import INPUTS
from topics.ledger import Clock
from topics.times import rfc3339

SLICE_S = 0.02
"""Rebuilding lets the event loop turn this often."""

NewEngine = Callable[[], Engine]


@dataclass(slots=True)
class Restored:
    """What was read of one partition."""

    engine: Engine
    clock: bytes | None = None
    policies: dict[bytes, bytes] = field(default_factory=dict)
    rates: dict[bytes, bytes | None] = field(default_factory=dict)
    unreadable: dict[bytes, str] = field(default_factory=dict)
    """By key: why.  Of a key only the last record has to be readable."""

    def take(self, key: bytes, value: bytes | None) -> None:
        """One more of the engine's records."""
        self.unreadable.pop(key, None)
        try:
            self.engine.restore(key, value)
        except UnreadableRecordError as error:
            if value is not None:
                self.unreadable[key] = str(error)


@dataclass(frozen=True, slots=True)
class Recovery:
    """Brings lanes up; ``partitions`` is how many every topic has."""

    work: Work
    new_engine: NewEngine
    succession: Succession
    observer: Observer
    partitions: int
    end: Ending
    steps: Steps

    @property
    def _settings(self) -> Settings:
        return self.work.settings

    async def fence(self, numbers: Collection[int]) -> Mapping[int, LaneProducer]:
        """Producers of these partitions: from here on nobody else's transactions succeed there."""
        made = await asyncio.gather(*(open_producer(self._settings, number) for number in sorted(numbers)))
        return dict(zip(sorted(numbers), made, strict=True))

    async def restore(
        self, producers: Mapping[int, LaneProducer], owner: Ownership, current: Callable[[], bool]
    ) -> Mapping[int, Lane] | None:
        """Lanes ready to start, or None if the generation has passed meanwhile."""
        began = elapsed_s()
        inputs = self._inputs(producers)
        committed, ends = await self.observer.committed(inputs), await self.observer.ends(inputs)
        with _collector_off():
            read = await self._read(producers)
            lanes = {}
            for number, restored in read.items():
                if not current():
                    return None
                clock = decode_clock_of(number, restored.clock)
                if clock:
                    self._must_be_there(number, clock, ends)
                partition = await self._rebuild(number, restored, clock, committed, producers[number])
                lanes[number] = self._lane(partition, producers[number], owner)
        self.work.metrics.observe(show.RECOVERY_SECONDS, elapsed_s() - began)
        return lanes if current() else None

    def _inputs(self, numbers: Collection[int]) -> list[TopicPartition]:
        return [TopicPartition(self._settings.topics.name(topic), n) for topic in INPUTS for n in numbers]

    async def _read(self, numbers: Collection[int]) -> Mapping[int, Restored]:
        read = {number: Restored(self.new_engine()) for number in numbers}
        topics = self._settings.topics
        ledger, policies, rates = topics.name("ledger"), topics.name("policies"), topics.name("rates")

        def take(record: Any) -> None:
            restored, key, value, topic = read[record.partition], record.key, record.value, record.topic
            if topic == rates:
                restored.rates[key] = value
            elif topic == policies:
                restored.policies[key] = value
            elif key == CLOCK_KEY:
                restored.clock = value
            else:
                restored.take(key, value)

        places = [TopicPartition(topic, number) for topic in (ledger, policies, rates) for number in numbers]
        count = await read_all(self._settings, places, take)
        self.work.metrics.count(show.RECOVERY_RECORDS, count)
        return read

    async def _rebuild(
        self,
        number: int,
        restored: Restored,
        clock: Clock | None,
        committed: Mapping[TopicPartition, int],
        producer: LaneProducer,
    ) -> Partition:
        self._must_agree(number, clock, committed)
        if clock:
            self.succession.check(clock, restored.policies)
        decided, latest = (clock.decided, clock.latest_fact) if clock else (None, None)
        for key, why in restored.unreadable.items():
            raise UnreadableLedgerError(number, described(key), why)
        try:
            await _in_slices(restored.engine.rebuild(decided, latest))
        except UnreadableRecordError as error:
            raise UnreadableLedgerError(number, described(error.key), str(error)) from error
        partition = Partition(number, self.work, restored.engine)
        if clock:
            partition.resume(clock)
            await self._put_back_offsets(number, clock, committed, producer)
        if clock is None or clock.policy != self.work.policy:
            partition.announce.append(("policies", record_of(self.succession.policy, decided)))
        for key, value in restored.rates.items():
            partition.waiting.holds(key, value)
        partition.waiting.add(restored.engine.shops())
        return partition

    def _must_agree(self, number: int, clock: Clock | None, committed: Mapping[TopicPartition, int]) -> None:
        """Offsets, clock and group were committed together, so they agree, or something else has changed one of them."""
        offsets = {tp.topic: offset for tp, offset in committed.items() if tp.partition == number and offset}
        if clock is None:
            if offsets:
                raise LostClockError(
                    number, ", ".join(f"{topic} {offset}" for topic, offset in sorted(offsets.items()))
                )
            return
        if clock.group != self._settings.group.name:
            raise OtherGroupError(self._settings.group.name, clock.group)
        for name, offset in offsets.items():
            known = clock.next.get(self._settings.topics.topic(name), 0)
            if known != offset:
                raise OffsetsDifferError(name, number, known, offset)
        self._must_go_on(clock)

    def _must_be_there(self, number: int, clock: Clock, ends: Mapping[TopicPartition, int]) -> None:
        """A topic made anew would be passed over up to where the old one was read."""
        for topic, at in clock.next.items():
            name = self._settings.topics.name(topic)
            end = ends[TopicPartition(name, number)]
            if at > end:
                raise LostRecordsError(name, number, at, end)

    def _must_go_on(self, clock: Clock) -> None:
        """A group that was drained is finished, but for the workers of that same drain."""
        done, settings = clock.drained_until, self._settings
        if done is not None and not (settings.drain and settings.until_ms in (None, done)):
            raise DrainedGroupError(settings.group.name, rfc3339(done))

    async def _put_back_offsets(
        self, number: int, clock: Clock, committed: Mapping[TopicPartition, int], producer: LaneProducer
    ) -> None:
        """Kafka forgets the offsets of a group that has stood still for a week; the ledger does not."""
        names = {self._settings.topics.name(topic): offset for topic, offset in clock.next.items()}
        lost = {
            name: at for name, at in names.items() if at and TopicPartition(name, number) not in committed
        }
        if lost:
            await self._writer(number, producer).write(Transaction(offsets=lost))

    def _lane(self, partition: Partition, producer: LaneProducer, owner: Ownership) -> Lane:
        limits = self._settings.transactions
        done = partition.drained_until is not None
        return Lane(
            partition=partition,
            writer=self._writer(partition.number, producer),
            limits=limits,
            linger_s=limits.linger_s(self.partitions),
            end=self.end,
            steps=self.steps,
            owner=owner,
            finished=done,
            drained=done,
        )

    def _writer(self, number: int, producer: LaneProducer) -> Writer:
        group, ledger = self._settings.group.name, self._settings.topics.name("ledger")
        return Writer(producer, number, group, ledger, self.steps)


@contextmanager
def _collector_off() -> Iterator[None]:
    """The collector would look through all that is read in, again and again, and find nothing; afterwards what stays is not looked at."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


async def _in_slices(steps: Iterator[None]) -> None:
    until = elapsed_s() + SLICE_S
    for _ in steps:
        if elapsed_s() > until:
            await asyncio.sleep(0)
            until = elapsed_s() + SLICE_S
