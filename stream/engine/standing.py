"""How does a shop stand now, and what is ahead of it?  The document of the topic ``rates`` (DESIGN 3)."""

from collections.abc import Sequence
from itertools import islice

from stream.engine.counting import counts
from stream.engine.foresight import Forecast
from stream.engine.foresight_orders import OpenOrders
from stream.engine.judging import Judge
from stream.engine.rules import CompiledTier, RateTier
from stream.engine.shop import Shop
from stream.policy.durations import duration_text
from topics.times import rfc3339

HOUR_MS = 3_600_000

MOST_DUE = 50
"""So many of the open orders of a metric are named, those due first."""

MOST_DUE_IN_ALL = 200
"""So many of a document; with more than four metrics on shipping in time each has fewer than MOST_DUE."""


def rates_document(
    shop: Shop, judge: Judge, clock: int | None, forecast: Forecast | None
) -> dict[str, object]:
    """Every rule of the version in force, tier by tier; without ``forecast`` nothing of what is ahead."""
    rules: dict[str, dict[str, object]] = {}
    tiers: list[object] = []
    for tier in judge.tiers:
        rule = tier.rule
        if rule.name not in rules:
            rated = isinstance(tier, RateTier)
            tiers = []
            rules[rule.name] = {
                "rule": rule.name,
                "metric": rule.metric,
                "window": duration_text(rule.window) if rated else None,
                "tiers": tiers,
            }
        tiers.append({**_tier(shop, tier), **_outlook(tier, forecast)})
    document: dict[str, object] = {
        "shop_id": shop.name,
        "as_of": None if clock is None else rfc3339(clock),
        "policy_version": judge.version.version if judge.version else None,
        "rules": list(rules.values()),
    }
    if forecast is not None and clock is not None:
        document["at_risk"] = _at_risk(forecast, judge.metrics, clock)
    return document


def _outlook(tier: CompiledTier, forecast: Forecast | None) -> dict[str, object]:
    """What is ahead of a tier on shipping in time (SEMANTICS P1, P2)."""
    if forecast is None or not isinstance(tier, RateTier) or not forecast.on_promises(tier.rule.metric):
        return {}
    breach_at = forecast.breach_at(tier)
    if breach_at is None:
        return {"breach_at": None, "to_save": 0}
    return {"breach_at": rfc3339(breach_at), "to_save": forecast.to_save(tier)}


def _at_risk(forecast: Forecast, metrics: Sequence[str], clock: int) -> list[dict[str, object]]:
    """The open orders of each metric on shipping in time that a rule looks at (SEMANTICS P3)."""
    names = [metric for metric in metrics if forecast.on_promises(metric)]
    most = min(MOST_DUE, MOST_DUE_IN_ALL // max(len(names), 1))
    return [_of_metric(name, forecast.open_orders(name), most, clock) for name in names]


def _of_metric(name: str, orders: OpenOrders, most: int, clock: int) -> dict[str, object]:
    return {
        "metric": name,
        "open": len(orders.ids),
        "within_1h": orders.due_by(clock + HOUR_MS),
        "within_6h": orders.due_by(clock + 6 * HOUR_MS),
        "within_24h": orders.due_by(clock + 24 * HOUR_MS),
        "due_next": [
            {"order_id": order_id, "due": rfc3339(due)}
            for order_id, due in islice(zip(orders.ids, orders.dues, strict=True), most)
        ],
    }


def _tier(shop: Shop, tier: CompiledTier) -> dict[str, object]:
    state = shop.states.get(tier.key)
    now = counts(tier, shop.windows.sums)
    return {
        "severity": tier.tier.severity,
        "threshold": now.threshold,
        "state": "inactive" if state is None else "pending" if state.alert is None else "firing",
        "good": now.good,
        "bad": now.bad,
        "counted": now.counted,
        "rate": now.rate,
        "headroom": now.headroom,
        "score": now.score,
    }
