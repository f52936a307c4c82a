"""In which order do the marketplace's events reach Kafka, and what reaches it besides?

Each event is a little late, no two alike, so neighbours change places; some come twice, and a few are cut off on the way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter
from random import Random

import msgspec

from stream.simulate.lives import times_of
from stream.simulate.market import MINUTE, Market
from topics.catalogue import EVENTS, InputEvent

MOST_LATE = 10 * MINUTE
"""No event arrives later than this after it happened, so none is older than the newest by more."""
MOSTLY_LATE = 20_000
REPEATED = 0.01
CUT_OFF = 5

_TOPICS = {kind: topic for topic, kinds in EVENTS.items() for kind in kinds}


@dataclass(frozen=True, slots=True)
class Arrival:
    """One record: the bytes of an event, when it happened and when it arrives (milliseconds); ``whole`` unless cut off."""

    topic: str
    key: bytes
    value: bytes
    occurred_at: int
    arrives_at: int
    whole: bool = True


def arrivals(market: Market) -> Sequence[Arrival]:
    """All that reaches Kafka, in that order; the same market gives the same bytes."""
    dice = Random(market.seed)  # noqa: S311 - a story, no secret
    found = list(_each(market, dice))
    found += [_cut_off(arrival, dice) for arrival in dice.sample(found, min(CUT_OFF, len(found)))]
    return sorted(found, key=attrgetter("arrives_at"))


def _each(market: Market, dice: Random) -> Iterator[Arrival]:
    encode = msgspec.json.Encoder().encode
    for at, event in times_of(market, dice):
        value = encode(event)
        for _ in range(2 if dice.random() < REPEATED else 1):
            yield _arrival(event, value, at, dice)


def _arrival(event: InputEvent, value: bytes, at: int, dice: Random) -> Arrival:
    late = min(int(dice.expovariate(1 / MOSTLY_LATE)), MOST_LATE)
    return Arrival(_TOPICS[type(event)], event.shop_id.encode(), value, at, at + late)


def _cut_off(arrival: Arrival, dice: Random) -> Arrival:
    """What a connection leaves that broke while it was sent; the sender sends it again, whole."""
    kept = dice.randrange(1, len(arrival.value))
    return replace(arrival, value=arrival.value[:kept], whole=False)
