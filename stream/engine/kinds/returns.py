"""Did the buyer ask for the order to be taken back?  The kind ``return`` (SEMANTICS U3, U4)."""

from collections.abc import Sequence

from stream.engine.exempting import NO_EFFECTS, effects, holding
from stream.engine.facts import Paid, Requested, Withdrawn
from stream.engine.findings import BoundMetric, Duty, Findings, MetricKind, Says, Unit, Verdict
from stream.engine.view import View
from stream.policy.spec import Metric


class Return(MetricKind):
    """The unit is the order, counted from payment on."""

    affected_by = frozenset({Paid, Requested, Withdrawn})

    def judge(self, view: View, bound: BoundMetric, found: Findings) -> None:
        """The unit is the order, counted from payment on; a request that stands marks it as bad."""
        metric, exemptions = bound.metric, bound.exemptions.of(view.paid)
        paid, mark = view.paid.at, _mark(view, metric)
        held = NO_EFFECTS
        if exemptions:
            requested = None if mark is None else mark.at
            decided = paid if mark is None else mark.at
            times = bound.times(view, requested=requested, decided=decided)
            held = effects(exemptions, times, found.t)
        if held.drop or (mark is not None and held.forgive and not held.count_good):
            return
        if mark is None or held.count_good:
            found.units.append(Unit(metric.name, "", paid, paid, 1, 0, 1, held.spared))
        elif metric.anchor == "paid":
            found.units.append(Unit(metric.name, mark.refund_id, paid, mark.at, 0, 1, 1, held.spared))
        else:
            found.units.append(Unit(metric.name, "", paid, paid, 0, 0, 1, held.spared))
            found.units.append(Unit(metric.name, mark.refund_id, mark.at, mark.at, 0, 1, 0, held.spared))

    def duties(self, view: View, bound: BoundMetric, t: int) -> Sequence[Duty]:
        """The order, with the request that marks it or would without an exemption; there is no deadline."""
        mark = _mark(view, bound.metric)
        requested = None if mark is None else mark.at
        decided = view.paid.at if mark is None else mark.at
        times = bound.times(view, requested=requested, decided=decided)
        held = holding(bound.exemptions.of(view.paid), times, t)
        return [Duty("" if mark is None else mark.refund_id, None, None, requested, None, held)]

    def explain(self, view: View, duty: Duty, unit: Unit, says: Says) -> Verdict:  # noqa: ARG002 - as for all kinds
        """Which request marks it."""
        mark = next(request for request in view.requested if request.refund_id == unit.thing)
        paid = says(view.paid.at)
        why = f"paid at {paid}, {mark.kind} requested at {says(mark.at)}: {mark.reason} (fault: {mark.fault})"
        return Verdict("returned", why)


def counts(request: Requested, metric: Metric) -> bool:
    """Whether ``metric`` is about requests of this kind, reason and fault (SEMANTICS U6)."""
    return (
        request.kind in metric.kinds
        and request.fault in metric.faults
        and (metric.reasons is None or request.reason in metric.reasons)
    )


def _mark(view: View, metric: Metric) -> Requested | None:
    """The earliest counted request that is not withdrawn."""
    for request in view.requested:
        if request.refund_id not in view.withdrawn_at and counts(request, metric):
            return request
    return None
