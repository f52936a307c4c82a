"""Where is a tier in breach, and where is it not clear?  Over all points of its window at once (SEMANTICS R2-R4).

Comparison is by whole numbers.  Where their products might not fit into 64 bits, Python's own numbers are used, which have
room for any.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from stream.backtest.columns.points import Points
from stream.backtest.timeline.rows import Flags
from stream.engine.rules import RateTier, Ratio

Classes = NDArray[np.uint8]

CLEAR, BETWEEN, BREACH, GONE = 0, 1, 2, 3
"""What a tier makes of its counts; `GONE`: the version in force has no such tier."""

_ROOM = 1 << 62


@dataclass(slots=True)
class Lines:
    """The points of one window, and on which side of each line that was asked for they lie; many tiers ask for the same."""

    points: Points
    _known: dict[tuple[object, ...], Flags] = field(default_factory=dict)

    def classes(self, tier: RateTier) -> Classes:
        """What ``tier`` makes of every point."""
        breach = self._breach(tier)
        found: Classes = breach.astype(np.uint8) * BREACH
        if tier.clear_at is not None and (tier.clear_at != tier.line or tier.tier.min_bad is not None):
            held = self._enough(tier.tier.min_orders) & self._beyond(tier.good_share, tier.clear_at)
            found[held & ~breach] = BETWEEN
        return found

    def narrowed(self, tiers: Sequence[RateTier]) -> "Lines":
        """As much of it as can matter to any of ``tiers``.

        Of a stretch of points at which every one of them is clear only the first is left, and nothing of one with which a shop
        begins: none of them changes its state in between.
        """
        points = self.points
        open_ = np.zeros(len(points.at), np.bool_)
        for good_share in (True, False):
            mine = [tier for tier in tiers if tier.good_share == good_share]
            lines = [tier.clear_at for tier in mine if tier.clear_at is not None]
            if lines:
                loosest = (max if good_share else min)(lines, key=lambda line: Fraction(*line))
                least = min(tier.tier.min_orders for tier in mine if tier.clear_at is not None)
                open_ |= self._enough(least) & self._beyond(good_share, loosest)
        counts = [tier.tier.bad_above for tier in tiers if tier.tier.bad_above is not None]
        if counts:
            open_ |= points.bad > min(counts)
        kept = open_.copy()
        kept[1:] |= open_[:-1] & (points.shop[1:] == points.shop[:-1])
        return Lines(points.some(kept))

    def _breach(self, tier: RateTier) -> Flags:
        spec, points = tier.tier, self.points
        breach = np.zeros(len(points.at), np.bool_)
        if tier.line is not None:
            breach = self._enough(spec.min_orders) & self._beyond(tier.good_share, tier.line)
            least = spec.min_bad
            if least is not None:
                breach &= self._once(("min_bad", least), lambda: points.bad >= least)
        most = spec.bad_above
        if most is not None:
            breach |= self._once(("bad_above", most), lambda: points.bad > most)
        return breach

    def _enough(self, least: int) -> Flags:
        return self._once(("min_orders", least), lambda: self.points.counted >= least)

    def _beyond(self, good_share: bool, line: Ratio) -> Flags:  # noqa: FBT001 - as the tier has it
        what = ("beyond", good_share, *line)
        return self._once(what, lambda: beyond(self.points, line, good_share=good_share))

    def _once(self, what: tuple[object, ...], make: Callable[[], Flags]) -> Flags:
        known = self._known.get(what)
        if known is None:
            known = self._known[what] = make()
        return known


def beyond(points: Points, line: Ratio, *, good_share: bool) -> Flags:
    """Where the rate is strictly on the bad side of ``line``."""
    over, under = line
    share = points.good if good_share else points.bad
    most = max(_greatest(share), _greatest(points.counted)) * max(abs(over), abs(under))
    kind = np.int64 if most < _ROOM else object
    left, right = share.astype(kind) * under, points.counted.astype(kind) * over
    found: Flags = (left < right if good_share else left > right).astype(np.bool_)
    return found


def _greatest(numbers: np.ndarray) -> int:
    return int(numbers.max()) if len(numbers) else 0
