"""Does a worker live through its broker's death, and say so once?"""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from stream.broker import Broker
from tests.kafka_fixture import SETTINGS
from tests.worker.expected import expected
from tests.worker.rig import Rig
from tests.worker.test_crash import some_events

SETTINGS_OF_THE_WORKER = json.dumps(
    {"clock": "events", "session_timeout_s": 6.0, "transaction_timeout_ms": 90_000}
)
"""A transaction that was open when the broker died goes on after it: it must not time out on a slow machine."""


@pytest.mark.kafka
def test_a_worker_outlives_its_broker(tmp_path: Path) -> None:
    async def scene(broker: Broker, rig: Rig) -> None:
        await rig.create()
        sent = some_events(0)
        await rig.send((topic, None, key, value) for topic, key, value in sent)
        worker = rig.start("w", "--settings", SETTINGS_OF_THE_WORKER)
        await asyncio.to_thread(worker.wait_for, "STEP committed")
        broker.kill()
        await asyncio.to_thread(worker.wait_for, "does not answer")
        await asyncio.to_thread(broker.start)
        await asyncio.to_thread(worker.wait_for, "answers again", 60)
        more = some_events(1)
        await rig.send((topic, None, key, value) for topic, key, value in more)
        right = expected([*sent, *more])
        await _until_kept(rig, right.orders)
        worker.process.terminate()
        assert await asyncio.to_thread(worker.wait) == 0, worker.describe()
        assert len([line for line in worker.errors if "does not answer" in line]) == 1
        assert len(worker.errors) < 40, worker.describe()

    with Broker(tmp_path / "kafka", settings=SETTINGS) as broker:
        rig = Rig(broker.address, tmp_path)
        try:
            asyncio.run(scene(broker, rig))
        finally:
            rig.end()


async def _until_kept(rig: Rig, orders: Mapping[bytes, object]) -> None:
    """Until the ledger holds these orders, and no other."""
    kept: dict[bytes, object] = {}
    for _ in range(100):
        kept = {key: facts for key, facts in (await rig.latest("ledger")).items() if key[:1] == b"o"}
        if kept == orders:
            return
        await asyncio.sleep(0.2)
    assert kept == orders
