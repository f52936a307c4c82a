"""Which units does an order have under a metric at an instant, and which of them are bad?  (SEMANTICS D1-D3, U1-U7, E1-E6)"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tests.oracle.facts import Order, Package, Refund
from tests.oracle.policies import Exemption, Metric

Anchors = Mapping[str, int | None]


@dataclass(frozen=True)
class Unit:
    """Something that counts: one that is not bad has no mark.  All kinds but the return have both at one place.

    A return is of an order; its refund is the one that marks it.
    """

    order_id: str
    package_id: str | None
    refund_id: str | None
    counted_at: int
    mark_at: int | None


@dataclass(frozen=True)
class Situation:
    """An order under a metric, with the exemptions that are published: all that its units follow from."""

    order: Order
    metric: Metric
    exemptions: Sequence[Exemption]
    t: int

    @property
    def promise(self) -> int | None:
        """The promise in force (D1); none without a ``ship_by`` (F4)."""
        promise, shipped = self.order.ship_by, self.order.shipped_at
        if promise is None:
            return None
        for change in sorted(self.order.changes, key=lambda change: (change.at, change.event_id.encode())):
            reasons = self.metric.promise_reasons
            listed = reasons is None or change.fields["reason"] in reasons
            timely = change.at <= promise and (shipped is None or change.at <= shipped)
            if listed and (timely or self.metric.retroactive):
                promise = change.fields["ship_by"]
        return promise

    def anchors(self, **own: int | None) -> Anchors:
        """The times that an exemption may ask for (E3); ``own`` are those of the unit."""
        return {"paid": self.order.paid.at, "due": self.promise, **own}

    def extended(self, deadline: int, anchors: Anchors) -> int:
        """The deadline with all extensions that match (E4)."""
        ends = [deadline]
        for exemption in self.matching({"extend"}, anchors):
            ends += [deadline + exemption.by] if exemption.by is not None else []
            ends += [exemption.until] if exemption.until is not None else []
        return max(ends)

    def matching(self, effects: set[str], anchors: Anchors) -> list[Exemption]:
        """The exemptions of these effects that hold for a unit with these anchors."""
        return [
            exemption
            for exemption in self.exemptions
            if exemption.effect in effects
            and self.metric.name in exemption.metrics
            and _matches(exemption, self.order, anchors.get(exemption.anchor))
        ]

    def set_aside(self, deadline: int, done: int | None) -> bool:
        """Whether a cancellation or a refund takes the duty away (D3)."""

        def before(x: int) -> bool:
            return x <= deadline and (done is None or x < done)

        cancelled = self.order.cancelled is not None and before(self.order.cancelled.at)
        refunded = any(
            refund.requested is not None and before(refund.requested.at) and not refund.withdrawn_by(deadline)
            for refund in self.order.refunds
        )
        return cancelled or refunded

    def counted(self, refund: Refund) -> bool:
        """Whether a refund is of a counted kind, reason and fault (U6)."""
        asked, metric = refund.requested, self.metric
        return asked is not None and (
            (metric.kinds is None or asked.fields["kind"] in metric.kinds)
            and (metric.reasons is None or asked.fields["reason"] in metric.reasons)
            and (metric.faults is None or asked.fields["fault"] in metric.faults)
        )


def _matches(exemption: Exemption, order: Order, anchor: int | None) -> bool:
    """E1, E3: all that the exemption names must hold, its anchor above all."""
    if anchor is None:
        return False
    fields = order.paid.fields
    start, end, regions = exemption.start, exemption.end, exemption.regions
    sides = ("ship_from", "ship_to") if exemption.region_of == "either" else (exemption.region_of,)
    return (
        (start is None or start <= anchor)
        and (end is None or anchor <= end)
        and (exemption.goods is None or fields["goods"] in exemption.goods)
        and (exemption.categories is None or fields.get("category") in exemption.categories)
        and (regions is None or any(covers(code, fields[side]) for code in regions for side in sides))
    )


def covers(code: str, other: str) -> bool:
    """Whether region ``code`` covers ``other`` (E6)."""
    if re.fullmatch("[0-9]+", code) is None or re.fullmatch("[0-9]+", other) is None:
        return code == other
    while len(code) >= 4 and code.endswith("00"):
        code = code[:-2]
    return other.startswith(code)


def units(
    order: Order, metric: Metric, exemptions: Sequence[Exemption], t: int, *, penalty: bool
) -> list[Unit]:
    """The units of ``order`` at ``t``, as a tier with or without ``penalty`` counts them (E5).

    ``exemptions`` are those that are published at ``t``.
    """
    if order.paid.fields["goods"] not in metric.goods:
        return []
    situation = Situation(order, metric, exemptions, t)
    found = {
        "on_time_ship": _on_time_ship,
        "pickup_anomaly": _pickup_anomaly,
        "return": _return,
        "after_sales": _after_sales,
    }[metric.kind](situation)
    return [left for unit, anchors in found if (left := _spared(situation, unit, anchors, penalty=penalty))]


def _spared(situation: Situation, unit: Unit, anchors: Anchors, *, penalty: bool) -> Unit | None:
    """What the exemptions leave of a unit that counts: drop over count_good over forgive (E4)."""
    if situation.matching({"drop", "penalty_only"} if penalty else {"drop"}, anchors):
        return None
    if unit.mark_at is not None and situation.matching({"count_good"}, anchors):
        return replace(unit, mark_at=None)
    if unit.mark_at is not None and situation.matching({"forgive"}, anchors):
        return None
    return unit


Found = list[tuple[Unit, Anchors]]


def _on_time_ship(situation: Situation) -> Found:
    """U1."""
    order, metric, shipped = situation.order, situation.metric, situation.order.shipped_at
    promise = situation.promise
    if promise is None:
        return []
    due = situation.extended(promise, situation.anchors(shipped=shipped))
    good = shipped is not None and shipped <= due
    decided = shipped if good else due
    if decided is None or decided > situation.t or situation.set_aside(due, shipped):
        return []
    places = {"decided": decided, "due": due, "paid": order.paid.at, "shipped": shipped}
    place = places[metric.anchor]
    if place is None:
        return []
    unit = Unit(order.paid.order_id, None, None, place, None if good else place)
    return [(unit, situation.anchors(shipped=shipped, decided=decided))]


def _pickup_limit(situation: Situation, package: Package) -> int | None:
    if package.shipped is None:
        return None
    anchors = situation.anchors(shipped=package.shipped.at)
    return situation.extended(package.shipped.at + situation.metric.pickup_within, anchors)


def _pickup_anomaly(situation: Situation) -> Found:
    """U2."""
    found: Found = []
    for package in situation.order.packages:
        limit = _pickup_limit(situation, package)
        if package.shipped is None or limit is None:
            continue
        scan = package.scanned.at if package.scanned else None
        if situation.set_aside(limit, scan):
            continue
        if scan is not None and (scan < situation.order.paid.at or scan <= limit):
            decided, good = max(package.shipped.at, scan), scan >= situation.order.paid.at
        else:
            decided, good = limit, False
        if decided <= situation.t:
            mark = None if good else decided
            unit = Unit(situation.order.paid.order_id, package.package_id, None, decided, mark)
            found.append((unit, situation.anchors(shipped=package.shipped.at, decided=decided)))
    return found


def _return(situation: Situation) -> Found:
    """U3."""
    paid = situation.order.paid
    requests = [
        refund.requested
        for refund in situation.order.refunds
        if refund.requested and refund.withdrawn is None and situation.counted(refund)
    ]
    placed = min(requests, key=lambda request: request.key, default=None)
    mark, refund_id = (placed.at, placed.fields["refund_id"]) if placed else (None, None)
    anchors = situation.anchors(requested=mark, decided=paid.at if mark is None else mark)
    place = paid.at if mark is not None and situation.metric.anchor == "paid" else mark
    return [(Unit(paid.order_id, None, refund_id, paid.at, place), anchors)]


def _request_limit(situation: Situation, refund: Refund) -> int | None:
    if refund.requested is None or not situation.counted(refund):
        return None
    anchors = situation.anchors(requested=refund.requested.at)
    return situation.extended(refund.requested.at + situation.metric.resolve_within, anchors)


def _after_sales(situation: Situation) -> Found:
    """U5."""
    found: Found = []
    for refund in situation.order.refunds:
        limit = _request_limit(situation, refund)
        if refund.requested is None or limit is None:
            continue
        good = refund.resolved is not None and refund.resolved.at <= limit
        decided = refund.resolved.at if good and refund.resolved else limit
        if decided <= situation.t and not refund.withdrawn_by(decided):
            mark = None if good else decided
            unit = Unit(situation.order.paid.order_id, None, refund.refund_id, decided, mark)
            found.append((unit, situation.anchors(requested=refund.requested.at, decided=decided)))
    return found


def deadlines(order: Order, metric: Metric, exemptions: Sequence[Exemption], t: int) -> list[int]:
    """The deadlines of the order's units at ``t``, whatever became of them (T5)."""
    if order.paid.fields["goods"] not in metric.goods:
        return []
    situation = Situation(order, metric, exemptions, t)
    if metric.kind == "on_time_ship":
        promise = situation.promise
        anchors = situation.anchors(shipped=order.shipped_at)
        return [] if promise is None else [situation.extended(promise, anchors)]
    if metric.kind == "pickup_anomaly":
        limits = [_pickup_limit(situation, package) for package in order.packages]
    elif metric.kind == "after_sales":
        limits = [_request_limit(situation, refund) for refund in order.refunds]
    else:
        limits = []
    return [limit for limit in limits if limit is not None]
