"""What is under way, and comes next?"""

from collections.abc import Iterator
from operator import attrgetter
from typing import Generic, Protocol, TypeVar

from stream.simulate.shops import MINUTE


class Arriving(Protocol):
    """Something that arrives at a moment."""

    @property
    def arrives_at(self) -> int:
        """Milliseconds since 1970."""
        ...


Thing = TypeVar("Thing", bound=Arriving)


class Waiting(Generic[Thing]):
    """Holds things until they arrive, by the minute: a list is cheaper to sort when it is due than a heap to keep."""

    def __init__(self) -> None:
        self._minutes: dict[int, list[Thing]] = {}
        self._next: int | None = None

    def __len__(self) -> int:
        return sum(map(len, self._minutes.values()))

    def add(self, thing: Thing) -> None:
        """It arrives in a minute that has not been handed out."""
        minute = thing.arrives_at // MINUTE
        held = self._minutes.get(minute)
        if held is None:
            self._minutes[minute] = [thing]
        else:
            held.append(thing)

    def before(self, at: int) -> Iterator[Thing]:
        """All that arrives in minutes before that of ``at``, in order; of one moment, as added."""
        now = at // MINUTE
        first = min(self._minutes, default=now) if self._next is None else self._next
        self._next = now
        for minute in range(first, now):
            yield from self._handed_out(minute)

    def rest(self) -> Iterator[Thing]:
        """All that is left."""
        for minute in sorted(self._minutes):
            yield from self._handed_out(minute)

    def _handed_out(self, minute: int) -> list[Thing]:
        return sorted(self._minutes.pop(minute, ()), key=attrgetter("arrives_at"))
