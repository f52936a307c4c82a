"""Was a refund request resolved in time?  The kind ``after_sales`` (SEMANTICS U5)."""

from collections.abc import Sequence

from stream.engine.exempting import extended, holding
from stream.engine.facts import Paid, Requested, Resolved, Withdrawn
from stream.engine.findings import (
    BoundMetric,
    Duty,
    Findings,
    MetricKind,
    Pending,
    Says,
    Unit,
    Verdict,
    verdict,
)
from stream.engine.kinds.returns import counts
from stream.engine.view import FOR_EVER, View


class AfterSales(MetricKind):
    """The unit is a counted request."""

    affected_by = frozenset({Paid, Requested, Withdrawn, Resolved})

    def judge(self, view: View, bound: BoundMetric, found: Findings) -> None:
        """The unit is a counted request: good when resolved by its limit, bad at the limit, unless withdrawn by then."""
        metric = bound.metric
        requests = [request for request in view.requested if counts(request, metric)]
        if not requests or metric.resolve_within is None:
            return
        exemptions = bound.exemptions.of(view.paid)
        for request in requests:
            times, limit = None, request.at + metric.resolve_within
            if exemptions:
                times = bound.times(view, requested=request.at)
                limit = extended(exemptions, limit, times, found.t)
            if found.deadlines is not None:
                found.deadlines.append(limit)
            resolved = view.resolved_at.get(request.refund_id)
            good = resolved is not None and resolved <= limit
            decided = resolved if good and resolved is not None else limit
            if view.withdrawn_at.get(request.refund_id, FOR_EVER) <= decided:
                continue
            if not good and limit > found.t:
                found.pending.append(Pending(limit, bound.passing))
                continue
            found.add(verdict(metric, request.refund_id, decided, decided, good=good), exemptions, times)

    def duties(self, view: View, bound: BoundMetric, t: int) -> Sequence[Duty]:
        """That of each counted request."""
        metric, exemptions, found = bound.metric, bound.exemptions.of(view.paid), []
        for request in view.requested:
            if not counts(request, metric) or metric.resolve_within is None:
                continue
            name, promised = request.refund_id, request.at + metric.resolve_within
            times = bound.times(view, requested=request.at)
            limit = extended(exemptions, promised, times, t)
            resolved = view.resolved_at.get(name)
            decided = times.decided = resolved if resolved is not None and resolved <= limit else limit
            aside = name if view.withdrawn_at.get(name, FOR_EVER) <= decided else None
            found.append(Duty(name, promised, limit, resolved, aside, holding(exemptions, times, t)))
        return found

    def explain(self, view: View, duty: Duty, unit: Unit, says: Says) -> Verdict:
        """By when it was to be resolved, and whether it was since."""
        request = next(fact for fact in view.requested if fact.refund_id == unit.thing)
        why = f"{request.kind} requested at {says(request.at)}, to be resolved by {says(unit.decided)}"
        extension = duty.extension(says)
        why += f" ({extension})" if extension else ""
        resolved = view.resolved_at.get(unit.thing)
        if resolved is None:
            return Verdict("not_resolved", f"{why}, not resolved yet")
        return Verdict("resolved_late", f"{why}, resolved at {says(resolved)}")
