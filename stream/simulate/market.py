"""When do people buy, of whom, and what befalls the shops meanwhile?"""

from array import array
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from stream.simulate.scenario import Scenario
from stream.simulate.scenarios.warehouse_stops import STOP_LASTS, WarehouseStops
from stream.simulate.shops import DAY, HOUR, OFFSET_MS, Shop, Trade, weight

STOPPED = "east"
STOP_BEGINS = 2 * DAY + 8 * HOUR
"""Two days of trade before it, so that every shop has a record to lose."""

# Orders an hour of the day, against each other: few at night, a peak at noon, the highest in the evening.
RHYTHM = (2, 1, 1, 1, 1, 2, 3, 5, 7, 9, 10, 11, 12, 10, 9, 9, 9, 10, 11, 13, 14, 13, 9, 5)


@dataclass(frozen=True, slots=True)
class Habits:
    """What happens to orders every day, as shares of them."""

    split: float = 0.08
    """Shipped in two packages."""
    cancelled: float = 0.03
    """Called off, of those that are not shipped within three hours."""
    delay_reports: float = 0.15
    """Promised later in time, of those that will be late."""


@dataclass(frozen=True, slots=True)
class Market(Trade):
    """What has begun is told to its end: the last events lie some days behind the last order."""

    plan: tuple[Scenario, ...] | None = None
    """What befalls its shops; None: the one stop of which the demo tells."""
    habits: Habits = Habits()

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What befalls its shops."""
        return (self.stop,) if self.plan is None else self.plan

    @property
    def stop(self) -> WarehouseStops:
        """The stop of which the demo tells."""
        begins = self.begins + STOP_BEGINS
        return WarehouseStops(begins, begins + STOP_LASTS, STOPPED)

    def hit(self) -> Sequence[Shop]:
        """The shops that anything befalls."""
        return [shop for shop in self.all_shops() if self.befalls(shop)]

    def befalls(self, shop: Shop) -> tuple[Scenario, ...]:
        """What befalls this shop."""
        return tuple(scenario for scenario in self.scenarios if scenario.hits(shop))

    def payments(self, dice: Random) -> Iterator[tuple[int, Shop]]:
        """When somebody pays, and whom; in the order of time."""
        known: dict[int, Shop] = {}
        shares = array("d", accumulate(map(weight, range(1, self.shops + 1))))
        for begins, orders in self._hours():
            usual = [
                (begins + int(dice.random() * HOUR), bisect(shares, dice.random() * shares[-1]) + 1)
                for _ in range(orders)
            ]
            for scenario in self.scenarios:
                usual += scenario.more_orders(self, begins, begins + HOUR, dice)
            for at, rank in sorted(usual):
                shop = known.get(rank)
                if shop is None:
                    shop = known[rank] = self.shop(rank)
                yield at, shop

    def _hours(self) -> Iterator[tuple[int, int]]:
        """The hours of the marketplace, and how many orders are usual in each; exact over every 24 of them."""
        first, told, parts = (self.begins + OFFSET_MS) // HOUR, 0, 0
        for hour in range(24 * self.days):
            parts += RHYTHM[(first + hour) % 24]
            until_now = self.orders_a_day * parts // _PARTS
            yield self.begins + hour * HOUR, until_now - told
            told = until_now


_PARTS = sum(RHYTHM)
