"""How does a shop stand now?  The document of the topic ``rates`` (DESIGN 3)."""

from stream.engine.alerts import counts
from stream.engine.judging import Judge
from stream.engine.rules import CompiledTier, RateTier
from stream.engine.shop import Shop
from stream.policy.durations import duration_text
from topics.times import rfc3339


def rates_document(shop: Shop, judge: Judge, clock: int | None) -> dict[str, object]:
    """Every rule of the version in force, tier by tier."""
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
        tiers.append(_tier(shop, tier))
    return {
        "shop_id": shop.name,
        "as_of": None if clock is None else rfc3339(clock),
        "policy_version": judge.version.version if judge.version else None,
        "rules": list(rules.values()),
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
