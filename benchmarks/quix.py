"""How would one write it with Quix Streams?  The four topics as one stream, and what is known of a shop as its state.

It goes as far as the plain Faust app does, and no further: see there.  It runs in an environment of its own (`make bench`
makes it), whose pins do not agree with the project's.
"""

import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from tempfile import mkdtemp
from typing import Any

from quixstreams import Application

from benchmarks.progress import Progress

LINES = {"on_time": 0.15, "pickup": 0.10, "return": 0.10}
LEAST = 20
INPUTS = ("orders", "ships", "pickups", "refunds")


class Job:
    """What is done with an event; the state is that of its key, the shop."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __call__(self, event: Mapping[str, Any], state: Any) -> Mapping[str, Any] | None:
        """The alert that follows, if any does."""
        order = event["order_id"]
        facts = state.get(order, {})
        alert = self._join(event, facts, state)
        state.set(order, facts)
        self._progress.count()
        return alert

    def _join(self, event: Mapping[str, Any], facts: dict[str, Any], state: Any) -> Mapping[str, Any] | None:
        kind, at, shop = event["type"], event["occurred_at"], event["shop_id"]
        facts[kind] = at
        if kind in {"order_paid", "promise_changed"}:
            facts["ship_by"] = event.get("ship_by")
        elif kind == "package_shipped" and facts.get("ship_by") and "order_cancelled" not in facts:
            late = datetime.fromisoformat(at) > datetime.fromisoformat(facts["ship_by"])
            return judge(state, shop, "on_time", bad=late)
        elif kind == "package_picked_up" and "package_shipped" in facts:
            limit = datetime.fromisoformat(facts["package_shipped"]) + timedelta(hours=24)
            return judge(state, shop, "pickup", bad=datetime.fromisoformat(at) > limit)
        elif kind == "refund_requested":
            return judge(state, shop, "return", bad=True)
        return None


def judge(state: Any, shop: str, metric: str, *, bad: bool) -> Mapping[str, Any] | None:
    """Count, and say when the line is crossed."""
    counts = state.get("counts", {})
    good, wrong, firing = counts.get(metric, (0, 0, False))
    good, wrong = good + (not bad), wrong + bad
    over = good + wrong >= LEAST and wrong / (good + wrong) > LINES[metric]
    counts[metric] = (good, wrong, over)
    state.set("counts", counts)
    return None if over == firing else {"shop_id": shop, "metric": metric, "firing": over}


def main(address: str, prefix: str, events: str) -> None:
    """Until it is killed."""
    app = Application(
        broker_address=address,
        consumer_group=f"{prefix}quix",
        auto_offset_reset="earliest",
        state_dir=mkdtemp(prefix="bench-quix-"),
        commit_interval=1.0,
        loglevel="ERROR",
    )
    streams = [app.dataframe(app.topic(f"{prefix}{name}", value_deserializer="json")) for name in INPUTS]
    merged = streams[0]
    for stream in streams[1:]:
        merged = merged.concat(stream)
    alerts = app.topic(f"{prefix}alerts", value_serializer="json")
    merged = merged.apply(Job(Progress(int(events))), stateful=True)
    merged.filter(lambda alert: alert is not None).to_topic(alerts)
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
