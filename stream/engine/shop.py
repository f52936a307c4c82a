"""What is known of one shop?  Its orders, what counts in its windows, and the states of its tiers."""

from dataclasses import dataclass, field

from stream.engine.keeping import Kept
from stream.engine.rules import TierKey
from stream.engine.states import TierState
from stream.engine.windows import ShopWindows


@dataclass(slots=True, eq=False)
class Shop:
    """One shop of a partition."""

    name: str
    orders_prefix: bytes
    """What the ledger's keys of its orders begin with."""
    windows: ShopWindows
    orders: dict[str, Kept] = field(default_factory=dict)
    """By order id."""
    open: dict[int, dict[str, int]] = field(default_factory=dict)
    """When each open order is due, by the bit of its metric: those that wait for their promise (SEMANTICS P3)."""
    long_promised: set[str] = field(default_factory=set)
    """Orders that were promised for later than their facts count (F5), open or not any more."""
    states: dict[TierKey, TierState] = field(default_factory=dict)
    """Of the tiers that are not inactive."""
    touched: int = 0
    """Windows, as bits, whose counts have changed and are still to be judged."""
    corrected: int = 0
    """Those of them from which a bad unit was taken back."""
    unsaved: bool = False
    """Whether the states have changed since they were handed out."""
