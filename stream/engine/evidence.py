"""What is said of a bad unit that an alert names?  One piece of evidence (DESIGN 6)."""

from zoneinfo import ZoneInfo

from stream.engine.findings import MOST_EXEMPTIONS, Unit
from stream.engine.order import Order
from stream.engine.verdicts import Verdicts
from stream.policy.instants import zoned_text
from topics.alerts import Evidence

MOST_EVIDENCE = 20
"""So many bad units an alert names (DESIGN 6)."""


def due_evidence(verdicts: Verdicts, order_id: str, order: Order, due: int, zone: str) -> Evidence:
    """An open order that is to be shipped."""
    until = zoned_text(due, ZoneInfo(zone))
    version = verdicts.version_at(order.paid.at) if order.paid else None
    return Evidence(
        order_id=order_id,
        verdict="open",
        why=f"to be shipped by {until}, not shipped yet",
        policy_version=version.version if version else None,
        exemptions=[],
    )


def evidence_of(verdicts: Verdicts, order_id: str, order: Order, t: int, unit: Unit, zone: str) -> Evidence:  # noqa: PLR0913, PLR0917 - a unit, and where it was found
    """``unit``, which is one of those found in ``order`` at ``t``; times are written as in the time zone ``zone``."""
    local = ZoneInfo(zone)

    def says(at: int) -> str:
        return zoned_text(at, local)

    version, duty, verdict = verdicts.explain(order, t, unit, says)
    is_package = verdicts.kind_of(unit.metric) == "pickup_anomaly"
    return Evidence(
        order_id=order_id,
        package_id=unit.thing if unit.thing and is_package else None,
        refund_id=unit.thing if unit.thing and not is_package else None,
        verdict=verdict.word,
        why=verdict.why,
        policy_version=version,
        exemptions=[each.id for each in duty.held[:MOST_EXEMPTIONS]],
    )
