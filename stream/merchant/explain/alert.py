"""What is the story of one alert?  What was counted, what its evidence has become since, and how the shop stands now."""

from collections.abc import Sequence
from dataclasses import dataclass

from stream.engine.explaining import Account, accounts
from stream.merchant.explain.known import Known
from stream.policy.spec import Kind
from topics.alerts import Alert, Evidence
from topics.rates import TierRates
from topics.times import millis


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence, and the duty that it is of when the alert resolved and at the clock; None: not known any more."""

    evidence: Evidence
    at_end: Account | None
    now: Account | None

    @property
    def taken_back(self) -> bool:
        """Whether it was not bad any more when the alert resolved; an open order never was."""
        return not is_open(self.evidence) and self.at_end is not None and self.at_end.state != "bad"


@dataclass(frozen=True, slots=True)
class AlertStory:
    """``tier`` is how the shop stands now by `rates`; None: there are none, or the version in force has no such tier."""

    known: Known
    alert: Alert
    pieces: Sequence[Piece]
    tier: TierRates | None

    @property
    def ahead(self) -> bool:
        """Whether it fired before its line was crossed, as a tier with a forecast does."""
        return any(map(is_open, self.alert.evidence))


def is_open(evidence: Evidence) -> bool:
    """Whether it is an order that was to be shipped, and not a bad unit."""
    return evidence.verdict == "open"


def alert_story(known: Known, alert: Alert) -> AlertStory:
    """Of an alert of the shop; its evidence is looked up among the orders that ``known`` holds."""
    return AlertStory(
        known, alert, [_piece(known, alert, each) for each in alert.evidence], _tier(known, alert)
    )


def _piece(known: Known, alert: Alert, evidence: Evidence) -> Piece:
    end = None if alert.resolved_at is None else _account(known, alert, evidence, millis(alert.resolved_at))
    now = None if known.clock is None else _account(known, alert, evidence, known.clock)
    return Piece(evidence, end, now)


def _account(known: Known, alert: Alert, evidence: Evidence, t: int) -> Account | None:
    """The duty of the unit that ``evidence`` names; an alert on a score does not say of which metric, but its kind is seen."""
    order = known.orders.get(evidence.order_id)
    if order is None:
        return None
    kind, thing = _kind(evidence), evidence.package_id or evidence.refund_id or ""
    found = (
        each
        for each in accounts(known.verdicts, order, t, known.says)
        if alert.metric in {None, each.metric.name}
        and each.metric.kind == kind
        and (kind == "return" or each.duty.thing == thing)
    )
    return next(found, None)


def _kind(evidence: Evidence) -> Kind:
    if evidence.package_id is not None:
        return "pickup_anomaly"
    if evidence.refund_id is None:
        return "on_time_ship"
    return "return" if evidence.verdict == "returned" else "after_sales"


def _tier(known: Known, alert: Alert) -> TierRates | None:
    rules = known.rates.rules if known.rates else ()
    tiers = [tier for rule in rules if rule.rule == alert.rule for tier in rule.tiers]
    return next((tier for tier in tiers if tier.severity == alert.severity), None)
