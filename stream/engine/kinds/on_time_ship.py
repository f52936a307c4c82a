"""Was the order shipped by its promise?  The kind ``on_time_ship`` (SEMANTICS U1)."""

from collections.abc import Sequence

from stream.engine.exempting import extended, holding
from stream.engine.facts import Cancelled, Changed, Paid, Requested, Shipped, Withdrawn
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
from stream.engine.view import View
from stream.policy.spec import Metric


class OnTimeShip(MetricKind):
    """The unit is the order."""

    affected_by = frozenset({Paid, Changed, Shipped, Cancelled, Requested, Withdrawn})

    def judge(self, view: View, bound: BoundMetric, found: Findings) -> None:
        """The unit is the order: good at shipping, bad at its due, with no event at all."""
        promise = view.promise(bound.metric)
        if promise is None:
            return
        exemptions, shipped = bound.exemptions.of(view.paid), view.shipped_at
        times, due = None, promise
        if exemptions:
            times = bound.times(view, shipped=shipped)
            due = extended(exemptions, promise, times, found.t)
        if found.deadlines is not None:
            found.deadlines.append(due)
        good = shipped is not None and shipped <= due
        if view.aside_by(due, shipped) is not None:
            return
        if not good and due > found.t:
            found.pending.append(Pending(due, bound.passing))
            return
        decided = shipped if good and shipped is not None else due
        place = _place(bound.metric, view, due, decided)
        if place is not None:
            found.add(verdict(bound.metric, "", place, decided, good=good), exemptions, times)

    def duties(self, view: View, bound: BoundMetric, t: int) -> Sequence[Duty]:
        """The order's, if it has a promise."""
        promise = view.promise(bound.metric)
        if promise is None:
            return []
        exemptions, shipped = bound.exemptions.of(view.paid), view.shipped_at
        times = bound.times(view, shipped=shipped)
        due = extended(exemptions, promise, times, t)
        aside = view.aside_by(due, shipped)
        times.decided = due if shipped is None or shipped > due else shipped
        return [Duty("", promise, due, shipped, aside, holding(exemptions, times, t))]

    def explain(self, view: View, duty: Duty, unit: Unit, says: Says) -> Verdict:
        """Late, by which promise, and whether it was shipped since."""
        promised, extension = view.paid.ship_by, duty.extension(says)
        why = f"to be shipped by {says(unit.decided)}"
        if extension:
            why += f" ({extension})"
        elif promised is not None and promised != unit.decided:
            why += f" (at payment promised for {says(promised)})"
        shipped = "not shipped yet" if view.shipped_at is None else f"shipped at {says(view.shipped_at)}"
        return Verdict("late", f"{why}, {shipped}")


def _place(metric: Metric, view: View, due: int, decided: int) -> int | None:
    """The time by which the unit is put into a pane (SEMANTICS U1)."""
    if metric.anchor == "decided":
        return decided
    if metric.anchor == "due":
        return due
    return view.paid.at if metric.anchor == "paid" else view.shipped_at
