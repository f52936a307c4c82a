"""What is read from Kafka to verify alerts: first the clocks, then the events, then what was written of them?

In this order nothing is missing that a clock speaks of; what was written meanwhile is ahead of it, and is seen to be.
Nothing is written, and no group is joined.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import orjson
from aiokafka import TopicPartition

from stream.archive.collecting import Collecting
from stream.archive.gaps import Gap
from stream.archive.keeping import Keeper
from stream.archive.log import connected
from stream.archive.manifest import Place, Source
from stream.archive.recorded import Block, Recorded, Recording, blocks_of
from stream.archive.recording import open_archive
from stream.backtest.known import Progress
from stream.backtest.verify.left import Left, Written, marks_of, succession
from stream.cli.collecting import CollectingTeller
from stream.cli.latest import decoded
from stream.cli.saying import CommandError
from stream.kafka.access import Access
from stream.worker.bulk import read_all
from stream.worker.clock import now_ms
from stream.worker.ledger import CLOCK_KEY, decode_clock_of
from stream.worker.settings import Settings
from topics.alerts import Alert
from topics.catalogue import INPUTS
from topics.ledger import Clock
from topics.policies import PolicyRecord

COMMAND = "verify"

Kind = TypeVar("Kind")


class Outputs:
    """The topics that workers write, of all ``partitions``."""

    def __init__(self, settings: Settings, partitions: int) -> None:
        self._settings = settings
        self._numbers = range(partitions)
        self.clocks: dict[int, list[Clock | None]] = defaultdict(list)
        """As far as they are kept, in the order of the log."""
        self.latest_ms = 0
        """When the latest of them was recorded: no record that counts was recorded later."""
        self._policies: dict[int, list[tuple[PolicyRecord, int]]] = defaultdict(list)
        self._alerts: dict[int, dict[str, list[Written]]] = defaultdict(lambda: defaultdict(list))
        self._dead: dict[int, set[tuple[str, int]]] = defaultdict(set)
        self._foreign: dict[tuple[str, int, bytes], CommandError] = {}
        """What cannot be read, by its topic, partition and key."""

    async def read_clocks(self) -> None:
        """And the policies after them.  Raises CommandError where there are none, and a WorkerError for one that cannot be read."""
        await self._read(self._clock, self._settings.topics.name("ledger"))
        if not any(clocks and clocks[-1] for clocks in self.clocks.values()):
            raise CommandError(
                "the ledger has no clock: no worker has judged anything here; is --topic-prefix right?"
            )
        await self._read(self._policy, self._settings.topics.name("policies"))

    async def read_the_rest(self) -> None:
        """What was written up to now; raises CommandError for what is not as the contract says."""
        topics = self._settings.topics
        await self._read(self._alert, topics.name("alerts"))
        await self._read(self._letter, *(topics.dead_letters(topic) for topic in INPUTS))

    async def _read(self, take: Callable[[Any], None], *names: str) -> None:
        places = [TopicPartition(name, number) for name in names for number in self._numbers]
        await read_all(self._settings, places, take)
        for error in self._foreign.values():
            raise error

    def _clock(self, record: Any) -> None:
        if record.key == CLOCK_KEY:
            self.clocks[record.partition].append(decode_clock_of(record.partition, record.value))
            self.latest_ms = max(self.latest_ms, record.timestamp)

    def _policy(self, record: Any) -> None:
        policy = self._decoded("policies", record, PolicyRecord)
        if policy is not None:
            self._policies[record.partition].append((policy, record.timestamp))

    def _alert(self, record: Any) -> None:
        states, name = self._alerts[record.partition], (record.key or b"").decode("utf-8", "replace")
        alert = self._decoded("alerts", record, Alert)
        if record.value is None:
            states.pop(name, None)
        elif alert is not None:
            states[name].append(Written(orjson.loads(record.value), record.timestamp))

    def _decoded(self, topic: str, record: Any, kind: type[Kind]) -> Kind | None:
        """Its value, if it has one that is as the contract says; another is of no harm once its key has a later record."""
        place = record.topic, record.partition, record.key or b""
        self._foreign.pop(place, None)
        if record.value is None:
            return None
        try:
            return decoded(topic, record.value, kind, (record.partition, record.offset))
        except CommandError as error:
            self._foreign[place] = error
            return None

    def _letter(self, record: Any) -> None:
        topic, *_, offset = (record.key or b"").decode("utf-8", "replace").split("/")
        if offset.isdecimal():
            self._dead[record.partition].add((topic, int(offset)))

    def left(self) -> Sequence[Left]:
        """Of each partition that has a clock, as far as all that has been read; raises BacktestError."""
        return [
            self._left(number, clock, clocks)
            for number, clocks in sorted(self.clocks.items())
            if (clock := clocks[-1]) is not None
        ]

    def _left(self, number: int, clock: Clock, clocks: Sequence[Clock | None]) -> Left:
        policies, began = succession(self._policies[number], clock, number)
        alerts = dict(self._alerts[number])
        return Left(number, clock, marks_of(clocks), policies, began, alerts, frozenset(self._dead[number]))


class Joined:
    """An archive, and behind it what Kafka has recorded since: each record once."""

    def __init__(self, before: Recording, after: Recording) -> None:
        self._before = before
        self._after = after
        self.name = before.name
        self.gaps: Sequence[Gap] = [*before.gaps, *(gap for gap in after.gaps if gap not in before.gaps)]

    def partitions(self) -> Sequence[int]:
        """Those of either."""
        return sorted({*self._before.partitions(), *self._after.partitions()})

    def read(self, partition: int, shops: frozenset[bytes] | None = None) -> Iterator[Recorded]:
        """First the archive's."""
        told: dict[str | None, int] = {}
        for record in chain(self._before.read(partition, shops), self._after.read(partition, shops)):
            if record.offset > told.get(record.topic, -1):
                told[record.topic] = record.offset
                yield record

    def blocks(self, partition: int) -> Iterator[Block]:
        """Of both."""
        return blocks_of(self.read(partition))

    def fingerprint(self) -> str:
        """Of both."""
        return self._before.fingerprint() + self._after.fingerprint()


