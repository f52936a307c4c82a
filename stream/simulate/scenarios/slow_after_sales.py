"""What if a shop's desk for refunds hardly answers any more?"""

from dataclasses import dataclass
from random import Random
from typing import ClassVar, Self

from stream.simulate.scenario import Scenario, Site
from stream.simulate.shops import DAY, HOUR, Shop

SLOW = 4 * DAY
LEAST_ORDERS = 45.0
"""Few orders are asked back: a shop with fewer a day has too few requests to be judged by."""


@dataclass(frozen=True, slots=True)
class SlowAfterSales(Scenario):
    """Requests of these days are answered after two to four days."""

    name: ClassVar[str] = "slow_after_sales"
    metric: ClassVar[str] = "after_sales"

    ranks: frozenset[int]

    @classmethod
    def placed(cls, site: Site) -> Self:
        """From a morning on, for four days."""
        begins = min(site.moment(9), site.trade.begins + 3 * DAY + 9 * HOUR)
        return cls(begins, begins + SLOW, site.single_shops(LEAST_ORDERS))

    def hits(self, shop: Shop) -> bool:
        """Those whose desk it is."""
        return shop.rank in self.ranks

    def answered(self, asked: int, answered: int, dice: Random) -> int:
        """Days later."""
        return answered + 2 * DAY + int(dice.random() * 2 * DAY) if self.during(asked) else answered
