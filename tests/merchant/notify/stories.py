"""Alerts, books and desks for tests of the notifier."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import msgspec

from stream.merchant.notify.subscriptions import (
    Book,
    Channel,
    Endpoint,
    Hidden,
    HoldRules,
    Merchant,
    Quiet,
    Webhook,
)
from topics.alerts import Alert
from topics.times import rfc3339

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # noqa: S105 - of tests
NOW = 1_790_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
COUNTS = {"good": 7, "bad": 3, "counted": 10, "rate": 0.7, "threshold": 0.8, "headroom": -5, "score": None}
NO_HOLDS = HoldRules(None, None, None, None, 10 * MINUTE, 20)


def document(name: str, shop: str = "s1", **more: object) -> dict[str, Any]:
    """An alert that fires, as the topic has it."""
    return {
        "alert_id": name,
        "shop_id": shop,
        "policy": "seed",
        "policy_version": "1",
        "rule": "late",
        "severity": "warning",
        "metric": "on_time",
        "window": "30d",
        "state": "firing",
        "fired_at": rfc3339(NOW),
        "resolved_at": None,
        "resolved_because": None,
        "at_fire": COUNTS,
        "latest": COUNTS,
        "evidence": [{"order_id": "o1", "verdict": "late", "why": "to be shipped by noon, not shipped yet"}],
        "message": "late is warning: 7 of 10 orders were shipped on time.\nlate 触发 warning：近 30 天 按时发货率 70 %。",
        "emitted_at": rfc3339(NOW),
        **more,
    }


def resolved(firing: Mapping[str, Any], because: str = "recovered") -> dict[str, Any]:
    """The same, over."""
    return {**firing, "state": "resolved", "resolved_at": rfc3339(NOW + HOUR), "resolved_because": because}


def alert(name: str, shop: str = "s1", **more: object) -> Alert:
    """An alert that fires."""
    return read(document(name, shop, **more))


def read(found: Mapping[str, Any]) -> Alert:
    """As it is read."""
    return msgspec.json.decode(json.dumps(found), type=Alert)


def over(firing: Alert, because: str = "recovered") -> Alert:
    """The same, over."""
    return read(resolved(json.loads(msgspec.json.encode(firing)), because))


def webhook(name: str) -> Webhook:
    """A webhook of this name."""
    return Webhook(
        name, Hidden(f"https://{name.replace('/', '.')}.example/in"), "x.example", (Hidden(SECRET),)
    )


def channel(name: str, per_minute: int = 20, digest_ms: int = 0) -> Channel:
    """A chat of this name."""
    return Channel(name, Hidden(f"wecombot://{name}"), "wecombot", per_minute, digest_ms)


def merchant(name: str, *shops: str, endpoints: tuple[Endpoint, ...] = (), **more: Any) -> Merchant:
    """One with a webhook, if nothing else is said."""
    given: dict[str, Any] = {
        "language": "en",
        "zone": UTC,
        "min_rank": 0,
        "repeat_ms": None,
        "quiet": (),
        **more,
    }
    return Merchant(name, frozenset(shops), endpoints=endpoints or (webhook(f"{name}/erp"),), **given)


def book(*merchants: Merchant, ops: Merchant | None = None, hold: HoldRules = NO_HOLDS) -> Book:
    """With warnings below demotions."""
    return Book(merchants, ops, ("warning", "demotion"), hold)


def local(zone: tzinfo, day: int, clock: str) -> int:
    """An instant of November 2026, by the clock on the wall."""
    hours, minutes = map(int, clock.split(":"))
    at = datetime(2026, 11, 1, hours, minutes, tzinfo=zone) + timedelta(days=day - 1)
    return int(at.timestamp() * 1000)


__all__ = ["Quiet"]
