"""Is everything right after an end between any two steps of a transaction? (DESIGN 8)"""

import asyncio
import json

import pytest

from tests.worker.expected import KINDS, counted, expected
from tests.worker.records import event
from tests.worker.rig import Rig

STEPS = (
    "applied",
    "turned",
    "begun",
    "offsets_sent",
    "batches_sent",
    "batches_acknowledged",
    "committed",
    "acknowledged",
)
SETTINGS = json.dumps({"clock": "events", "lateness_ms": 1_000, "session_timeout_s": 2.0})
UNCOMPACTED = {"max.compaction.lag.ms": "9000000", "min.compaction.lag.ms": "8000000"}
ORDERS = 300


def some_events(part: int) -> list[tuple[str, bytes, bytes]]:
    """The orders of one act of the play; each act's are later than those of the acts before."""
    found = []
    for number in range(part * ORDERS, (part + 1) * ORDERS):
        shop = f"shop-{number % 12}"
        for delay, (topic, kind) in enumerate(KINDS.items()):
            value = event(kind, shop, f"{number}", 1_700_000_000_000 + number * 50 + delay)
            found.append((topic, shop.encode(), value))
    return found


@pytest.mark.kafka
def test_an_end_between_any_two_steps_neither_loses_nor_doubles(rig: Rig) -> None:
    async def scene() -> None:
        await rig.create(alerts=UNCOMPACTED)
        sent: list[tuple[str, bytes, bytes]] = []
        for part, step in enumerate(STEPS):
            more = some_events(part)
            sent += more
            await rig.send((topic, None, key, value) for topic, key, value in more)
            # The second time: the first transaction after a recovery says what was recovered.
            worker = rig.start(step, "--settings", SETTINGS, CRASH_AT=f"{step}:6")
            assert await asyncio.to_thread(worker.wait) == 99, worker.describe()
        drain = rig.start("drain", "--settings", json.dumps({"drain": True, "session_timeout_s": 2.0}))
        assert await asyncio.to_thread(drain.wait) == 0, drain.describe()
        right = expected(sent)
        alerts = await rig.read("alerts")
        assert counted(alerts) == {alert.encode(): 1 for alert in right.alerts}
        ledger = await rig.latest("ledger")
        assert {key: facts for key, facts in ledger.items() if key[:1] == b"o"} == right.orders
        assert await rig.latest("rates") == right.rates

    asyncio.run(scene())
