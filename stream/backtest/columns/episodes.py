"""When does a tier fire and resolve?  Its states over what it makes of the counts, in one version (SEMANTICS R6)."""

from typing import NamedTuple

import numpy as np

from stream.backtest.columns.lines import BREACH, CLEAR, Classes
from stream.backtest.timeline.rows import I32, I64, Flags

STILL = 1 << 62
"""When that resolves which still fires at the end."""


class Episodes(NamedTuple):
    """The alerts of one tier, by shop and then by time."""

    shop: I32
    fired_at: I64
    clear_since: I64
    """Since when it was clear at resolving; `STILL` if it has not resolved."""
    resolved_at: I64

    def some(self, which: Flags) -> "Episodes":
        """Those of ``which``."""
        return Episodes(
            self.shop[which], self.fired_at[which], self.clear_since[which], self.resolved_at[which]
        )


class Runs(NamedTuple):
    """Stretches of time in which a tier makes the same of a shop's counts."""

    shop: I32
    begins: I64
    ends: I64
    """The first instant behind it."""
    made: Classes


def runs(shop: I32, at: I64, made: Classes, end: int) -> Runs:
    """The stretches of all shops, the last of each up to ``end``."""
    new = np.ones(len(at), np.bool_)
    new[1:] = (made[1:] != made[:-1]) | (shop[1:] != shop[:-1])
    first = np.flatnonzero(new)
    shops, begins = shop[first], at[first]
    ends = np.full(len(first), end + 1, np.int64)
    ends[:-1] = np.where(shops[1:] == shops[:-1], begins[1:], end + 1)
    return Runs(shops, begins, ends, made[first])


def episodes(of: Runs, hold: int, keep_firing: int) -> Episodes:
    """What fires and resolves.

    A stretch of breach that outlasts ``hold`` fires unless the tier fires already; a clear one that outlasts
    ``keep_firing`` resolves what fires.  So of the stretches that could do either, those count that do not follow on their like.
    """
    fires = (of.made == BREACH) & (of.begins + hold < of.ends)
    resolves = (of.made == CLEAR) & (of.begins + keep_firing < of.ends)
    able = np.flatnonzero(fires | resolves)
    shop, firing = of.shop[able], fires[able]
    after_firing = _shifted(firing) & _shifted(shop, same=True)
    starts = able[firing & ~after_firing]
    ends = able[~firing & after_firing]
    return _paired(of, starts, ends, hold, keep_firing)


def _shifted(values: np.ndarray, *, same: bool = False) -> Flags:
    """Of each the one before or, with ``same``, whether that is the same; the first has none."""
    found = np.zeros(len(values), np.bool_)
    found[1:] = values[1:] == values[:-1] if same else values[:-1]
    return found


def _paired(of: Runs, starts: I64, ends: I64, hold: int, keep_firing: int) -> Episodes:
    """Each beginning with the end that comes next, if it is of the same shop."""
    after = np.searchsorted(ends, starts)
    clear_since = np.full(len(starts), STILL, np.int64)
    has_next = after < len(ends)
    which = ends[after[has_next]]
    mine = of.shop[which] == of.shop[starts[has_next]]
    resolved = np.flatnonzero(has_next)[mine]
    clear_since[resolved] = of.begins[which[mine]]
    resolved_at = np.where(clear_since == STILL, STILL, clear_since + keep_firing)
    return Episodes(of.shop[starts], of.begins[starts] + hold, clear_since, resolved_at)
