"""What would be if no further fact came?  When a tier is in breach next, and how many orders to ship save it (SEMANTICS P1-P3).

It is asked for when a document of rates is made, and when a tier with a forecast is judged: without such tiers never for an event.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import final

from stream.engine.foresight_course import Course, Plain, Stretch
from stream.engine.foresight_orders import Ahead, Fate, OpenOrders, PromiseMetric
from stream.engine.rules import CompiledTier, RateTier, TierKey
from stream.engine.shop import Shop
from stream.engine.verdicts import Verdicts
from stream.engine.windows import Layout
from stream.policy.spec import MetricAnchor


@final
class Reign:
    """From ``begins`` to ``ends``, both included, a tier is judged so, over ``course``; the open orders that might be shipped are
    those of the metric ``ranked_by``.
    """

    __slots__ = ("begins", "course", "ends", "ranked_by", "tier")

    def __init__(self, begins: int, ends: int, tier: RateTier, course: Course, ranked_by: str) -> None:
        self.begins = begins
        self.ends = ends
        self.tier = tier
        self.course = course
        self.ranked_by = ranked_by

    def is_safe(self) -> bool:
        """Whether there is no breach, as far as can be told without going through the time."""
        bounds = self.course.bounds()
        return bounds is not None and self.tier.is_safe(bounds)

    def breaches(self, shipped: int) -> Iterator[Stretch]:
        """The stretches that end in breach, if the first ``shipped`` open orders are shipped now."""
        for stretch in self.course.stretches(shipped, self.begins, self.ends):
            if self.tier.breach_of(self.course.at(stretch, stretch.ends, shipped)):
                yield stretch

    def begin_of_breach(self, stretch: Stretch) -> int:
        """The first instant of ``stretch``, which ends in breach, at which it is, if nothing is shipped."""

        def is_breach(at: int) -> bool:
            return self.tier.breach_of(self.course.at(stretch, at, 0))

        if is_breach(stretch.begins):
            return stretch.begins
        dues = self.course.dues_within(stretch)
        return dues[_first(0, len(dues) - 1, lambda index: is_breach(dues[index]))]

    def clear_from(self, stretch: Stretch, shipped: int, most: int) -> int | None:
        """How many orders are to be shipped, at least, for the end of ``stretch`` to be no breach; None: ``most`` do not do."""
        if not self.course.fates:
            return self._searched(stretch, shipped, most)
        good, bad = stretch.good, stretch.bad
        for rank in range(shipped, most):
            more_good, more_bad = self.course.gained(rank, stretch.ends)
            good, bad = good + more_good, bad + more_bad
            if not self.tier.breach_of(self.course.with_plain(stretch.ends, rank + 1, good, bad)):
                return rank + 1
        return None

    def _searched(self, stretch: Stretch, shipped: int, most: int) -> int | None:
        """The same where all orders are plain: there each half of a breach, once it ends, is over."""

        def is_over(half: RateTier, count: int) -> bool:
            sums = self.course.with_plain(stretch.ends, count, stretch.good, stretch.bad)
            return not half.breach_of(sums)

        by_count = replace(self.tier, line=None)
        by_rate = replace(self.tier, tier=replace(self.tier.tier, bad_above=None))
        while shipped <= most and not is_over(self.tier, shipped):
            half = by_rate if is_over(by_count, shipped) else by_count
            shipped = _first(shipped, most + 1, partial(is_over, half))
        return None if shipped > most else shipped

    def lacking(self, stretch: Stretch, shipped: int) -> int:
        """How bad it is at the end of ``stretch``, to compare by."""
        sums, line = self.course.at(stretch, stretch.ends, shipped), self.tier.line
        return sums.bad if line is None else line.over * sums.counted - line.under * sums.good


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The first number of ``low`` up to ``high`` from which on it ``holds``; ``high``, which is not asked, if none below does."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


TierAt = Callable[[TierKey, int], CompiledTier | None]
"""A tier as the version in force at an instant has it."""


class Foresight:
    """Of all shops under a policy."""

    def __init__(self, verdicts: Verdicts, layout: Layout, tier_at: TierAt) -> None:
        self.verdicts = verdicts
        self.layout = layout
        self.tier_at = tier_at
        self.metrics: Mapping[str, PromiseMetric] = {
            name: PromiseMetric(name, verdicts) for name in verdicts.promises
        }


class Forecast:
    """Of one shop at ``t``, where its windows and open orders stand now."""

    def __init__(self, foresight: Foresight, shop: Shop, t: int) -> None:
        self._foresight = foresight
        self._shop = shop
        self._t = t
        self._open: dict[str, OpenOrders] = {}
        self._fates: dict[tuple[str, str], Sequence[Fate]] = {}
        self._courses: dict[tuple[int, str], Course] = {}
        self._reigns_of: dict[TierKey, list[Reign]] = {}

    def on_promises(self, metric: str | None) -> bool:
        """Whether a metric is on shipping in time."""
        return metric is not None and metric in self._foresight.metrics

    def open_orders(self, metric: str) -> OpenOrders:
        """Those of a metric on shipping in time (P3)."""
        found = self._open.get(metric)
        if found is None:
            due_of = self._foresight.metrics[metric].open_in(self._shop)
            found = self._open[metric] = OpenOrders(due_of)
        return found

    def breach_at(self, tier: RateTier) -> int | None:
        """When a tier of the version in force on such a metric is in breach next; None: never, or it is already (P1)."""
        for reign in self._dangers(tier):
            for stretch in reign.breaches(0):
                return reign.begin_of_breach(stretch)
        return None

    def to_save(self, tier: RateTier) -> int | None:
        """How many of the orders due first are to be shipped now, so that it never is; None: all are not enough (P2)."""
        reigns = self._dangers(tier)
        return _to_save(reigns, len(self.open_orders(reigns[0].ranked_by).ids)) if reigns else 0

    def _dangers(self, tier: RateTier) -> Sequence[Reign]:
        """The tier through the time ahead; empty where it is plain that nothing will happen, or it has happened already."""
        found = self._reigns_of.get(tier.key)
        if found is None:
            metric = self._foresight.layout.keys[tier.window].metric
            orders = self.open_orders(metric)
            found = []
            if orders.ids and not tier.breach(self._shop.windows.sums):
                found = list(self._reigns(tier, metric, orders.dues[-1]))
            if len(found) == 1 and found[0].is_safe():
                found = []
            self._reigns_of[tier.key] = found
        return found

    def _reigns(self, tier: RateTier, metric: str, last: int) -> Iterator[Reign]:
        """The tier as it goes on through the versions up to ``last``, where it is on such a metric (V2)."""
        starts = [version.effective_from for version in self._foresight.verdicts.policy.versions]
        ends = [start - 1 for start in starts if self._t + 1 < start <= last]
        begins = self._t + 1
        for end in (*ends, last):
            now = self._foresight.tier_at(tier.key, begins)
            if isinstance(now, RateTier) and self.on_promises(now.rule.metric):
                yield Reign(begins, end, now, self._course(now.window, metric, last), metric)
            begins = end + 1

    def _course(self, window: int, ranked_by: str, last: int) -> Course:
        """Of a window, where open orders of the metric ``ranked_by`` might be shipped."""
        found = self._courses.get((window, ranked_by))
        if found is not None:
            return found
        layout = self._foresight.layout
        key = layout.keys[window]
        ahead = self._foresight.metrics[key.metric].ahead(self._t, last)
        panes = self._shop.windows.panes[layout.series_of[window].index]
        sums = self._shop.windows.sums[window]
        fates = self._fates_of(key.metric, ranked_by, ahead)
        found = Course(key, ahead, panes, sums, self._plain(key.metric, ranked_by, fates), fates)
        self._courses[window, ranked_by] = found
        return found

    def _fates_of(self, metric: str, ranked_by: str, ahead: Ahead) -> Sequence[Fate]:
        found = self._fates.get((metric, ranked_by))
        if found is None:
            anchor = self._anchor(metric) if metric == ranked_by else None
            ranked = self.open_orders(ranked_by).ids
            found = self._foresight.metrics[metric].fates(self._shop, ranked, anchor, ahead)
            self._fates[metric, ranked_by] = found
        return found

    def _plain(self, metric: str, ranked_by: str, fates: Sequence[Fate]) -> Plain:
        """All open orders that have no fate of their own; of another metric than they are ranked by none is plain."""
        if metric != ranked_by:
            return Plain([], [], "shipped")
        dues, anchor = self.open_orders(metric).dues, self._anchor(metric)
        if not fates:
            return Plain(dues, range(len(dues)), anchor)
        odd = {fate.rank for fate in fates}
        ranks = [rank for rank in range(len(dues)) if rank not in odd]
        return Plain([dues[rank] for rank in ranks], ranks, anchor)

    def _anchor(self, metric: str) -> MetricAnchor:
        version = self._foresight.verdicts.version_at(self._t)
        if version is None:
            raise ValueError("no tier is judged before the first version")
        return version.metrics[metric].anchor


def _to_save(reigns: Sequence[Reign], most: int) -> int | None:
    """The least number of orders to ship, of ``most``, with which no instant is a breach (P2).

    More orders need not be better: with a few more, enough may count for the tier to be judged at all.  So from one number
    that will not do the next is the first with which the worst instant is no breach, until there is no such instant.
    """
    shipped = 0
    while True:
        found = [(reign, stretch) for reign in reigns for stretch in reign.breaches(shipped)]
        if not found:
            return shipped
        reign, stretch = max(found, key=lambda each: each[0].lacking(each[1], shipped))
        better = reign.clear_from(stretch, shipped, most)
        if better is None:
            return None
        shipped = better
