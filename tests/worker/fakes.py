"""A small engine with the public face of the real one, so that the host can be tried by itself.

An order is decided at the later of payment and shipping; every tenth decided order of a shop is an alert.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stream.engine.reading import UnreadableEvent
from stream.policy.spec import PolicySet
from topics.times import parse_time, rfc3339

EVERY = 10
TOO_OLD_MS = 10 * 365 * 86_400_000


@dataclass(frozen=True)
class TinyEvent:
    """A fact."""

    kind: str
    shop_id: str
    order_id: str
    occurred_at: int


@dataclass(frozen=True)
class TinyAlert:
    """The tenth decided order, or the twentieth."""

    alert_id: str
    shop_id: str
    fired_at: int


@dataclass
class TinyChanges:
    """What an advance has brought."""

    alerts: list[TinyAlert] = field(default_factory=list)
    records: dict[bytes, bytes | None] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    retractions: int = 0


@dataclass
class TinyEngine:
    """One partition's."""

    clock: int | None = None
    latest_fact: int | None = None
    orders: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    decided: set[tuple[str, str]] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    dirty: dict[tuple[str, str], None] = field(default_factory=dict)
    open: set[tuple[str, str]] = field(default_factory=set)

    def apply(self, event: TinyEvent) -> str:
        """Join a fact."""
        if self.clock is not None and event.occurred_at < self.clock - TOO_OLD_MS:
            return "too_old"
        self.latest_fact = max(event.occurred_at, self.latest_fact or event.occurred_at)
        key = (event.shop_id, event.order_id)
        order = self.orders.setdefault(key, {})
        if order.get(event.kind, event.occurred_at + 1) <= event.occurred_at:
            return "repeated"
        order[event.kind] = event.occurred_at
        self.dirty[key] = None
        self.open.add(key)
        late = self.clock is not None and event.occurred_at <= self.clock
        return "late" if late else "joined"

    def advance(self, watermark: int | None) -> TinyChanges:
        """Decide what is due."""
        changes = TinyChanges()
        if watermark is not None:
            self.clock = watermark
            for at, key in sorted((self._due(key), key) for key in self.open if self._due(key) <= watermark):
                self._decide(key, at, changes)
        for key in self.dirty:
            changes.records[b"o" + "/".join(key).encode()] = json.dumps(self.orders[key]).encode()
        self.dirty.clear()
        return changes

    def _due(self, key: tuple[str, str]) -> float:
        order = self.orders[key]
        return max(order.get("order_paid", float("inf")), order.get("package_shipped", float("inf")))

    def _decide(self, key: tuple[str, str], at: float, changes: TinyChanges) -> None:
        self.open.discard(key)
        if key in self.decided:
            return
        self.decided.add(key)
        shop = key[0]
        self.counts[shop] = self.counts.get(shop, 0) + 1
        changes.touched.add(shop)
        if self.counts[shop] % EVERY == 0:
            changes.alerts.append(TinyAlert(f"{shop}:{self.counts[shop]}", shop, int(at)))

    def end(self) -> int | None:
        """No deadlines here: the latest fact."""
        return self.latest_fact

    def restore(self, key: bytes, value: bytes | None) -> None:
        """Take a record back."""
        shop, order = key[1:].decode().split("/")
        if value is None:
            self.orders.pop((shop, order), None)
        else:
            self.orders[shop, order] = json.loads(value)

    def rebuild(self, clock: int | None, latest_fact: int | None) -> Iterator[None]:
        """Decide again what was decided at the clock."""
        self.clock, self.latest_fact = clock, latest_fact
        for key in self.orders:
            if clock is not None and self._due(key) <= clock:
                self.decided.add(key)
                self.counts[key[0]] = self.counts.get(key[0], 0) + 1
            else:
                self.open.add(key)
            yield

    def rates(self, shop_id: str) -> Mapping[str, Any]:
        """How many orders were decided."""
        return {"shop_id": shop_id, "as_of": self.clock, "decided": self.counts.get(shop_id, 0)}

    def shops(self) -> Iterable[str]:
        """Those with a decided order."""
        return list(self.counts)

    def in_trouble(self, shop_id: str) -> bool:
        """Those with many."""
        return self.counts.get(shop_id, 0) > EVERY


def read_tiny(topic: str, key: bytes | None, value: bytes | None) -> TinyEvent:
    try:
        fields = json.loads(value or b"")
    except ValueError as error:
        raise UnreadableEvent("not_json", str(error)) from error
    if key != fields["shop_id"].encode():
        raise UnreadableEvent("key_not_shop", "the key is not the shop")
    return TinyEvent(fields["type"], fields["shop_id"], fields["order_id"], parse_time(fields["occurred_at"]))


def write_tiny(alert: TinyAlert, emitted_at: int) -> Mapping[str, Any]:
    return {
        "alert_id": alert.alert_id,
        "rule": "tenth",
        "severity": "warning",
        "state": "firing",
        "shop_id": alert.shop_id,
        "fired_at": rfc3339(alert.fired_at),
        "emitted_at": rfc3339(emitted_at),
    }


def tiny_policy(text: str = "tiny") -> PolicySet:
    """A policy set that the small engine does not ask for anything."""
    return PolicySet("tiny", (), (), (text,), f"digest of {text}")
