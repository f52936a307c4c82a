"""What do ordinary orders place?  Those to which nothing unusual happened, all of them at once.

Such an order was paid once, under a version that has no exemption for it; at most one package of it was shipped, complete,
and that one scanned once; it was called off at most once, its promise changed at most once, and at most one refund asked
for, not withdrawn.  No fact of it is dated more than ``keep`` after its payment.  Of such an order nothing is ever taken
back but the count that a mark takes the place of (SEMANTICS U3), and when its units count follows from its times alone.
Everything else is walked by hand (`stream.backtest.timeline.orders`), by the engine's own verdicts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stream.backtest.timeline import lean
from stream.backtest.timeline.reading import ABSENT, Collected, Facts
from stream.backtest.timeline.rows import I8, I64, Flags
from stream.engine.exempting import Exemptions
from stream.engine.facts import Paid, Requested
from stream.engine.kinds.returns import counts
from stream.policy.spec import Metric, PolicySet


class Units(NamedTuple):
    """Units of one metric, each of an order, all with one sign."""

    metric: str
    order: I64
    at: I64
    place: I64
    good: I8
    bad: I8
    counted: I8


@dataclass(frozen=True, slots=True)
class Shapes:
    """The facts that ordinary orders have at most one of, by order; a time that is `ABSENT` never comes."""

    paid: I64
    ship_by: I64
    case: I64
    shipped: I64
    scanned: I64
    gone: I64
    """When it was called off or a refund was asked for, whichever was first: what sets duties aside (SEMANTICS D3)."""
    changed: I64
    changed_to: I64
    change_case: I64
    requested: I64
    request_case: I64
    resolved: I64
    ordinary: Flags
    version: I64
    """Index of the one in force at payment, -1: none was."""


def shapes(found: Collected, policy: PolicySet) -> Shapes:
    """What is known of every order, as far as it is ordinary."""
    orders = len(found.order_ids)
    ordinary = np.ones(orders, np.bool_)
    ordinary[list(found.by_hand)] = False

    def at_most_one(kind: type, values: I64 | None = None) -> I64:
        facts = found.kinds[kind]
        order = facts.order.whole()
        one = np.full(orders, ABSENT, np.int64)
        one[order] = facts.at.whole() if values is None else values
        ordinary[np.bincount(order, minlength=orders) > 1] = False
        return one

    def numbers(kind: type, values: I64) -> I64:
        number = np.zeros(orders, np.int64)
        number[found.kinds[kind].order.whole()] = values
        return number

    paid = at_most_one(lean.PAID)
    ordinary &= paid != ABSENT
    cancelled, requested = at_most_one(lean.CANCELLED), at_most_one(lean.REQUESTED)
    shipped, scanned = at_most_one(lean.SHIPPED), at_most_one(lean.PICKED_UP)
    changed, resolved = at_most_one(lean.CHANGED), at_most_one(lean.RESOLVED)
    ordinary[found.kinds[lean.WITHDRAWN].order.whole()] = False
    whole = numbers(lean.SHIPPED, found.kinds[lean.SHIPPED].case.whole())
    ordinary &= (shipped == ABSENT) | (whole == 1)
    for one, other in ((lean.SHIPPED, lean.PICKED_UP), (lean.REQUESTED, lean.RESOLVED)):
        ordinary[_of_other_things(orders, found.kinds[one], found.kinds[other])] = False
    version = _version(policy, paid)
    ordinary &= ~_too_late(policy, paid, version, [cancelled, requested, shipped, scanned, changed, resolved])
    return Shapes(
        paid=paid,
        ship_by=at_most_one(lean.PAID, found.kinds[lean.PAID].ship_by.whole()),
        case=numbers(lean.PAID, found.kinds[lean.PAID].case.whole()),
        shipped=shipped,
        scanned=scanned,
        gone=np.minimum(cancelled, requested),
        changed=changed,
        changed_to=at_most_one(lean.CHANGED, found.kinds[lean.CHANGED].ship_by.whole()),
        change_case=numbers(lean.CHANGED, found.kinds[lean.CHANGED].case.whole()),
        requested=requested,
        request_case=numbers(lean.REQUESTED, found.kinds[lean.REQUESTED].case.whole()),
        resolved=resolved,
        ordinary=ordinary,
        version=version,
    )


def _of_other_things(orders: int, ones: Facts, others: Facts) -> Sequence[int]:
    """The orders in which the second is not about the thing that the first is about: another package or refund."""
    where = np.full(orders, -1, np.int64)
    order = ones.order.whole()
    where[order] = np.arange(len(order))
    first, other_order = ones.things, others.order.whole()
    paired = where[other_order].tolist()
    return [
        number
        for number, index, thing in zip(other_order.tolist(), paired, others.things, strict=True)
        if index >= 0 and first[index] != thing
    ]


def _version(policy: PolicySet, paid: I64) -> I64:
    starts = np.array([version.effective_from for version in policy.versions], np.int64)
    return np.searchsorted(starts, paid, "right") - 1


def _too_late(policy: PolicySet, paid: I64, version: I64, times: Sequence[I64]) -> Flags:
    """Whether a fact is dated more than ``keep`` after the payment: it counts for nothing (SEMANTICS F5)."""
    keeps = np.array([each.keep for each in policy.versions], np.int64)
    known = paid != ABSENT
    last = np.where(known, paid, 0) + keeps[np.maximum(version, 0)]
    late: Flags = np.zeros(len(paid), np.bool_)
    for at in times:
        late |= (at != ABSENT) & (at > last)
    return late


# -- what makes an order unusual under its version


def retroactive(policy: PolicySet, made: Shapes) -> Flags:
    """The orders whose promise a later change may move even after the verdict, which is then taken back (SEMANTICS D1)."""
    versions = [
        any(metric.retroactive_promises for metric in version.metrics.values()) for version in policy.versions
    ]
    moved: Flags = np.array(versions, np.bool_)[made.version] & (made.changed != ABSENT)
    return moved


def exempted(found: Collected, policy: PolicySet, made: Shapes) -> Flags:
    """The orders for which an exemption may hold by what they are, whatever their times (SEMANTICS E1)."""
    may = np.zeros(len(made.paid), np.bool_)
    cases = [_paid(*case) for case in found.order_cases.all()]
    for number, version in enumerate(policy.versions):
        naming = Exemptions([each for each in policy.exemptions if each.metrics & set(version.metrics)])
        if naming.all and cases:
            held = np.array([bool(naming.of(paid)) for paid in cases], np.bool_)
            may |= (made.version == number) & held[made.case]
    return may


def _paid(ship_from: str, ship_to: str, goods: str, category: str | None) -> Paid:
    return Paid.of(0, "", None, goods, ship_from, ship_to, 0, 0, "", category)


# -- units


@dataclass(frozen=True, slots=True)
class Ordinary:
    """The ordinary orders of one version, as far as one of its metrics is about their goods."""

    found: Collected
    made: Shapes
    metric: Metric
    of: I64
    """Their numbers."""

    def take(self, times: I64) -> I64:
        """Of these orders only."""
        return times[self.of]

    def requests(self) -> tuple[Flags, I64]:
        """Whether a counted refund was asked for, and when (SEMANTICS U6)."""
        cases = [
            counts(Requested.of(0, "", "", *case), self.metric) for case in self.found.request_cases.all()
        ]
        asked = self.take(self.made.requested)
        counted = np.array(cases, np.bool_)[self.take(self.made.request_case)] if cases else asked < 0
        return (asked != ABSENT) & counted, asked


def units(
    found: Collected, policy: PolicySet, made: Shapes, ordinary: Flags
) -> Iterator[tuple[int, Units, I64]]:
    """What they place (1) or take back (-1), each with the deadlines of these orders (SEMANTICS T5)."""
    goods = [case[2] for case in found.order_cases.all()]
    for number, version in enumerate(policy.versions):
        mine = ordinary & (made.version == number)
        for metric in version.metrics.values():
            about = np.array([each in metric.goods for each in goods], np.bool_)
            of = np.flatnonzero(mine & about[made.case]) if goods else np.zeros(0, np.int64)
            yield from _JUDGES[metric.kind](Ordinary(found, made, metric, of))


def _some(mask: Flags, what: Ordinary, at: I64, place: I64, good: Flags) -> Units:
    """Verdicts of a deadline duty, where ``mask``."""
    is_good = good[mask]
    count = np.ones(len(is_good), np.int8)
    return Units(
        what.metric.name,
        what.of[mask],
        at[mask],
        place[mask],
        is_good.astype(np.int8),
        (~is_good).astype(np.int8),
        count,
    )


def _on_time(what: Ordinary) -> Iterator[tuple[int, Units, I64]]:
    """SEMANTICS U1, D1, D3."""
    made, metric = what.made, what.metric
    paid, shipped, gone = what.take(made.paid), what.take(made.shipped), what.take(made.gone)
    promise, changed = what.take(made.ship_by), what.take(made.changed)
    promised = promise != ABSENT
    reasons = np.array([each in metric.promise_reasons for each in what.found.change_cases.all()], np.bool_)
    moves = (changed != ABSENT) & promised & (changed <= promise) & (changed <= shipped)
    if len(reasons):
        moves &= reasons[what.take(made.change_case)]
    due = np.where(moves, what.take(made.changed_to), promise)
    good = shipped <= due
    decided = np.where(good, shipped, due)
    aside = np.where(good, gone < shipped, gone <= due)
    known = np.maximum(decided, paid)
    known = np.where(moves, np.maximum(known, changed), known)
    place = {"decided": decided, "due": due, "paid": paid, "shipped": shipped}[metric.anchor]
    if metric.anchor == "shipped":
        known = np.maximum(known, shipped)
    counts_ = promised & ~aside & (known != ABSENT)
    yield 1, _some(counts_, what, known, place, good), due[promised]


def _pickup(what: Ordinary) -> Iterator[tuple[int, Units, I64]]:
    """SEMANTICS U2, D3."""
    made = what.made
    paid, shipped, scanned = what.take(made.paid), what.take(made.shipped), what.take(made.scanned)
    gone, left = what.take(made.gone), shipped != ABSENT
    limit = np.where(left, shipped, 0) + what.metric.pickup_within
    in_time = (scanned < paid) | (scanned <= limit)
    decided = np.where(in_time, np.maximum(shipped, scanned), limit)
    aside = gone <= np.where(in_time, np.minimum(limit, scanned - 1), limit)
    known = np.maximum(decided, paid)
    good = in_time & (scanned >= paid)
    yield 1, _some(left & ~aside, what, known, decided, good), limit[left]


def _returns(what: Ordinary) -> Iterator[tuple[int, Units, I64]]:
    """SEMANTICS U3: the count from payment on, and from the request on the mark in its place."""
    paid = what.take(what.made.paid)
    marked, asked = what.requests()
    marked_at = np.maximum(asked, paid)
    none = np.zeros(0, np.int64)
    every = np.ones(len(paid), np.bool_)
    unmarked_once = ~(marked & (marked_at == paid))
    counted = _some(unmarked_once, what, paid, paid, every)
    yield 1, counted, none
    later = marked & (marked_at > paid)
    yield -1, _some(later, what, marked_at, paid, every), none
    mark = _some(marked, what, marked_at, paid, ~every)
    if what.metric.anchor == "paid":
        yield 1, mark, none
    else:
        yield 1, mark._replace(bad=np.zeros_like(mark.bad)), none
        yield 1, mark._replace(place=asked[marked], counted=np.zeros_like(mark.counted)), none


def _after_sales(what: Ordinary) -> Iterator[tuple[int, Units, I64]]:
    """SEMANTICS U5."""
    within = what.metric.resolve_within
    if within is None:
        return
    paid, resolved = what.take(what.made.paid), what.take(what.made.resolved)
    counted, asked = what.requests()
    limit = np.where(counted, asked, 0) + within
    good = resolved <= limit
    decided = np.where(good, resolved, limit)
    known = np.maximum(np.maximum(decided, paid), np.where(counted, asked, 0))
    yield 1, _some(counted, what, known, decided, good), limit[counted]


_JUDGES = {
    "on_time_ship": _on_time,
    "pickup_anomaly": _pickup,
    "return": _returns,
    "after_sales": _after_sales,
}
