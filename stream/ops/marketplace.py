"""How does the marketplace stand, as far as this worker sees it?  One picture of all its partitions, for the next scrape.

A picture is made about once a second, by the host's event loop, and handed over whole: a scrape reads what is there and asks nobody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from stream.ops import catalogue as show
from stream.ops.catalogue import Metric
from stream.ops.exemptions import InForce
from stream.ops.levels import badness, cumulated
from stream.ops.picture import Picture, Row
from stream.ops.shops import FIRING, PENDING, Shops
from stream.ops.watched import Rated, Watched, watched
from stream.ops.worst import choose, last_of
from stream.policy.spec import PolicySet


@dataclass(slots=True)
class Marketplace:
    """What is remembered from picture to picture is who is shown."""

    watched: Watched
    worst: int
    in_force: InForce = field(default_factory=InForce)
    _shown: list[dict[str, Shops]] = field(init=False)

    def __post_init__(self) -> None:
        self._shown = [{} for _ in self.watched.rated]

    @classmethod
    def of(cls, policy: PolicySet, worst: int) -> "Marketplace":
        """The one that ``policy`` judges; ``worst`` shops are shown of each metric and window."""
        return cls(watched(policy), worst, InForce(policy.exemptions))

    def shops(self) -> Shops:
        """For one more partition."""
        return Shops(self.watched, self.worst)

    def picture(self, partitions: Iterable[Shops], clock: int | None) -> Picture:
        """Of these partitions, and of no other that there was before, at ``clock`` in milliseconds of event time."""
        parts = list(partitions)
        histograms, rates, units = [], [], []
        for place, rated in enumerate(self.watched.rated):
            shops = list(map(sum, zip(*(part.rankings[place].shops for part in parts), strict=True)))
            if not shops:
                continue
            histograms.append((rated.place, cumulated(shops)))
            for shop, part in self._choose(place, rated, parts, shops).items():
                share, counted = part.numbers(shop, place)
                rates.append(((*rated.place, shop), share / counted))
                units.append(((*rated.place, shop), float(counted)))
        gauges: dict[Metric, Sequence[Row]] = {
            show.OPEN_ALERTS: list(self._open(parts)),
            show.KNOWN_SHOPS: [((), float(sum(map(len, parts))))],
            show.WORST_RATE: rates,
            show.WORST_COUNTED: units,
            **({} if clock is None else self.in_force.rows(clock)),
        }
        return Picture(gauges, {show.SHOPS: histograms})

    def _choose(
        self, place: int, rated: Rated, parts: Sequence[Shops], shops: Sequence[int]
    ) -> Mapping[str, Shops]:
        last = last_of(shops, self.worst, good_share=rated.good_share)
        where = {shop: part for shop, part in self._shown[place].items() if part in parts}
        shown = {
            shop: badness(part.level_of(shop, place), good_share=rated.good_share)
            for shop, part in where.items()
        }
        worst: dict[str, int] = {}
        for part in parts:
            for shop, bad in part.worst(place, last):
                worst[shop], where[shop] = bad, part
        chosen = {shop: where[shop] for shop in choose(worst, shown, last, self.worst)}
        self._shown[place] = chosen
        return chosen

    def _open(self, parts: Sequence[Shops]) -> Iterator[Row]:
        for number, tier in enumerate(self.watched.tiers):
            for word, state in (("firing", FIRING), ("pending", PENDING)):
                yield (*tier, word), float(sum(part.open[number][state] for part in parts))
