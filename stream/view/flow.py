"""How fast do events come, and how far behind them is the worker?

Known from two things: where the input topics end, and the clock records of the ledger.  No worker is asked.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from stream.view.trends import Trend
from topics.ledger import Clock

Place = tuple[str, int]
"""A topic of the contract, and a partition."""

SPEED_OVER_S = 3.0
"""Events a second are an average over so long."""

TREND_EVERY_MS = 1_000

SILENT_S = 15.0
"""A worker that lives writes each of its clocks every 5 s, whatever happens."""

NEAR_MS = 3_600_000
"""A clock that was written no further than this from the wall clock goes with the wall clock, others with the events."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The last clock record of a partition, when it was written and when the view first saw it."""

    clock: Clock
    written_at: int
    """Milliseconds of the wall clock."""
    seen_s: float

    @property
    def newest(self) -> int | None:
        """The newest event time that was read."""
        return max(self.clock.newest.values(), default=None)

    @property
    def real(self) -> bool:
        """Whether its time is the wall clock's."""
        times = [at for at in (self.newest, self.clock.decided) if at is not None]
        return bool(times) and abs(self.written_at - max(times)) <= NEAR_MS


@dataclass(slots=True)
class Flow:
    """Fed with ends and clocks; all ``now_s`` are of one clock that never goes back."""

    ends: dict[Place, int] = field(default_factory=dict)
    heard: dict[int, Heard] = field(default_factory=dict)
    speeds: Trend = field(default_factory=lambda: Trend(TREND_EVERY_MS))
    began_s: float | None = None
    _totals: deque[tuple[float, int]] = field(default_factory=deque)

    def take_ends(self, now_s: float, ends: Mapping[Place, int]) -> None:
        """Where the input topics end now."""
        if self.began_s is None:
            self.began_s = now_s
        self.ends.update(ends)
        self._totals.append((now_s, sum(self.ends.values())))
        while len(self._totals) > 2 and self._totals[1][0] <= now_s - SPEED_OVER_S:
            self._totals.popleft()
        self.speeds.take(int(now_s * 1000), self.speed)

    def take_clock(self, now_s: float, partition: int, clock: Clock, written_at: int) -> None:
        """A clock record; one that is known already is no sign of life."""
        known = self.heard.get(partition)
        if known is None or (known.clock, known.written_at) != (clock, written_at):
            self.heard[partition] = Heard(clock, written_at, now_s)

    def pause(self) -> None:
        """Nobody answers: what comes then did not come at once."""
        self._totals.clear()

    @property
    def events(self) -> int:
        """How many events were read, or deleted unread by retention."""
        return sum(sum(heard.clock.next.values()) for heard in self.heard.values())

    @property
    def speed(self) -> float:
        """Events a second that come in."""
        if len(self._totals) < 2:
            return 0.0
        (first_s, first), (last_s, last) = self._totals[0], self._totals[-1]
        return max(0.0, (last - first) / (last_s - first_s)) if last_s > first_s else 0.0

    @property
    def lag(self) -> int:
        """Events that have come in and are not yet read."""
        return sum(max(0, end - self._next(place)) for place, end in self.ends.items())

    def _next(self, place: Place) -> int:
        topic, partition = place
        heard = self.heard.get(partition)
        return heard.clock.next.get(topic, 0) if heard else 0

    @property
    def present(self) -> int | None:
        """The newest event time that any partition has read."""
        return max((heard.newest for heard in self.heard.values() if heard.newest is not None), default=None)

    def delay(self, now_ms: int) -> int | None:
        """How far the partition that is furthest behind has still to decide; milliseconds.

        Behind the wall clock where time goes with it, behind the newest event elsewhere; a partition that has decided
        nothing yet is not counted, nor is one that a drain has finished.
        """
        present = self.present
        found = [
            (now_ms if heard.real else present or heard.clock.decided) - heard.clock.decided
            for heard in self.heard.values()
            if heard.clock.decided is not None and heard.clock.drained_until is None
        ]
        return max(0, *found, 0) if found else None

    @property
    def drained(self) -> bool:
        """Whether a drain has read all that was to be read."""
        return bool(self.heard) and all(
            heard.clock.drained_until is not None for heard in self.heard.values()
        )

    def silent_s(self, now_s: float) -> float | None:
        """For how long a partition has heard of no worker, if that is too long."""
        if self.drained or self.began_s is None:
            return None
        waiting = [heard.seen_s for heard in self.heard.values() if heard.clock.drained_until is None]
        longest = now_s - min(waiting, default=self.began_s)
        return longest if longest > SILENT_S else None
