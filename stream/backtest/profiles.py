"""What kind of shop is each: of which category, from which region, how large?"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from stream.backtest.known import Known

NO_CATEGORY = "(none)"
"""Of orders that name none."""

CLASSES = 4
"""Shops are put into so many classes of size, about as many in each."""


class Profile(NamedTuple):
    """A shop; category and region are those of most of its orders, of equals the least by name."""

    category: str
    region: str
    orders: int
    """How many were paid."""


def profiles(known: Known) -> Mapping[str, Profile]:
    """Every shop of which an order was paid, by name."""
    found = {shop: _profile(known, shop) for shop in sorted(known.shops)}
    return {shop: profile for shop, profile in found.items() if profile is not None}


def _profile(known: Known, shop: str) -> Profile | None:
    paid = [order.paid for _, order in known.orders(shop) if order.paid is not None]
    if not paid:
        return None
    categories = Counter(NO_CATEGORY if each.category is None else each.category for each in paid)
    return Profile(_most(categories), _most(Counter(each.ship_from for each in paid)), len(paid))


def _most(counted: Counter[str]) -> str:
    return min(counted, key=lambda name: (-counted[name], name))


@dataclass(frozen=True, slots=True)
class Sizes:
    """Classes of shops by their orders, the smallest first; each up to and including its bound."""

    bounds: Sequence[int]
    least: int

    def of(self, orders: int) -> str:
        """The class of a shop with so many."""
        index = bisect_left(self.bounds, orders)
        first = self.least if index == 0 else self.bounds[index - 1] + 1
        last = self.bounds[index]
        return f"{first} orders" if first == last else f"{first} to {last} orders"

    def names(self) -> list[str]:
        """Of all classes, the smallest first."""
        return [self.of(bound) for bound in self.bounds]


def sizes(orders: Collection[int]) -> Sizes:
    """The quartiles of these counts, by nearest rank; shops with as many orders are in one class."""
    if not orders:
        return Sizes((), 0)
    rising = sorted(orders)
    ranks = [-(-len(rising) * part // CLASSES) - 1 for part in range(1, CLASSES + 1)]
    return Sizes(sorted({rising[rank] for rank in ranks}), rising[0])
