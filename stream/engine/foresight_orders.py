"""Which orders of a shop are open, and what becomes of each if no further fact comes?  (SEMANTICS P1-P3)

Open are the orders that wait for their promise to pass, of which the engine keeps a list: none is looked for.  Nearly all of
them are *plain*: bad at their due, good if shipped now, and nothing else can happen; their dues are all there is to know.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import final

from stream.engine.facts import Shipped
from stream.engine.findings import BoundMetric, Findings, Unit
from stream.engine.joining import join
from stream.engine.order import Order
from stream.engine.shop import Shop
from stream.engine.verdicts import Verdicts
from stream.engine.view import View
from stream.policy.spec import MetricAnchor

_NO_PACKAGE = ""
"""No package is called so: an id is never empty."""

NEVER_SHIPPED = -1
"""The rank of an order that is not among those that might be shipped."""


@final
class OpenOrders:
    """Those of a shop under one metric: first those due first, ties by order id."""

    __slots__ = ("dues", "ids")

    def __init__(self, due_of: Mapping[str, int]) -> None:
        ids = sorted(due_of, key=due_of.__getitem__)
        dues = [due_of[order_id] for order_id in ids]
        if len(set(dues)) < len(dues):
            ids = sorted(sorted(due_of), key=due_of.__getitem__)
        self.ids = ids
        self.dues = dues

    def due_by(self, t: int) -> int:
        """How many are due no later than ``t``."""
        return bisect_right(self.dues, t)


@final
class Moment:
    """From ``at`` on this unit counts, or none, until the next moment."""

    __slots__ = ("at", "unit")

    def __init__(self, at: int, unit: Unit | None) -> None:
        self.at = at
        self.unit = unit


@final
class Ahead:
    """From ``t`` on, of which nothing after it is known, up to ``last``; exemptions are published at ``published``."""

    __slots__ = ("last", "published", "t")

    def __init__(self, t: int, last: int, published: Sequence[int]) -> None:
        self.t = t
        self.last = last
        self.published = published

    def moments(self, view: View, bound: BoundMetric) -> list[Moment]:
        """What counts of an order if its facts stay those of ``view``."""
        published = self.published if bound.exemptions.of(view.paid) else ()
        found: list[Moment] = []
        at = self.t
        while at <= self.last:
            now = Findings(at)
            bound.kind.judge(view, bound, now)
            found.append(Moment(at, now.units[0] if now.units else None))
            after = [each for each in published if each > at][:1] + [each.deadline for each in now.pending]
            at = min(after, default=self.last + 1)
        return found


@final
class Fate:
    """What becomes of one order that is not plain, left alone or shipped now.

    ``rank`` is its place among the orders that might be shipped; ``standing`` what the windows hold of it now.
    """

    __slots__ = ("_ahead", "_bound", "_order", "_shipped", "_verdicts", "left", "rank", "standing")

    def __init__(  # noqa: PLR0913, PLR0917 - a record
        self, rank: int, order: Order, bound: BoundMetric, view: View, verdicts: Verdicts, ahead: Ahead
    ) -> None:
        self.rank = rank
        self.left: Sequence[Moment] = ahead.moments(view, bound)
        self.standing: Unit | None = self.left[0].unit
        self._order = order
        self._bound = bound
        self._verdicts = verdicts
        self._ahead = ahead
        self._shipped: Sequence[Moment] | None = None

    def shipped(self) -> Sequence[Moment]:
        """If it were shipped now; found when it is asked for."""
        if self._shipped is None:
            t = self._ahead.t
            by_now = tuple([fact for fact in self._order.shipped if fact.at <= t])
            order = Order(*self._order.fields())
            order.shipped = by_now
            join(order, Shipped.of(t, "", _NO_PACKAGE, "", None))
            view = self._verdicts.state_of(order, t)
            self._shipped = self._ahead.moments(view, self._bound) if view is not None else ()
        return self._shipped


class PromiseMetric:
    """A metric on shipping in time: what is the same for all orders under it, in all versions."""

    def __init__(self, name: str, verdicts: Verdicts) -> None:
        self.name = name
        self._verdicts = verdicts
        self._passing = verdicts.passing_of(name)
        exemptions = [each for each in verdicts.policy.exemptions if name in each.metrics]
        published = {each.published_at for each in exemptions}
        self._published = sorted([at for at in published if at is not None])
        versions = verdicts.policy.versions
        anchors = {version.metrics[name].anchor for version in versions if name in version.metrics}
        self._all_plain = len(anchors) == 1 and not exemptions and "paid" not in anchors

    def open_in(self, shop: Shop) -> Mapping[str, int]:
        """When each open order is due."""
        return shop.open.get(self._passing, {})

    def ahead(self, t: int, last: int) -> Ahead:
        """The time in which to look."""
        first = bisect_right(self._published, t)
        return Ahead(t, last, self._published[first : bisect_right(self._published, last)])

    def fates(
        self, shop: Shop, ranked: Sequence[str], anchor: MetricAnchor | None, ahead: Ahead
    ) -> Sequence[Fate]:
        """Of all orders that could matter and are not plain; ``anchor`` is how plain ones are placed, None: none is plain.

        Such are open, or might be shipped as they are open under the metric asked about (``ranked``, first those due first),
        or, where an exemption is published meanwhile, any.
        """
        ranks = {order_id: rank for rank, order_id in enumerate(ranked)}
        fates = []
        for order_id in self._suspects(shop, ranked, anchor, ahead):
            rank = ranks.get(order_id, NEVER_SHIPPED)
            fate = self._fate(shop.orders[order_id].order(), rank, anchor, ahead)
            if fate is not None:
                fates.append(fate)
        return fates

    def _suspects(
        self, shop: Shop, ranked: Sequence[str], anchor: MetricAnchor | None, ahead: Ahead
    ) -> Iterable[str]:
        if self._all_plain and anchor is not None:
            return [order_id for order_id in shop.long_promised if order_id in self.open_in(shop)]
        others: Iterable[str] = shop.orders if ahead.published else self.open_in(shop)
        return dict.fromkeys([*ranked, *others])

    def _fate(self, order: Order, rank: int, anchor: MetricAnchor | None, ahead: Ahead) -> Fate | None:
        """None if the order is plain, or under no such metric."""
        bound = self._verdicts.bound_of(order, self.name)
        view = None if bound is None else self._verdicts.state_of(order, ahead.t)
        if bound is None or view is None:
            return None
        plain = rank != NEVER_SHIPPED and bound.metric.anchor == anchor != "paid"
        # A shipping so long after the payment that it counts for nothing saves no order (F5).
        in_time = ahead.t <= view.paid.at + self._verdicts.keep_of(order)
        if plain and in_time and not bound.exemptions.of(view.paid):
            return None
        return Fate(rank, order, bound, view, self._verdicts, ahead)
