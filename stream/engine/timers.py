"""What is due when?  A heap of instants, and for each the lists of what happens then: never a heap entry an event."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import final

from mypy_extensions import mypyc_attr

from stream.engine.keeping import Kept
from stream.engine.windows import Boundary


@mypyc_attr(acyclic=True)
@final
class Asked:
    """To look at an order, and why, as bits; below 0 these are the complement of those for which not to, any more."""

    __slots__ = ("bits", "kept")

    def __init__(self, kept: Kept, bits: int) -> None:
        self.kept = kept
        self.bits = bits


@dataclass(slots=True)
class Due:
    """What happens at one instant; what is named twice happens once."""

    orders: list[Asked]
    """Orders to be looked at, if there is any reason left, each once; for the bits see `stream.engine.verdicts`."""
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
    have no container of their own.  Where there are more, what was asked for is kept as it came, and put together when the instant does.
    """

    _orders: dict[int, Asked | list[Asked]] = field(default_factory=dict)
    _boundaries: dict[int, list[tuple[str, Boundary]]] = field(default_factory=dict)
    _tiers: dict[int, dict[str, int]] = field(default_factory=dict)
    _turns: set[int] = field(default_factory=set)
    _instants: list[int] = field(default_factory=list)

    def revisit(self, t: int, kept: Kept, bits: int) -> None:
        """Look at an order at ``t``."""
        there, asked = self._orders.get(t), Asked(kept, bits)
        if there is None:
            heapq.heappush(self._instants, t)
            self._orders[t] = asked
        elif isinstance(there, list):
            there.append(asked)
        else:
            self._orders[t] = [there, asked]

    def cancel(self, t: int, kept: Kept, bits: int) -> None:
        """Do not look at an order at ``t`` for these reasons any more."""
        there = self._orders.get(t)
        if there is None:
            return
        if isinstance(there, list):
            there.append(Asked(kept, ~bits))
        elif there.kept is kept:
            there.bits &= ~bits
            if not there.bits:
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
        asked = self._orders.pop(t, None)
        orders = [] if asked is None else _together(asked) if isinstance(asked, list) else [asked]
        turn = t in self._turns
        self._turns.discard(t)
        return Due(orders, self._boundaries.pop(t, []), self._tiers.pop(t, {}), turn)


def _together(asked: list[Asked]) -> list[Asked]:
    """Each order once."""
    if len({each.kept for each in asked}) == len(asked):
        return asked
    found: dict[Kept, Asked] = {}
    for each in asked:
        known = found.setdefault(each.kept, each)
        if each.bits < 0:
            known.bits = max(known.bits, 0) & each.bits
        else:
            known.bits |= each.bits
    return list(found.values())
