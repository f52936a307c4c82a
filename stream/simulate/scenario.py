"""What can befall shops, and at which moments of an order's life does it tell?

A scenario is a plain value: who is hit, from when, until when.  Each of its methods answers one question of an order of a shop
that is hit, and leaves everything as it is unless the scenario says otherwise.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import ClassVar, Self

from stream.simulate.shops import DAY, HOUR, OFFSET_MS, WAREHOUSES, Shop, Trade

SHARE_HIT = 20
"""Of so many shops one is hit by what befalls single shops."""


@dataclass(slots=True)
class Site:
    """Where there is room for one more scenario: what others have taken is taken again only if nothing else is left."""

    trade: Trade
    dice: Random
    taken: set[str | int] = field(default_factory=set)
    """Names of warehouses, ranks of shops."""

    def moment(self, hour: int) -> int:
        """That hour of a day with some days of trade before it, and some behind it, as far as there are so many."""
        days = self.trade.days
        first = 2 if days >= 5 else (days - 1) // 2
        day = self.dice.randint(first, max(first, days - 4))
        midnight = self.trade.begins - (self.trade.begins + OFFSET_MS) % DAY
        return max(self.trade.begins, midnight + day * DAY + hour * HOUR)

    def warehouse(self) -> str:
        """One from which some shop ships."""
        used = list(WAREHOUSES)[: self.trade.shops]
        chosen = self.dice.choice([name for name in used if name not in self.taken] or used)
        self.taken.add(chosen)
        self.taken.update(
            rank for rank in range(1, self.trade.shops + 1) if self.trade.shop(rank).warehouse == chosen
        )
        return chosen

    def single_shops(self, orders: float) -> frozenset[int]:
        """The ranks of some shops with at least so many orders a day; of the largest, if none has."""
        large = range(1, max(1, self.trade.shops_with(orders)) + 1)
        free = [rank for rank in large if rank not in self.taken] or list(large)
        chosen = self.dice.sample(free, min(len(free), max(1, self.trade.shops // SHARE_HIT)))
        self.taken.update(chosen)
        return frozenset(chosen)


@dataclass(frozen=True, slots=True)
class Scenario(ABC):
    """It begins and ends (milliseconds since 1970); what it did to an order may show later."""

    name: ClassVar[str]
    """By which it is chosen."""
    metric: ClassVar[str]
    """The kind of metric that it makes its shops fail by."""
    delay_reports: ClassVar[float | None] = None
    """How often an order that will be late gets a later promise in time; None: as often as everywhere."""

    begins: int
    ends: int

    @classmethod
    @abstractmethod
    def placed(cls, site: Site) -> Self:
        """One of its kind."""

    @abstractmethod
    def hits(self, shop: Shop) -> bool:
        """Whether anything changes for this shop."""

    @property
    def region(self) -> str | None:
        """The region code, of a scenario for which a platform would exempt a region."""
        return None

    def more_orders(
        self, _trade: Trade, _begins: int, _ends: int, _dice: Random
    ) -> Iterator[tuple[int, int]]:
        """Orders beside the usual ones, between two moments: when, and the rank of the shop."""
        return iter(())

    def leaves(self, _paid: int, leaves: int) -> int:
        """When goods are handed over that would be at ``leaves``."""
        return leaves

    def scanned(self, _carrier: str, _shipped: int, scanned: int, _dice: Random) -> int | None:
        """When a package is scanned that would be at ``scanned``; None: never."""
        return scanned

    def comes_back(self, _paid: int, _dice: Random) -> bool:
        """Whether goods come back that would not."""
        return False

    def answered(self, _asked: int, answered: int, _dice: Random) -> int:
        """When a request for money back is answered that would be at ``answered``."""
        return answered

    def during(self, at: int) -> bool:
        """Whether it goes on at that moment."""
        return self.begins <= at < self.ends
