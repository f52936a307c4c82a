"""What time is it, by what was read?  The watermark of one partition number over its topics (SEMANTICS T2, T3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Topic:
    newest: int | None = None
    ended_at: int | None = None


@dataclass(slots=True)
class Watermark:
    """The instant up to which all facts have been read, in milliseconds; it never goes back.

    ``lateness`` (ms) is how much older than the newest event of its topic an event may be.  ``real`` is the clock of T3:
    with it, once every topic is read to its end, time goes on by the wall clock that the host passes in; without it the
    watermark stands still there.
    """

    topics: Iterable[str]
    lateness: int
    real: bool
    value: int | None = None
    _seen: dict[str, _Topic] = field(init=False)

    def __post_init__(self) -> None:
        self._seen = {name: _Topic() for name in self.topics}

    def saw(self, topic: str, occurred_at: int) -> None:
        """An event of ``topic`` was read."""
        seen = self._seen[topic]
        if seen.newest is None or occurred_at > seen.newest:
            seen.newest = occurred_at

    def ended(self, topic: str, asked_at: int) -> None:
        """The last record below the end offset has been applied; ``asked_at`` is when the question for it was sent."""
        self._seen[topic].ended_at = asked_at

    def goes_on(self, topic: str) -> None:
        """There are records of ``topic`` still to be read, or it is not known whether there are."""
        self._seen[topic].ended_at = None

    def advance(self) -> int | None:
        """Move to what is known by now and return it; None while nothing is known."""
        now = self._known()
        if now is not None and (self.value is None or now > self.value):
            self.value = now
        return self.value

    def _known(self) -> int | None:
        waiting = [seen for seen in self._seen.values() if seen.ended_at is None]
        if waiting:
            return min((self._own(seen) for seen in waiting), key=_unknown_first, default=None)
        if not self.real:
            return None
        return min(seen.ended_at for seen in self._seen.values() if seen.ended_at is not None) - self.lateness

    def _own(self, seen: _Topic) -> int | None:
        return None if seen.newest is None else seen.newest - self.lateness - 1

    def newest(self) -> Mapping[str, int]:
        """The newest event time of each topic that has any, for the clock record."""
        return {name: seen.newest for name, seen in self._seen.items() if seen.newest is not None}

    def restore(self, value: int | None, newest: Mapping[str, int]) -> None:
        """Go on from a clock record; topics that it does not know stay unread."""
        self.value = value
        for name, at in newest.items():
            if name in self._seen:
                self._seen[name].newest = at


def _unknown_first(instant: int | None) -> float:
    return float("-inf") if instant is None else instant
