"""What if a shop sells in an evening what it cannot pack in days?"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Self

from stream.simulate.scenario import Scenario, Site
from stream.simulate.shops import DAY, HOUR, Shop, Trade

SALE = 3 * HOUR
DAYS_SOLD = 3
"""Orders of so many days come within the sale."""
PACKED_IN = 3 * DAY
LEAST_ORDERS = 15.0


@dataclass(frozen=True, slots=True)
class FlashSale(Scenario):
    """Some shops sell for three hours; they pack in the order in which was paid, and for days."""

    name: ClassVar[str] = "flash_sale"
    metric: ClassVar[str] = "on_time_ship"

    ranks: frozenset[int]

    @classmethod
    def placed(cls, site: Site) -> Self:
        """In the evening."""
        begins = site.moment(19)
        return cls(begins, begins + SALE, site.single_shops(LEAST_ORDERS))

    def hits(self, shop: Shop) -> bool:
        """Those that sell."""
        return shop.rank in self.ranks

    def more_orders(self, trade: Trade, begins: int, ends: int, dice: Random) -> Iterator[tuple[int, int]]:
        """Spread evenly over the sale."""
        begins, ends = max(begins, self.begins), min(ends, self.ends, trade.ends)
        if begins >= ends:
            return
        for rank in sorted(self.ranks):
            orders = trade.orders_of(rank) * DAYS_SOLD * (ends - begins) / SALE
            for _ in range(round(orders)):
                yield begins + int(dice.random() * (ends - begins)), rank

    def leaves(self, paid: int, leaves: int) -> int:
        """The first orders leave as usual, the last one three days later."""
        return leaves + (paid - self.begins) * (PACKED_IN // SALE) if self.during(paid) else leaves
