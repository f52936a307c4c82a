"""What is an alert?  Its whole state, as the engine keeps it and as the topic carries it (DESIGN 6, SEMANTICS R7)."""

import json
from hashlib import sha256

import msgspec

from stream.engine.rules import TierKey
from topics.alerts import AlertState, Counts, Evidence, ResolvedBecause
from topics.times import rfc3339


class Alert(msgspec.Struct, frozen=True, array_like=True):
    """An alert; times in milliseconds."""

    alert_id: str
    shop_id: str
    policy: str
    policy_version: str
    rule: str
    severity: str
    metric: str | None
    window: str | None
    state: AlertState
    fired_at: int
    resolved_at: int | None
    resolved_because: ResolvedBecause | None
    at_fire: Counts
    latest: Counts
    evidence: list[Evidence]
    message: str


def alert_id(policy: str, version: str, shop: str, tier: TierKey, fired_at: int) -> str:
    """What an alert is known by: the same wherever and however often it is computed (SEMANTICS R7)."""
    named = json.dumps([policy, version, shop, *tier, rfc3339(fired_at)])
    return sha256(named.encode()).hexdigest()[:32]


def document(alert: Alert, emitted_at: int | None) -> dict[str, object]:
    """The alert as the topic ``alerts`` carries it; ``emitted_at`` is when it is written, None in a replay."""
    return {
        "alert_id": alert.alert_id,
        "shop_id": alert.shop_id,
        "policy": alert.policy,
        "policy_version": alert.policy_version,
        "rule": alert.rule,
        "severity": alert.severity,
        "metric": alert.metric,
        "window": alert.window,
        "state": alert.state,
        "fired_at": rfc3339(alert.fired_at),
        "resolved_at": None if alert.resolved_at is None else rfc3339(alert.resolved_at),
        "resolved_because": alert.resolved_because,
        "at_fire": msgspec.to_builtins(alert.at_fire),
        "latest": msgspec.to_builtins(alert.latest),
        "evidence": [msgspec.to_builtins(each) for each in alert.evidence],
        "message": alert.message,
        "emitted_at": None if emitted_at is None else rfc3339(emitted_at),
    }
