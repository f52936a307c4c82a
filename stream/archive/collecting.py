"""How is what Kafka has of some time added to an archive, and only that which is not there yet?

One partition after the other, so that no more than one file's records are held.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from stream.archive.errors import RemadeTopicError
from stream.archive.gaps import Gap
from stream.archive.keeping import Keeper, counted
from stream.archive.log import Kafka, OffsetOutOfRangeError
from stream.archive.manifest import Asked, Place
from stream.archive.missing import missing
from stream.archive.planning import At, Log, Plan, plan, times_of
from stream.archive.ranges import Range

RECORDS_A_FILE = 100_000
BYTES_A_FILE = 32 << 20
"""Of keys and values."""


class Teller(Protocol):
    """Somebody who is told how it goes."""

    def planned(self, offsets: int) -> None:
        """So many are to be read, about."""
        ...

    def reached(self, records: int, offsets: int) -> None:
        """So many more have been read."""
        ...

    def waiting(self) -> None:
        """Kafka does not answer; told again and again."""
        ...

    def is_open(self, place: Place, offset: int) -> None:
        """A transaction hides what lies from ``offset`` on."""
        ...


@dataclass(slots=True)
class Result:
    """What came of it."""

    added: Mapping[str, int] = field(default_factory=dict)
    """Records by topic."""
    files: int = 0
    gaps: Sequence[Gap] = ()
    """What lacks of that which was asked for."""


class Collecting:
    """All that was recorded in ``times``, which does not lie ahead, from ``kafka`` into ``keeper``'s archive.

    ``size`` is how many records and bytes are a file's at most, but for one that is longer by itself.
    """

    def __init__(
        self,
        kafka: Kafka,
        keeper: Keeper,
        times: Range,
        teller: Teller,
        size: tuple[int, int] = (RECORDS_A_FILE, BYTES_A_FILE),
    ) -> None:
        self._kafka = kafka
        self._keeper = keeper
        self._times = times
        self._teller = teller
        self._size = size
        self._before = counted(keeper.manifest)
        self._files = 0

    async def run(self) -> None:
        """To the end; raises ArchiveError, and aiokafka's KafkaError."""
        self._keeper.ask(Asked(*self._times, dict(self._kafka.partitions)))
        logs = await self._kafka.logs(self._places(), self._times, self._teller.waiting)
        self._teller.planned(sum(self._planned(place, log).size for place, log in logs.items()))
        for place, log in logs.items():
            await self._collect(place, log)

    @property
    def result(self) -> Result:
        """So far."""
        now = counted(self._keeper.manifest)
        added = {topic: now.get(topic, 0) - self._before.get(topic, 0) for topic in self._kafka.partitions}
        return Result(added, self._files, missing(self._keeper.manifest, *self._times))

    def _places(self) -> Sequence[Place]:
        return [
            Place(topic, number) for topic, count in self._kafka.partitions.items() for number in range(count)
        ]

    def _planned(self, place: Place, log: Log) -> Plan:
        self._check_length(place, log)
        after = log.stable if log.behind is None else log.behind.offset
        return plan(self._keeper.manifest, place, log, self._times, after)

    def _check_length(self, place: Place, log: Log) -> None:
        known = max((after for _first, after in self._keeper.manifest.known(place)), default=0)
        if known > log.end:
            raise RemadeTopicError(*place, f"it ends at offset {log.end}, and had {known} already")

    async def _collect(self, place: Place, log: Log) -> None:
        keeper, (begin_ms, end_ms) = self._keeper, self._times
        after = await self._kafka.end_of(place, log, end_ms, self._teller.waiting)
        planned = plan(keeper.manifest, place, log, self._times, after)
        for lost in planned.lost:
            self._lose(place, lost, log.begin, end_ms)
        if planned.read:
            keeper.begin(place, planned.first, begin_ms)
        for offsets in planned.read:
            await self._read(place, offsets, log.start, end_ms)
        if log.is_open:
            self._teller.is_open(place, log.stable)
            end_ms = min(self._latest(place, begin_ms), end_ms)
        if begin_ms < end_ms:
            keeper.read(place, (planned.first, after), (begin_ms, end_ms))

    def _latest(self, place: Place, begin_ms: int) -> int:
        """Before it everything is known, though a transaction is open: its records are no earlier than those before it."""
        runs = self._keeper.manifest.runs.get(place, ())
        return max((run.last[1] for run in runs if run.last), default=begin_ms)

    async def _read(self, place: Place, offsets: Range, start: int, end_ms: int) -> None:
        """All of ``offsets``; what is deleted meanwhile is noted as lost."""
        first, after = offsets
        while first < after:
            writing = _Writing(self, place, first)
            try:
                await self._read_on(place, writing, after, start)
            except OffsetOutOfRangeError:
                writing.flush()
                begun, start = start, await self._kafka.start_of(place)
                first = min(max(start, writing.reached), after)
                if start == begun:
                    raise RemadeTopicError(*place, f"it has no offset {writing.reached} any more") from None
                if writing.reached < first:
                    self._lose(place, (writing.reached, first), None, end_ms)
            else:
                return

    async def _read_on(self, place: Place, writing: "_Writing", after: int, start: int) -> None:
        before = self._last_before(place, writing.reached)
        if before is not None and before[0] < start:
            before = None
        begin = writing.reached if before is None else before[0]
        async for records, reached in self._kafka.read(place, (begin, after), self._teller.waiting):
            fresh = records
            if before is not None and reached > before[0]:
                _check_same(place, before, records)
                fresh, before = records[1:], None
            if reached > writing.reached:
                self._teller.reached(len(fresh), reached - writing.reached)
                writing.take(fresh, reached)
        writing.flush()

    def _lose(self, place: Place, lost: Range, behind: At | None, end_ms: int) -> None:
        self._keeper.lose(place, lost, times_of(self._keeper.manifest, place, lost, behind, end_ms))

    def _last_before(self, place: Place, offset: int) -> tuple[int, int] | None:
        """The last record of the run that ends there, to see by it whether the log is still the same."""
        runs = self._keeper.manifest.runs.get(place, ())
        return next((run.last for run in runs if run.after == offset), None)

    def keep(self, place: Place, offsets: Range, records: Sequence[Any]) -> None:
        """Write what has been read."""
        self._files += self._keeper.keep(place, offsets, records)

    def is_enough(self, records: int, size: int) -> bool:
        """Whether so many make a file."""
        return records >= self._size[0] or size >= self._size[1]


def _check_same(place: Place, before: tuple[int, int], records: Sequence[Any]) -> None:
    found = (records[0].offset, records[0].timestamp) if records else None
    if found != before:
        raise RemadeTopicError(*place, f"its record at offset {before[0]} is another one")


class _Writing:
    """What has been read and is not written yet; ``reached`` is the first offset that has not been read."""

    def __init__(self, collecting: Collecting, place: Place, first: int) -> None:
        self._collecting = collecting
        self._place = place
        self._first = self.reached = first
        self._records: list[Any] = []
        self._size = 0

    def take(self, records: Sequence[Any], reached: int) -> None:
        """More of them, in their order."""
        for record in records:
            self._records.append(record)
            self._size += len(record.key or b"") + len(record.value or b"")
            self.reached = record.offset + 1
            if self._collecting.is_enough(len(self._records), self._size):
                self.flush()
        self.reached = reached

    def flush(self) -> None:
        """Write them, and that these offsets have no others."""
        if self._first < self.reached:
            self._collecting.keep(self._place, (self._first, self.reached), self._records)
        self._first, self._records, self._size = self.reached, [], 0
