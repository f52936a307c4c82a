"""A shop on a bad day, as the topics tell of it: one rate has fallen below its line, another is about to."""

from datetime import timedelta

from msgspec import structs

from tests.merchant.api.scene import Served
from tests.view.story import BEGINS, late, returns, score
from topics.alerts import Alert, AlertState, Counts, Evidence, ResolvedBecause
from topics.rates import AtRisk, DueOrder, Rates, RuleRates, TierRates

SHOP = "s1"
HOUR = timedelta(hours=1)
NOW = BEGINS + 40 * HOUR


def told(served: Served) -> None:
    """All of it."""

    def tell() -> None:
        for step in range(24):
            served.log.rates(rates_at(step))
        for each in (alert("a1"), alert("a2", 30, "warning"), over()):
            served.log.alert(each)

    served.do(tell)


def rates_at(step: int) -> Rates:
    """Of 24 steps; the last one is now."""
    bad = 6 + step * 17 // 23 + (2 if step % 6 == 4 else 0)
    points = score(93.5 - step / 2 - (step % 4) / 3)
    failing = structs.replace(points, tiers=[structs.replace(points.tiers[0], state="firing")])
    rules = [_forecast(late(130 - bad, bad)), _pickup(step), returns(4 + step % 3), failing]
    last = step == 23
    return Rates(
        shop_id=SHOP,
        as_of=NOW - (23 - step) * 2 * HOUR,
        policy_version="1",
        rules=rules,
        at_risk=[at_risk()] if last else [],
    )


def _forecast(rule: RuleRates) -> RuleRates:
    tiers = [
        structs.replace(tier, breach_at=NOW + 3.4 * HOUR, to_save=12) if tier.severity == "demotion" else tier
        for tier in rule.tiers
    ]
    return structs.replace(rule, tiers=[structs.replace(tier, state=_state(tier)) for tier in tiers])


def _state(tier: TierRates) -> str:
    return "firing" if tier.severity == "warning" and (tier.rate or 1) < (tier.threshold or 0) else "inactive"


def _pickup(step: int) -> RuleRates:
    rate = 0.02 + 0.003 * step
    tier = TierRates(
        severity="warning",
        threshold=0.1,
        state="pending" if step == 23 else "inactive",
        good=round(200 * (1 - rate)),
        bad=round(200 * rate),
        counted=200,
        rate=rate,
        headroom=2,
    )
    return RuleRates(rule="pickup_anomalies", metric="pickup", window="3d", tiers=[tier])


def at_risk() -> AtRisk:
    """The open orders."""
    due = [0.3, 0.7, 1.2, 1.9, 2.4, 2.6, 3.1, 3.3, 4.0, 5.5, 7.2, 9.9, 14.0, 20.5]
    orders = [
        DueOrder(order_id=f"O-{7310 + 13 * number}", due=NOW + hours * HOUR)
        for number, hours in enumerate(due)
    ]
    return AtRisk(metric="on_time", open=31, within_1h=2, within_6h=10, within_24h=14, due_next=orders)


MESSAGE = (
    "late_shipping is warning: 107 of 130 orders were shipped on time in the last 3 days, 82.3 %; the line is 85 %.\n"
    "late_shipping 触发 warning：近 3 天 按时发货率 82.3 %（107/130 订单），标准线 85 %。"
)

SCORE = (
    "poor_service is warning: the score service in the last 7 days is 79.71, the line is 80.\n"
    "poor_service 触发 warning：近 7 天 综合分 service 为 79.71，标准线 80。"
)


def alert(
    name: str, hours_ago: float = 2, severity: str = "warning", because: ResolvedBecause | None = None
) -> Alert:
    """One that fires or, with ``because``, resolved an hour later."""
    counts = Counts(good=107, bad=23, counted=130, rate=0.823077, threshold=0.85, headroom=-24)
    fired_at = NOW - hours_ago * HOUR
    state: AlertState = "firing" if because is None else "resolved"
    rule = "late_shipping" if name == "a1" else "poor_service" if name == "a2" else "pickup_anomalies"
    return Alert(
        alert_id=name,
        shop_id=SHOP,
        policy="seed",
        policy_version="1",
        rule=rule,
        severity=severity,
        metric="on_time",
        window="3d",
        state=state,
        fired_at=fired_at,
        resolved_at=None if because is None else fired_at + HOUR,
        resolved_because=because,
        at_fire=counts,
        latest=counts,
        evidence=[
            Evidence(
                order_id=f"O-{7100 + 7 * number}",
                verdict="late",
                why="to be shipped by 2025-03-07 20:00:00+08:00, not shipped yet",
            )
            for number in range(5)
        ],
        message=SCORE if rule == "poor_service" else MESSAGE,
    )


def over() -> Alert:
    """One that has resolved."""
    return alert("a3", 20, because="recovered")
