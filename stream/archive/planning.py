"""Which offsets are still to be read, and which have gone before anybody read them?

Kafka deletes the oldest of a log, which then begins later.  Offsets that are missing in the middle are no gap: Kafka's own records
about transactions have some, and so had what a producer took back.  So nothing is lost but what lies before the log's beginning.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from stream.archive.manifest import Manifest, Place, Read
from stream.archive.ranges import Range, without


class At(NamedTuple):
    """The first record of a time or later."""

    offset: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Log:
    """One partition as Kafka has it, and what a time means in it."""

    start: int
    """The first offset that is kept."""
    stable: int
    """Before it every transaction has ended."""
    end: int
    begin: At | None
    """Where the time that is wanted, or a later one, begins; what was at its offset may have been deleted since."""
    behind: At | None
    """The first record behind that time."""

    @property
    def is_open(self) -> bool:
        """Whether a transaction that has not ended may have records in the time that is wanted."""
        return self.behind is None and self.stable < self.end


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done about one partition."""

    first: int
    """Nothing of the time that is wanted lies before, but for what is lost."""
    read: Sequence[Range]
    lost: Sequence[Range]

    @property
    def size(self) -> int:
        """How many offsets are to be read."""
        return sum(after - first for first, after in self.read)


def plan(manifest: Manifest, place: Place, log: Log, times: Range, after: int) -> Plan:
    """What lacks of all that was recorded in ``times``, which ends in the log before offset ``after``."""
    reads = manifest.reads.get(place, ())
    unread = list(without(times, ((read.begin_ms, read.end_ms) for read in reads)))
    found = log.stable if log.begin is None else max(log.begin.offset, log.start)
    # A record of an earlier time that is still there proves that nothing of the wanted time has been deleted before it.
    proven = found > log.start or log.start == 0
    # What earlier runs noted is no reason to pass over what is there and was not seen by them.
    first = found if proven or not unread else min(found, _floor(reads, unread[0][0]))
    lacking = list(without((min(first, after), after), manifest.known(place)))
    return Plan(
        min(found, after), list(_parts(lacking, log.start, after)), list(_parts(lacking, 0, log.start))
    )


def times_of(manifest: Manifest, place: Place, lost: Range, behind: At | None, end_ms: int) -> Range:
    """When what is lost may have been recorded: after what is known before it, and before ``behind``, which is there, or the end."""
    before = [run.last[1] for run in manifest.runs.get(place, ()) if run.last and run.after <= lost[0]]
    begun = [read.begin_ms for read in manifest.reads.get(place, ()) if read.first <= lost[0]]
    end = end_ms if behind is None else behind.timestamp + 1
    return min(max(before + begun, default=0), end - 1), end


def _floor(reads: Sequence[Read], begin_ms: int) -> int:
    """The least offset that a record of ``begin_ms`` may have had, as far as earlier runs saw."""
    floors = [
        read.after if read.end_ms <= begin_ms else read.first for read in reads if read.begin_ms <= begin_ms
    ]
    return max(floors, default=0)


def _parts(ranges: Sequence[Range], begin: int, end: int) -> Iterator[Range]:
    for first, after in ranges:
        part = max(first, begin), min(after, end)
        if part[0] < part[1]:
            yield part
