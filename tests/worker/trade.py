"""A marketplace whose shops are good and bad in turn, so that alerts fire and resolve all the time, on all partitions.

Event time runs ten times as fast as the clock, unless told otherwise.  What a tick of it brings is sent, shuffled and partly
twice, and acknowledged before the next: so no event is later than a tick, however busy the machine is.  A broker that goes
away is waited for, and what has come together meanwhile is sent at once.
"""

import asyncio
import json
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer

from tests.worker.rig import Rig
from topics.times import rfc3339

SHOPS = 40
BEGINS = 1_700_000_000_000
TICK_MS = 1_000
TICK_S = 0.1
ORDERS_A_TICK = 20
OUTAGE_MS = 180_000
"""No test's broker is away for so long."""
MOOD_MS = 40_000
"""A shop is bad for so long, then good for twice as long."""

POLICY = """
[policy]
name = "trade"
version = "1"
effective_from = 2020-01-01T00:00:00Z
time_zone = "UTC"

[metrics]
on_time = { kind = "on_time_ship" }
scanned = { kind = "pickup_anomaly", pickup_within = "10s" }
returned = { kind = "return", anchor = "requested" }
answered = { kind = "after_sales", resolve_within = "10s" }

[rules]
late = { metric = "on_time", window = "30s", pane = "5s", warning = { below = 0.8, clear_at = 0.9, min_orders = 3 }, critical = { below = 0.5, for = "5s" } }
unscanned = { metric = "scanned", window = "30s", pane = "5s", warning = { above = 0.3, min_orders = 3, keep_firing_for = "5s" } }
returns = { metric = "returned", window = "30s", pane = "5s", warning = { above = 0.5, min_orders = 3 } }
unanswered = { metric = "answered", window = "1m", pane = "5s", warning = { below = 0.7, bad_above = 9 } }
"""

Sent = tuple[str, bytes, bytes]
"""Topic in the contract, key, value."""


@dataclass
class Trade:
    """Goes on until it is stopped; ``sent`` is all that was acknowledged."""

    rig: Rig
    begins: int = BEGINS
    tick_ms: int = TICK_MS
    orders_a_tick: int = ORDERS_A_TICK
    sent: list[Sent] = field(default_factory=list)
    _dice: random.Random = field(default_factory=lambda: random.Random(7))
    _ahead: list[tuple[int, Sent]] = field(default_factory=list)
    _stopped: bool = False

    async def run(self) -> None:
        """Until stopped."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.rig.address, acks="all", request_timeout_ms=OUTAGE_MS
        )
        await producer.start()
        try:
            tick, began = 0, time.monotonic()
            while not self._stopped:
                await self._send(producer, self._tick(tick))
                tick += 1
                await asyncio.sleep(began + tick * TICK_S - time.monotonic())
        finally:
            await producer.stop()

    def stop(self) -> None:
        """Send no more."""
        self._stopped = True

    async def some(self, first: int, ticks: int, pause_s: float = TICK_S / 2) -> None:
        """So many ticks from ``first`` on, somewhat quicker."""
        producer = AIOKafkaProducer(bootstrap_servers=self.rig.address, acks="all")
        await producer.start()
        try:
            for tick in range(first, first + ticks):
                await self._send(producer, self._tick(tick))
                await asyncio.sleep(pause_s)
        finally:
            await producer.stop()

    async def _send(self, producer: AIOKafkaProducer, events: list[Sent]) -> None:
        waiting = [
            await producer.send(self.rig.prefix + topic, value=value, key=key) for topic, key, value in events
        ]
        await asyncio.gather(*waiting)
        self.sent += events

    def _tick(self, number: int) -> list[Sent]:
        begins = self.begins + number * self.tick_ms
        for order in range(number * self.orders_a_tick, (number + 1) * self.orders_a_tick):
            self._ahead += self._order(order, begins + self._dice.randrange(self.tick_ms))
        now = [event for at, event in self._ahead if at < begins + self.tick_ms]
        self._ahead = [(at, event) for at, event in self._ahead if at >= begins + self.tick_ms]
        now += self._dice.sample(now, len(now) // 20)
        self._dice.shuffle(now)
        return now

    def _order(self, number: int, paid: int) -> Iterator[tuple[int, Sent]]:
        shop = number % SHOPS
        bad = (paid // MOOD_MS + shop) % 3 == 0
        for after, topic, fields in story(number, paid, bad=bad):
            named = {
                "event_id": f"{fields['type']}-{number}",
                "shop_id": f"shop-{shop}",
                "order_id": f"{number}",
            }
            value = {**named, "occurred_at": rfc3339(paid + after), **fields}
            yield paid + after, (topic, f"shop-{shop}".encode(), json.dumps(value).encode())


def story(number: int, paid: int, *, bad: bool) -> Iterator[tuple[int, str, Mapping[str, object]]]:
    """What happens to an order: so long after its payment, in this topic, these fields."""
    package, refund = {"package_id": f"p{number}", "carrier": "c"}, {"refund_id": f"r{number}"}
    yield 0, "orders", {"type": "order_paid", "ship_by": rfc3339(paid + 5_000), **GOODS}
    if bad and number % 7 == 0:
        changed = {"ship_by": rfc3339(paid + 9_500), "reason": "platform"}
        yield 4_000, "orders", {"type": "promise_changed", **changed}
    shipped = 9_000 if bad else 3_000
    yield shipped, "ships", {"type": "package_shipped", **package}
    if not bad or number % 2:
        yield shipped + 1_000, "pickups", {"type": "package_picked_up", **package}
    if bad or number % 5 == 0:
        yield 12_000, "refunds", {"type": "refund_requested", **REFUND, **refund}
    if bad and number % 3 == 0:
        yield 15_000, "refunds", {"type": "refund_resolved", "outcome": "approved", **refund}
    if not bad and number % 5 == 0:
        yield 15_000, "refunds", {"type": "refund_withdrawn", **refund}


GOODS = {"goods": "physical", "ship_from": "1", "ship_to": "2", "items": 1, "amount": 100, "currency": "EUR"}
REFUND = {"kind": "return", "reason": "broken", "fault": "merchant"}
