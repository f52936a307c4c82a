"""Which shops trade in the simulated marketplace, how big are they, and for how long do they trade?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR

WAREHOUSES = {"north": "110000", "east": "310000", "south": "440000", "west": "510000"}
"""Where goods leave from, and the region codes of these places."""

_WAREHOUSE_NAMES = tuple(WAREHOUSES)

CARRIERS = ("swift", "heron", "postal")

SIZES_FALL_BY = 0.8
"""The exponent of Zipf's law: of 20 shops the largest has 16 % of the orders, the smallest 1.5 %."""

FIRST_DAY = 1_740_931_200_000
"""2025-03-03T00:00:00+08:00, a Monday."""

OFFSET = timedelta(hours=8)
"""The marketplace's clocks are ahead of UTC by this; its days begin at its own midnight."""
OFFSET_MS = 8 * HOUR


def weight(rank: int) -> float:
    """How many orders the shop of that rank has, against the largest."""
    return float(rank**-SIZES_FALL_BY)


class Shop(NamedTuple):
    """A shop ships from one warehouse; ``forgets`` is the share of its orders that it ships a day late."""

    rank: int
    """1 is the largest."""
    shop_id: str
    warehouse: str
    forgets: float

    @property
    def region(self) -> str:
        """The region code that its goods come from."""
        return WAREHOUSES[self.warehouse]


@dataclass(frozen=True, slots=True)
class Trade:
    """``shops`` shops that take about ``orders_a_day`` orders together, for ``days`` days from ``begins`` on."""

    seed: int = 7
    days: int = 8
    shops: int = 20
    orders_a_day: int = 800
    begins: int = FIRST_DAY

    @property
    def ends(self) -> int:
        """From here on nobody orders, or asks for money back."""
        return self.begins + self.days * DAY

    def shop(self, rank: int) -> Shop:
        """The shop of that rank; made when asked for, so that a million shops cost nothing until they trade."""
        warehouse = _WAREHOUSE_NAMES[(rank - 1) % len(_WAREHOUSE_NAMES)]
        digits = max(2, len(str(self.shops)))
        forgets = 0.01 + 0.01 * (rank % 3)
        return Shop(rank, f"shop-{rank:0{digits}}", warehouse, forgets)

    def all_shops(self) -> Sequence[Shop]:
        """The shops, the largest first."""
        return [self.shop(rank) for rank in range(1, self.shops + 1)]

    def orders_of(self, rank: int) -> float:
        """How many a day the shop of that rank takes, on the average."""
        return self.orders_a_day * weight(rank) / self._all_weights()

    def shops_with(self, orders: float) -> int:
        """How many of them, the largest, take at least so many orders a day."""
        least = orders * self._all_weights() / self.orders_a_day
        return sum(weight(rank) >= least for rank in range(1, self.shops + 1))

    def _all_weights(self) -> float:
        return sum(map(weight, range(1, self.shops + 1)))
