"""What is due when?  A heap of instants, and for each the lists of what happens then: never a heap entry an event."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field

from stream.engine.windows import Boundary

OrderKey = tuple[str, str]
"""Shop and order."""


@dataclass(slots=True)
class Due:
    """What happens at one instant; what is named twice happens once."""

    orders: dict[OrderKey, int] = field(default_factory=dict)
    """Orders to be looked at, and why, as bits: see `stream.engine.verdicts`."""
    boundaries: list[tuple[str, Boundary]] = field(default_factory=list)
    """Panes of shops that enter or leave a window."""
    tiers: dict[str, int] = field(default_factory=dict)
    """Shops with a rule's timer that ends, and the windows whose tiers are to be judged, as bits."""
    turn: bool = False
    """A version starts, or an exemption is published."""

    @property
    def empty(self) -> bool:
        """Whether nothing happens."""
        return not (self.orders or self.boundaries or self.tiers or self.turn)


@dataclass(slots=True)
class Timers:
    """Of one engine."""

    _due: dict[int, Due] = field(default_factory=dict)
    _instants: list[int] = field(default_factory=list)

    def at(self, t: int) -> Due:
        """What is due at ``t``, to be added to."""
        due = self._due.get(t)
        if due is None:
            due = self._due[t] = Due()
            heapq.heappush(self._instants, t)
        return due

    def revisit(self, t: int, key: OrderKey, bits: int) -> None:
        """Look at an order at ``t``."""
        orders = self.at(t).orders
        orders[key] = orders.get(key, 0) | bits

    def cancel(self, t: int, key: OrderKey, bits: int) -> None:
        """Do not look at an order at ``t`` for these reasons any more."""
        due = self._due.get(t)
        if due is None or key not in due.orders:
            return
        due.orders[key] &= ~bits
        if not due.orders[key]:
            del due.orders[key]
        if due.empty:
            del self._due[t]

    def until(self, watermark: int) -> Iterator[tuple[int, Due]]:
        """Take out what is due up to ``watermark``, instant by instant; meanwhile more may be added at later ones."""
        while self._instants and self._instants[0] <= watermark:
            t = heapq.heappop(self._instants)
            due = self._due.pop(t, None)
            if due is not None:
                yield t, due
