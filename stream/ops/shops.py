"""How do the shops of one partition stand?  By their documents of rates, as these are written, and never by all of them at once.

What is kept of a shop is the state of each tier, the level of each rate and the two numbers that it is made of, packed: a dozen
bytes a metric.  A document changes sums by the difference to the one before.
"""

from collections.abc import Iterable, Iterator, Mapping
from struct import Struct, error
from typing import Any

from stream.ops.levels import NONE, level
from stream.ops.watched import Watched, numbered
from stream.ops.worst import Ranking

INACTIVE, PENDING, FIRING = range(3)
_STATES: Mapping[str, int] = {"inactive": INACTIVE, "pending": PENDING, "firing": FIRING}


class Shops:
    """Those of one partition; ``worst`` are shown of each metric and window."""

    def __init__(self, watched: Watched, worst: int) -> None:
        self.watched = watched
        self.rankings = [Ranking(rated.good_share, worst) for rated in watched.rated]
        self.open = [[0, 0, 0] for _ in watched.tiers]
        """Of each tier: how many shops it is inactive, pending, firing in."""
        self._places, self._tiers = numbered(watched)
        self._rated, self._numbered = len(watched.rated), len(watched.tiers)
        self._packing = Struct(f"<{self._numbered + self._rated}B{2 * self._rated}I")
        self._nothing = self._packing.pack(*([0] * (self._numbered + 3 * self._rated)))
        self._known: dict[str, bytes] = {}

    def __len__(self) -> int:
        return len(self._known)

    def tell(self, shop: str, document: Mapping[str, Any] | None) -> None:
        """Its rates are these now; None: there are none any more.

        What cannot be read counts as none: at a recovery documents come from the topic, and may be anybody's.
        """
        try:
            now = None if document is None else self._pack(document["rules"])
        except (KeyError, TypeError, AttributeError, IndexError, error):
            now = None
        before = self._known.get(shop)
        if now == before:
            return
        self._differ(shop, before or self._nothing, now or self._nothing)
        if before is None:
            self._appeared(1)
        if now is None:
            del self._known[shop]
            self._appeared(-1)
        else:
            self._known[shop] = now

    def _appeared(self, by: int) -> None:
        """One more, or one less, of which nothing is told: inactive, and without a rate."""
        for states in self.open:
            states[INACTIVE] += by
        for ranking in self.rankings:
            ranking.shops[NONE] += by

    def _pack(self, rules: Iterable[Mapping[str, Any]]) -> bytes:
        states, levels, numbers = [INACTIVE] * self._numbered, [NONE] * self._rated, [0] * (2 * self._rated)
        for rule in rules:
            tiers = rule["tiers"]
            for tier in tiers:
                if tier["state"] != "inactive":
                    at = self._tiers.get((rule["rule"], tier["severity"]))  # type: ignore[call-overload]  # a plain pair is equal
                    if at is not None:
                        states[at] = _STATES[tier["state"]]
            place = self._places.get((rule["metric"], rule["window"]))  # type: ignore[call-overload]  # a plain pair is equal
            if place is not None and levels[place] == NONE:
                rated, first = self.watched.rated[place], tiers[0]
                counted = first["counted"]
                part = first["good"] if rated.good_share else first["bad"]
                numbers[2 * place], numbers[2 * place + 1] = part, counted
                if counted >= rated.min_orders:
                    levels[place] = level(part, counted)
        return self._packing.pack(*states, *levels, *numbers)

    def _differ(self, shop: str, before: bytes, now: bytes) -> None:
        """Both begin with the states and the levels, a byte each."""
        for number, states in enumerate(self.open):
            if before[number] != now[number]:
                states[before[number]] -= 1
                states[now[number]] += 1
        for number, ranking in enumerate(self.rankings, self._numbered):
            if before[number] != now[number]:
                ranking.move(shop, before[number], now[number])

    # -- what is asked

    def worst(self, place: int, least: int) -> Iterator[tuple[str, int]]:
        """Those that are at least so bad there, and how bad."""
        return self.rankings[place].worse_than(least, lambda: self._levels(place))

    def _levels(self, place: int) -> Iterator[tuple[str, int]]:
        at = self._numbered + place
        return ((shop, known[at]) for shop, known in self._known.items())

    def level_of(self, shop: str, place: int) -> int:
        """Of a shop's rate; none of one that is not known here."""
        return self._known.get(shop, self._nothing)[self._numbered + place]

    def numbers(self, shop: str, place: int) -> tuple[int, int]:
        """What its rate is the share of, and of how many."""
        packed = self._packing.unpack(self._known[shop])
        at = self._numbered + self._rated + 2 * place
        return packed[at], packed[at + 1]
