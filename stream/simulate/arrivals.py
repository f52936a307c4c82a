"""In which order do the marketplace's events reach Kafka, and what reaches it besides?

Each event is a little late, no two alike, so neighbours change places; some come twice, some much too late, and beside them
comes what is no event.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

import msgspec

from stream.simulate.breaking import broken
from stream.simulate.incidents import Tally
from stream.simulate.lives import lives
from stream.simulate.market import Market
from stream.simulate.shops import HOUR, MINUTE
from stream.simulate.waiting import Waiting
from topics.catalogue import EVENTS, InputEvent

MOST_LATE = 10 * MINUTE
"""Unless told otherwise, no event arrives later than this after it happened: none is older than the newest by more."""

MUCH_TOO_LATE = HOUR, 6 * HOUR
"""So much later, between these two, comes what is beyond the bound."""

_TOPICS = {kind: topic for topic, kinds in EVENTS.items() for kind in kinds}


@dataclass(frozen=True, slots=True)
class Noise:
    """What happens to events on their way, as shares of them."""

    disorder: int = MOST_LATE
    """An event arrives so much later than it happened at most (milliseconds); most of them much sooner."""
    repeated: float = 0.01
    late: float = 0.0
    """Come hours beyond ``disorder``."""
    broken: float = 0.0005
    """Of all that comes, this is no event.  It comes beside the events: no event is lost by it."""


class Arrival(NamedTuple):
    """One record: its bytes, when that happened which it tells, and when it arrives (milliseconds); ``whole`` unless broken."""

    topic: str
    key: bytes
    value: bytes
    occurred_at: int
    arrives_at: int
    whole: bool = True


def arrivals(market: Market, noise: Noise | None = None, tally: Tally | None = None) -> Iterator[Arrival]:
    """All that reaches Kafka, in that order; the same market and noise give the same bytes.

    What is held is what is still to come of orders that are paid, however long the marketplace trades.
    """
    way = _Way(noise or Noise(), Random(f"{market.seed}/way"))  # noqa: S311 - a story, no secret
    waiting: Waiting[Arrival] = Waiting()
    dice = Random(f"{market.seed}/lives")  # noqa: S311
    for paid, events in lives(market, dice, tally or Tally()):
        yield from waiting.before(paid)
        for at, event in events:
            for arrival in way.arrivals(at, event):
                waiting.add(arrival)
    yield from waiting.rest()


class _Way:
    """From the shop to Kafka."""

    def __init__(self, noise: Noise, dice: Random) -> None:
        self._noise = noise
        self._dice = dice
        self._encode = msgspec.json.Encoder().encode
        self._broken_beside = noise.broken / (1 - noise.broken)

    def arrivals(self, at: int, event: InputEvent) -> list[Arrival]:
        """What comes of one event."""
        topic, key, value = _TOPICS[type(event)], event.shop_id.encode(), self._encode(event)
        found: list[Arrival] = []
        while True:
            whole = Arrival(topic, key, value, at, at + self._delay())
            if beside := int(self._broken_beside + self._dice.random()):
                found += [whole._replace(value=broken(value, self._dice), whole=False) for _ in range(beside)]
            found.append(whole)
            if self._dice.random() >= self._noise.repeated:
                return found

    def _delay(self) -> int:
        """Seldom near the bound: a ninth of it on the average."""
        random, disorder = self._dice.random, self._noise.disorder
        if random() < self._noise.late:
            low, high = MUCH_TOO_LATE
            return disorder + low + int(random() * (high - low))
        return int(disorder * random() ** 8)
