"""Which facts did a worker count, in which order, and where may its clock have stood when it read one?

Two witnesses.  Clock records say it exactly, as far as Kafka still has them: what lies below a record's offsets had been read
when the clock stood there, what lies above had not.  And the watermark has its rule (SEMANTICS T2, T3): with all that had been
recorded until then, and with every topic at its end, it can have come so far and no further.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from stream.archive.recorded import Recorded
from stream.backtest.verify.left import Left
from stream.engine.reading import Event, UnreadableEvent, read_event

SKEW_MS = 1_000
"""The clocks of brokers and workers may differ by so much, and what was recorded within it may have been read in any order."""


@dataclass(frozen=True, slots=True)
class Run:
    """How the workers were run, as far as no topic says it."""

    lateness_ms: int
    real: bool
    """Time went on by the wall clock when all was read."""
    belongs: Callable[[bytes], int | None]
    """In which partition a key belongs; None: in any."""


class Arrived(NamedTuple):
    """A fact that counted, and the record it was read from."""

    event: Event
    topic: str
    offset: int
    recorded: int

    @property
    def at(self) -> int:
        """When it happened."""
        return self.event.occurred_at


class Bound(NamedTuple):
    """Of a record: the clock stood at ``least`` or later and at ``most`` or earlier when it was read, None: before any clock.

    ``turn`` is how many clock records had been written before; it rises as records were read.
    """

    turn: int
    least: int | None
    most: int | None


def counted(record: Recorded, left: Left, run: Run) -> Arrived | None:
    """The fact in a record; None: it was no event, or did not count, or has not been read yet."""
    topic = record.topic or ""
    if record.offset >= left.clock.next.get(topic, 0) or (topic, record.offset) in left.dead:
        return None
    try:
        event = read_event(topic, record.key, record.value)
    except UnreadableEvent:
        return None
    until = left.clock.drained_until
    if until is not None and event.occurred_at > until:
        return None
    if run.belongs(record.key or b"") not in (None, left.partition):
        return None
    return Arrived(event, topic, record.offset, record.timestamp)


@dataclass(slots=True)
class Pace:
    """How the newest event time of a partition rose with the time of recording, to the second."""

    _seconds: list[int] = field(default_factory=list)
    _newest: list[int] = field(default_factory=list)

    def take(self, fact: Arrived) -> None:
        """One more, in the order of recording."""
        second = fact.recorded // 1000
        if self._newest and fact.at <= self._newest[-1]:
            return
        if self._seconds and second == self._seconds[-1]:
            self._newest[-1] = fact.at
        else:
            self._seconds.append(second)
            self._newest.append(fact.at)

    def newest_by(self, recorded: int) -> int | None:
        """That of all that was recorded by then."""
        count = bisect_right(self._seconds, recorded // 1000)
        return self._newest[count - 1] if count else None


@dataclass
class Bounds:
    """Where the clock may have stood."""

    left: Left
    run: Run
    pace: Pace

    @cached_property
    def _next(self) -> dict[str, list[int]]:
        topics = self.left.clock.next
        return {topic: [mark.next.get(topic, 0) for mark in self.left.marks] for topic in topics}

    def of(self, fact: Arrived) -> Bound:
        """For a fact that counted."""
        marks = self.left.marks
        turn = min(bisect_right(self._next[fact.topic], fact.offset), len(marks) - 1)
        least = marks[turn - 1].decided if turn else None
        return Bound(turn, least, self._most(fact, least, marks[turn].decided))

    def _most(self, fact: Arrived, least: int | None, decided: int | None) -> int | None:
        if decided is None or self.left.drained_only:
            return None
        by = fact.recorded + SKEW_MS
        newest = self.pace.newest_by(by)
        rule = decided if newest is None else newest - self.run.lateness_ms - 1
        if self.run.real:
            rule = max(rule, by - self.run.lateness_ms)
        return min(decided, rule if least is None else max(rule, least))
