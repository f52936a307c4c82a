"""When is a part of the marketplace's story told, so that all of it fits into the time that there is?"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from stream.simulate.arrivals import MOST_LATE, Arrival
from stream.simulate.market import Market
from stream.simulate.shops import HOUR, MINUTE

SLICE = 15 * MINUTE
"""So much simulated time is sent at once, and acknowledged before the next is sent."""

LATENESS = MOST_LATE + SLICE
"""How much older than the newest an event can be when a worker reads it: in Kafka a slice has no order."""

STILL = 12 * HOUR
"""So long after the stop nothing is late yet, but for what is so every day."""

STORY_S = 60.0
"""How long the story takes where nobody says how long the demo may."""

STORY_SHARE = 0.75
LEAST_REST_S = 3.0
"""What is left of a demo's time when the story is told: the worker starts late, and concludes after the last event."""


@dataclass(frozen=True, slots=True)
class Pace:
    """What lies before the first shop can be late is told at once, then days pass evenly; the last refunds come at once."""

    market: Market
    story_s: float = STORY_S

    def due_s(self, at: int) -> float:
        """How many seconds after the beginning of the demo the marketplace has come to ``at`` (milliseconds)."""
        begins = self.market.stop.begins + STILL
        share = (at - begins) / (self.market.ends - begins)
        return self.story_s * min(1.0, max(0.0, share))


def story_seconds(seconds: float | None) -> float:
    """How long the story may take of a demo of so many seconds."""
    if seconds is None:
        return STORY_S
    return max(1.0, min(STORY_S, seconds * STORY_SHARE, seconds - LEAST_REST_S))


def slices(arrivals: Iterable[Arrival]) -> Iterator[tuple[int, Sequence[Arrival]]]:
    """The arrivals in parts, each with the time at which it has arrived."""
    for number, part in groupby(arrivals, lambda arrival: arrival.arrives_at // SLICE):
        yield (number + 1) * SLICE, list(part)
