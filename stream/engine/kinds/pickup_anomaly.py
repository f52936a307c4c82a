"""Did the carrier scan the package in time?  The kind ``pickup_anomaly`` (SEMANTICS U2)."""

from collections.abc import Sequence

from stream.engine.exempting import extended, holding
from stream.engine.facts import Cancelled, Paid, PickedUp, Requested, Shipped, Withdrawn
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


class PickupAnomaly(MetricKind):
    """The unit is a package that was shipped."""

    affected_by = frozenset({Paid, Shipped, PickedUp, Cancelled, Requested, Withdrawn})

    def judge(self, view: View, bound: BoundMetric, found: Findings) -> None:
        """The unit is a package that was shipped: bad if scanned before payment, or not by its limit."""
        if not view.shipped:
            return
        metric, exemptions, paid = bound.metric, bound.exemptions.of(view.paid), view.paid.at
        scans = {fact.package_id: fact.at for fact in view.picked_up} if view.picked_up else None
        for package in view.shipped:
            shipped = package.at
            times, limit = None, shipped + metric.pickup_within
            if exemptions:
                times = bound.times(view, shipped=shipped)
                limit = extended(exemptions, limit, times, found.t)
            if found.deadlines is not None:
                found.deadlines.append(limit)
            scan = None if scans is None else scans.get(package.package_id)
            in_time = scan is not None and (scan < paid or scan <= limit)
            if view.aside_by(limit, scan) is not None:
                continue
            if not in_time and limit > found.t:
                found.pending.append(Pending(limit, bound.passing))
                continue
            decided = max(shipped, scan) if in_time and scan is not None else limit
            good = in_time and scan is not None and scan >= paid
            found.add(verdict(metric, package.package_id, decided, decided, good=good), exemptions, times)

    def duties(self, view: View, bound: BoundMetric, t: int) -> Sequence[Duty]:
        """That of each package that was shipped."""
        exemptions = bound.exemptions.of(view.paid)
        scans = {fact.package_id: fact.at for fact in view.picked_up}
        found = []
        for package in view.shipped:
            promised, scan = package.at + bound.metric.pickup_within, scans.get(package.package_id)
            times = bound.times(view, shipped=package.at)
            limit = extended(exemptions, promised, times, t)
            aside = view.aside_by(limit, scan)
            in_time = scan is not None and (scan < view.paid.at or scan <= limit)
            times.decided = max(package.at, scan) if in_time and scan is not None else limit
            held = holding(exemptions, times, t)
            found.append(Duty(package.package_id, promised, limit, scan, aside, held))
        return found

    def explain(self, view: View, duty: Duty, unit: Unit, says: Says) -> Verdict:
        """Scanned before payment, too late, or not at all."""
        shipped = next(fact.at for fact in view.shipped if fact.package_id == unit.thing)
        scan = next((fact.at for fact in view.picked_up if fact.package_id == unit.thing), None)
        if scan is not None and scan < view.paid.at:
            why = f"scanned at {says(scan)}, before the order was paid at {says(view.paid.at)}"
            return Verdict("scanned_before_payment", why)
        extension = duty.extension(says)
        why = f"shipped at {says(shipped)}, to be scanned by {says(unit.decided)}"
        why += f" ({extension})" if extension else ""
        if scan is None:
            return Verdict("not_scanned", f"{why}, not scanned yet")
        return Verdict("scanned_late", f"{why}, scanned at {says(scan)}")
