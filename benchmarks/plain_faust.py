"""How would one write it with Faust alone?  An agent a topic, tables for what is known of orders and for shops' counts.

It does the same job as far as Faust goes: every fact is kept, each shop's shipping, pickups and returns are counted, an
alert is sent when a rate crosses its line.  It goes no further than that: an order never shipped is never late (a table
cannot be written from a timer), nothing leaves a window (a windowed table does 150 to 215 events a second), an event read
twice after a crash counts twice, as does a repeat.
"""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import faust

from benchmarks.progress import Progress

LINES = {"on_time": 0.15, "pickup": 0.10, "return": 0.10}
LEAST = 20
PARTITIONS = 4


class Job:
    """The tables and the agents of ``app``, reading the topics behind ``prefix``."""

    def __init__(self, app: Any, prefix: str, progress: Progress) -> None:
        self._progress = progress
        self._orders = app.Table("orders", default=dict)
        self._shops = app.Table("shops", default=dict)
        self._alerts = app.topic(f"{prefix}alerts")
        agents = {
            "orders": self._on_orders,
            "ships": self._on_ships,
            "pickups": self._on_pickups,
            "refunds": self._on_refunds,
        }
        for name, agent in agents.items():
            topic = app.topic(f"{prefix}{name}", key_type=bytes, value_serializer="json")
            app.agent(topic, name=f"bench.{name}")(agent)

    async def _on_orders(self, stream: Any) -> None:
        async for event in stream:
            facts = self._orders[event["order_id"]]
            if event["type"] == "order_cancelled":
                facts["cancelled"] = event["occurred_at"]
            else:
                facts["ship_by"] = event.get("ship_by")
            self._orders[event["order_id"]] = facts
            self._progress.count()

    async def _on_ships(self, stream: Any) -> None:
        async for event in stream:
            facts = self._join(event, "shipped")
            due = facts.get("ship_by")
            if due and "cancelled" not in facts:
                late = datetime.fromisoformat(event["occurred_at"]) > datetime.fromisoformat(due)
                await self._judge(event["shop_id"], "on_time", bad=late)
            self._progress.count()

    async def _on_pickups(self, stream: Any) -> None:
        async for event in stream:
            shipped = self._join(event, "scanned").get("shipped")
            if shipped:
                limit = datetime.fromisoformat(shipped) + timedelta(hours=24)
                late = datetime.fromisoformat(event["occurred_at"]) > limit
                await self._judge(event["shop_id"], "pickup", bad=late)
            self._progress.count()

    async def _on_refunds(self, stream: Any) -> None:
        async for event in stream:
            self._join(event, event["type"])
            if event["type"] == "refund_requested":
                await self._judge(event["shop_id"], "return", bad=True)
            self._progress.count()

    def _join(self, event: Any, fact: str) -> Any:
        facts = self._orders[event["order_id"]]
        facts[fact] = event["occurred_at"]
        self._orders[event["order_id"]] = facts
        return facts

    async def _judge(self, shop: str, metric: str, *, bad: bool) -> None:
        counts = self._shops[shop]
        good, wrong, firing = counts.get(metric, (0, 0, False))
        good, wrong = good + (not bad), wrong + bad
        over = good + wrong >= LEAST and wrong / (good + wrong) > LINES[metric]
        counts[metric] = (good, wrong, over)
        self._shops[shop] = counts
        if over != firing:
            await self._alerts.send(key=shop, value={"shop_id": shop, "metric": metric, "firing": over})


def make_app(address: str, prefix: str) -> Any:
    """Reading from the beginning, with tables in memory and their changelogs in Kafka."""
    return faust.App(
        f"{prefix}faust",
        broker=f"kafka://{address}",
        store="memory://",
        datadir=Path(mkdtemp(prefix="bench-faust-")),
        web_enabled=False,
        autodiscover=False,
        topic_partitions=PARTITIONS,
        topic_replication_factor=1,
        consumer_auto_offset_reset="earliest",
        broker_max_poll_records=2_000,
    )


def main(address: str, prefix: str, events: str) -> None:
    """Run until it is killed."""
    app = make_app(address, prefix)
    Job(app, prefix, Progress(int(events)))
    faust.Worker(app, loglevel="ERROR", quiet=True, redirect_stdouts=False).execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:])
