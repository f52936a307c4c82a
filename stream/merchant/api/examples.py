"""How does an answer look?  Examples of OpenAPI; a test holds them to the types."""

from collections.abc import Mapping

_COUNTS = {
    "good": 44,
    "bad": 12,
    "counted": 56,
    "rate": 0.785714,
    "threshold": 0.8,
    "headroom": -4,
    "score": None,
}
_ALERT = {
    "alert_id": "6f9d29d26f9a7aa581d5fe763f79680e",
    "shop_id": "S1",
    "policy": "seed",
    "policy_version": "1",
    "rule": "late_shipping",
    "severity": "demotion",
    "metric": "on_time",
    "window": "3d",
    "state": "firing",
    "fired_at": "2025-03-06T10:00:00.000Z",
    "resolved_at": None,
    "resolved_because": None,
    "at_fire": _COUNTS,
    "latest": _COUNTS,
    "evidence": [
        {
            "order_id": "O-1042",
            "verdict": "late",
            "why": "to be shipped by 2025-03-06 18:00:00+08:00, not shipped yet",
        }
    ],
    "message": "late_shipping is demotion: 44 of 56 orders were shipped on time in the last 3 days, 78.57 %; the line is 80 %.",
    "emitted_at": "2025-03-06T10:00:00.412Z",
}
_FEED = {"read_to": "2025-03-06T10:20:00.000Z", "away_since": None}
_TIER = {"severity": "demotion", "state": "firing", **_COUNTS}
_RATES = {
    "shop_id": "S1",
    "as_of": "2025-03-06T10:20:00.000Z",
    "policy_version": "1",
    "rules": [{"rule": "late_shipping", "metric": "on_time", "window": "3d", "tiers": [_TIER]}],
}

EXAMPLES: Mapping[str, object] = {
    "ShopStanding": {
        "shop_id": "S1",
        "rates": _RATES,
        "trend": [
            {
                "rule": "late_shipping",
                "points": [
                    {"at": "2025-03-06T06:20:00.000Z", "value": 0.86},
                    {"at": "2025-03-06T10:20:00.000Z", "value": 0.785714},
                ],
            }
        ],
        "alerts": {"firing": 1, "resolved": 0},
        "feed": _FEED,
        "position": "3.120.88",
    },
    "AlertPage": {"alerts": [_ALERT], "next": None},
    "OrdersAtRisk": {
        "shop_id": "S1",
        "as_of": "2025-03-06T10:20:00.000Z",
        "metrics": [{"metric": "on_time", "open": 60, "within_1h": 2, "within_6h": 9, "within_24h": 31}],
        "orders": [{"order_id": "O-1051", "due": "2025-03-06T10:45:00.000Z", "metrics": ["on_time"]}],
        "feed": _FEED,
    },
    "SessionInfo": {"name": "the order system of S1", "shops": ["S1"], "ops": False, "clock": "real"},
}
"""By the name of the body's type."""

STREAM = """retry: 2000

event: feed
data: {"read_to":"2025-03-06T10:20:00.000Z","away_since":null}

event: alert
id: 3.121.88
data: {"alert_id":"6f9d29d26f9a7aa581d5fe763f79680e","shop_id":"S1","state":"firing","rule":"late_shipping"}

event: caught_up
id: 3.121.88
data: {}

"""