class Events:
    """The input topics, from a time of recording on, kept in a folder for once or in an archive."""

    def __init__(
        self, bootstrap: Access, prefix: str, archive: Path | None, begin: int, progress: Progress
    ) -> None:
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._archive = archive
        self._begin = begin
        self._progress = progress

    async def collect(self, folder: Path, latest_ms: int) -> Recording:
        """All that was recorded up to ``latest_ms`` and more; raises ArchiveError, CommandError and aiokafka's KafkaError."""
        if self._archive is None:
            await self._collect(folder, self._begin)
            return open_archive(folder, self._begin or None, None)
        before = open_archive(self._archive, self._begin or None, None)
        lacking = self._lacking(
            open_archive(self._archive, self._begin or None, latest_ms + 1).gaps, latest_ms
        )
        if lacking is None:
            return before
        await self._collect(folder, lacking)
        return Joined(before, open_archive(folder, lacking, None))

    def _lacking(self, gaps: Sequence[Gap], latest_ms: int) -> int | None:
        """From when on the archive has nothing; raises CommandError where it lacks something before."""
        holes = [gap for gap in gaps if gap.offsets is None]
        for gap in holes:
            if gap.end_ms <= latest_ms and gap.begin_ms > self._begin:
                raise CommandError(f"{self._archive} has a hole: {gap}")
        return min((gap.begin_ms for gap in holes if gap.end_ms > latest_ms), default=None)

    async def _collect(self, folder: Path, begin: int) -> None:
        async with AsyncExitStack() as stack:
            kafka = await stack.enter_async_context(connected(self._bootstrap, self._prefix, INPUTS))
            keeper = stack.enter_context(Keeper(folder, Source(kafka.cluster, self._prefix)))
            teller = _Teller(COMMAND, self._bootstrap, self._progress)
            await Collecting(kafka, keeper, (begin, now_ms()), teller).run()


class _Teller(CollectingTeller):
    """Without a word of open transactions."""

    def is_open(self, place: Place, offset: int) -> None:
        """What a transaction hides has not been counted: the clock ends before it."""


def count_of(partitions: Mapping[str, int]) -> int:
    """How many all topics have; raises CommandError where they differ."""
    if len(set(partitions.values())) > 1:
        told = ", ".join(f"{topic} {count}" for topic, count in partitions.items())
        raise CommandError(f"the topics have different numbers of partitions ({told}); shops lie apart")
    return next(iter(partitions.values()))
