"""What does the small engine conclude that reads everything by itself?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.partitioner import murmur2

from tests.worker.fakes import TinyAlert, TinyEngine, read_tiny
from tests.worker.rig import PARTITIONS

KINDS = {
    "orders": "order_paid",
    "ships": "package_shipped",
    "pickups": "package_picked_up",
    "refunds": "refund_requested",
}


@dataclass(frozen=True)
class Expected:
    """What one engine a partition says, fed with everything before any of it is decided."""

    alerts: Mapping[str, TinyAlert]
    rates: Mapping[bytes, Mapping[str, Any]]
    orders: Mapping[bytes, Mapping[str, int]]


def expected(sent: list[tuple[str, bytes, bytes]]) -> Expected:
    """The oracle for whatever workers with the small engine were sent."""
    engines = [TinyEngine() for _ in range(PARTITIONS)]
    for topic, key, value in sent:
        engines[(murmur2(key) & 0x7FFFFFFF) % PARTITIONS].apply(read_tiny(topic, key, value))
    end = max(engine.latest_fact or 0 for engine in engines)
    alerts = {alert.alert_id: alert for engine in engines for alert in engine.advance(end).alerts}
    rates = {shop.encode(): engine.rates(shop) for engine in engines for shop in engine.shops()}
    orders = {
        b"o" + "/".join(key).encode(): facts for engine in engines for key, facts in engine.orders.items()
    }
    return Expected(alerts, rates, orders)


def counted(records: list[ConsumerRecord]) -> dict[bytes, int]:
    """How often each key occurs."""
    counts: dict[bytes, int] = {}
    for record in records:
        counts[record.key] = counts.get(record.key, 0) + 1
    return counts
