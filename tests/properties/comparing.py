"""Do two say the same of alerts and rates?  As far as it follows from SEMANTICS."""

from collections.abc import Iterable, Mapping
from typing import Any

from tests.oracle.times import duration

Document = Mapping[str, Any]

_COUNTS = ("good", "bad", "counted", "rate", "threshold", "headroom", "score")
_SAME = (
    "shop_id",
    "policy",
    "policy_version",
    "rule",
    "severity",
    "metric",
    "state",
    "fired_at",
    "resolved_at",
)


def told(alerts: Iterable[Document]) -> list[dict[str, Any]]:
    """Of each alert all that SEMANTICS says of it, in the order of firing."""
    return sorted((_told(alert) for alert in alerts), key=_order)


def _told(alert: Document) -> dict[str, Any]:
    return {
        **{name: alert[name] for name in _SAME},
        "window": None if alert["window"] is None else duration(alert["window"]),
        "rule_changed": alert.get("resolved_because") == "rule_changed",
        "at_fire": {name: alert["at_fire"].get(name) for name in _COUNTS},
        "latest": _latest(alert),
        "evidence": [
            tuple(each.get(name) for name in ("order_id", "package_id", "refund_id"))
            for each in alert["evidence"]
        ],
    }


def _latest(alert: Document) -> dict[str, Any] | None:
    """Of one that still fires it is as at writing, which SEMANTICS does not say."""
    if alert["state"] == "firing":
        return None
    return {name: alert["latest"].get(name) for name in _COUNTS}


def _order(alert: Document) -> tuple[str, ...]:
    return tuple(alert[name] for name in ("fired_at", "shop_id", "rule", "severity"))


def told_rates(document: Document) -> list[dict[str, Any]]:
    """What a document of the topic `rates` says of each tier."""
    return [
        {"rule": rule["rule"], "severity": tier["severity"], "state": tier["state"]}
        | {name: tier.get(name) for name in _COUNTS}
        for rule in document["rules"]
        for tier in rule["tiers"]
    ]


def foreseen(document: Document) -> tuple[dict[tuple[str, str], dict[str, Any]], list[dict[str, Any]]]:
    """What a document of the topic `rates` says is ahead of each tier, and of which open orders."""
    ahead = {
        (rule["rule"], tier["severity"]): {name: tier[name] for name in ("breach_at", "to_save")}
        for rule in document["rules"]
        for tier in rule["tiers"]
        if "to_save" in tier
    }
    return ahead, document["at_risk"]


def documents(alerts: Iterable[Document]) -> list[dict[str, Any]]:
    """The whole of each alert, except what one that still fires looked like when it was last written."""
    found = [
        {key: value for key, value in alert.items() if key != "latest" or alert["state"] == "resolved"}
        for alert in alerts
    ]
    return sorted(found, key=_order)
