"""What is due when?  A heap of instants, and for each the lists of what happens then: never a heap entry an event."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from stream.engine.windows import Boundary

OrderKey = tuple[str, str]
"""Shop and order."""

_Asked = tuple[str, str, int]
"""Shop, order, and why to look at it, as bits."""


@dataclass(slots=True)
class Due:
    """What happens at one instant; what is named twice happens once."""

    orders: dict[OrderKey, int]
    """Orders to be looked at, and why, as bits: see `stream.engine.verdicts`."""
    boundaries: list[tuple[str, Boundary]]
    """Panes of shops that enter or leave a window."""
    tiers: dict[str, int]
    """Shops with a rule's timer that ends, and the windows whose tiers are to be judged, as bits."""
    turn: bool
    """A version starts, or an exemption is published."""

    def __bool__(self) -> bool:
        return bool(self.orders or self.boundaries or self.tiers or self.turn)


@dataclass(slots=True)
class Timers:
    """Of one engine.

    At most instants one order is due and nothing else, and there are as many of them as there are open orders: so they
    have no container of their own, shop, order and bits being one tuple.  Where there are more, what was asked for is kept as it
    came and put together when the instant does: bits below 0 are the complement of those that are cancelled.
    """

    _orders: dict[int, _Asked | list[_Asked]] = field(default_factory=dict)
    _boundaries: dict[int, list[tuple[str, Boundary]]] = field(default_factory=dict)
    _tiers: dict[int, dict[str, int]] = field(default_factory=dict)
    _turns: set[int] = field(default_factory=set)
    _instants: list[int] = field(default_factory=list)

    def revisit(self, t: int, key: OrderKey, bits: int) -> None:
        """Look at an order at ``t``."""
        there = self._orders.get(t)
        if there is None:
            heapq.heappush(self._instants, t)
            self._orders[t] = (key[0], key[1], bits)
        elif isinstance(there, list):
            there.append((key[0], key[1], bits))
        else:
            self._orders[t] = [there, (key[0], key[1], bits)]

    def cancel(self, t: int, key: OrderKey, bits: int) -> None:
        """Do not look at an order at ``t`` for these reasons any more."""
        there = self._orders.get(t)
        if there is None:
            return
        if isinstance(there, list):
            there.append((key[0], key[1], ~bits))
            return
        shop, order, known = there
        if order == key[1] and shop == key[0]:
            if known & ~bits:
                self._orders[t] = (shop, order, known & ~bits)
            else:
                del self._orders[t]

    def cross(self, t: int, shop: str, boundary: Boundary) -> None:
        """A pane of a shop enters or leaves a window at ``t``."""
        there = self._boundaries.get(t)
        if there is None:
            heapq.heappush(self._instants, t)
            there = self._boundaries[t] = []
        there.append((shop, boundary))

    def judge(self, t: int, shop: str, windows: int) -> None:
        """Judge the tiers of a shop that look at one of these windows, as bits, at ``t``."""
        there = self._tiers.get(t)
        if there is None:
            heapq.heappush(self._instants, t)
            there = self._tiers[t] = {}
        there[shop] = there.get(shop, 0) | windows

    def turn(self, t: int) -> None:
        """A version starts at ``t``, or an exemption is published."""
        heapq.heappush(self._instants, t)
        self._turns.add(t)

    def until(self, watermark: int) -> Iterator[tuple[int, Due]]:
        """Take out what is due up to ``watermark``, instant by instant; meanwhile more may be added at later ones."""
        while self._instants and self._instants[0] <= watermark:
            t = heapq.heappop(self._instants)
            due = self._take(t)
            if due:
                yield t, due

    def _take(self, t: int) -> Due:
        orders = _together(self._orders.pop(t, []))
        turn = t in self._turns
        self._turns.discard(t)
        return Due(orders, self._boundaries.pop(t, []), self._tiers.pop(t, {}), turn)


def _together(asked: _Asked | list[_Asked]) -> dict[OrderKey, int]:
    """Why to look at each order."""
    if isinstance(asked, tuple):
        return {(asked[0], asked[1]): asked[2]}
    why: dict[OrderKey, int] = {}
    for shop, order, bits in asked:
        key = (shop, order)
        known = why.get(key, 0)
        why[key] = known | bits if bits >= 0 else known & bits
    return why
