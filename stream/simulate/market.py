"""Which shops trade in the simulated marketplace, how big are they, and what befalls them?"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate
from random import Random

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

WAREHOUSES = {"north": "110000", "east": "310000", "south": "440000", "west": "510000"}
"""Where goods leave from, and the region codes of these places."""

STOPPED = "east"
STOP_BEGINS = 2 * DAY + 8 * HOUR
"""Two days of trade before it, so that every shop has a record to lose."""
STOP_LASTS = 32 * HOUR
"""Longer than the promise to ship of most orders."""

SIZES_FALL_BY = 0.8
"""The exponent of Zipf's law: of 20 shops the largest has 16 % of the orders, the smallest 1.5 %."""

# Orders an hour of the day, against each other: few at night, a peak at noon, the highest in the evening.
RHYTHM = (2, 1, 1, 1, 1, 2, 3, 5, 7, 9, 10, 11, 12, 10, 9, 9, 9, 10, 11, 13, 14, 13, 9, 5)

FIRST_DAY = 1_740_931_200_000
"""2025-03-03T00:00:00+08:00, a Monday."""

OFFSET = timedelta(hours=8)
"""The marketplace's clocks are ahead of UTC by this; its days begin at its own midnight."""


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop ships from one warehouse; ``forgets`` is the share of its orders that it ships a day late."""

    shop_id: str
    warehouse: str
    weight: float
    forgets: float

    @property
    def region(self) -> str:
        """The region code that its goods come from."""
        return WAREHOUSES[self.warehouse]


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing leaves ``warehouse`` from ``begins`` until just before ``ends`` (milliseconds since 1970)."""

    warehouse: str
    begins: int
    ends: int


@dataclass(frozen=True, slots=True)
class Market:
    """``shops`` shops that take about ``orders_a_day`` orders together, for ``days`` days from ``begins`` on.

    What has begun is told to its end: the last events lie about two days behind the last order.
    """

    seed: int = 7
    days: int = 8
    shops: int = 20
    orders_a_day: int = 800
    begins: int = FIRST_DAY

    @property
    def ends(self) -> int:
        """From here on nobody orders, or asks for money back."""
        return self.begins + self.days * DAY

    @property
    def stop(self) -> Stop:
        """The warehouse that stops, and when."""
        begins = self.begins + STOP_BEGINS
        return Stop(STOPPED, begins, begins + STOP_LASTS)

    def all_shops(self) -> Sequence[Shop]:
        """The shops, the largest first."""
        return [self._shop(rank) for rank in range(1, self.shops + 1)]

    def hit(self) -> Sequence[Shop]:
        """The shops that ship from the warehouse that stops."""
        return [shop for shop in self.all_shops() if shop.warehouse == self.stop.warehouse]

    def _shop(self, rank: int) -> Shop:
        warehouse = list(WAREHOUSES)[(rank - 1) % len(WAREHOUSES)]
        forgets = 0.01 + 0.01 * (rank % 3)
        return Shop(f"shop-{rank:02}", warehouse, rank**-SIZES_FALL_BY, forgets)

    def payments(self, dice: Random) -> Iterator[tuple[int, Shop]]:
        """When somebody pays, and whom; in the order of time."""
        shops = self.all_shops()
        hours = list(accumulate(RHYTHM))
        shares = list(accumulate(shop.weight for shop in shops))
        for day in range(self.days):
            midnight = self.begins + day * DAY
            times = sorted(midnight + _time_of_day(hours, dice) for _ in range(self.orders_a_day))
            yield from ((at, shops[bisect(shares, dice.random() * shares[-1])]) for at in times)


def _time_of_day(hours: Sequence[int], dice: Random) -> int:
    hour = bisect(hours, dice.randrange(hours[-1]))
    return hour * HOUR + dice.randrange(HOUR)
