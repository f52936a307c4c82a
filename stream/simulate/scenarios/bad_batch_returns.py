"""What if a shop sells a bad batch, and it comes back?"""

from dataclasses import dataclass
from random import Random
from typing import ClassVar, Self

from stream.simulate.scenario import Scenario, Site
from stream.simulate.shops import DAY, Shop

SOLD = 2 * DAY
BAD = 0.7
LEAST_ORDERS = 20.0
"""A shop with fewer orders a day has too few to be judged by."""


@dataclass(frozen=True, slots=True)
class BadBatchReturns(Scenario):
    """Most of what some shops sell meanwhile is asked back, from half a day after its arrival on."""

    name: ClassVar[str] = "bad_batch_returns"
    metric: ClassVar[str] = "return"

    ranks: frozenset[int]

    @classmethod
    def placed(cls, site: Site) -> Self:
        """As early as may be: it takes days to come back."""
        begins = min(site.moment(10), site.trade.begins + 3 * DAY)
        return cls(begins, begins + SOLD, site.single_shops(LEAST_ORDERS))

    def hits(self, shop: Shop) -> bool:
        """Those that sell it."""
        return shop.rank in self.ranks

    def comes_back(self, paid: int, dice: Random) -> bool:
        """Whether it is of the batch, and bad."""
        return self.during(paid) and dice.random() < BAD
