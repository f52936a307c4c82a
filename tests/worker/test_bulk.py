"""What becomes of a reading to the end if Kafka goes before it?"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition

from stream.broker import Broker
from stream.kafka.access import Access
from stream.kafka.errors import SilentError
from stream.worker import bulk
from stream.worker.settings import Patience, Settings
from tests.worker.rig import Rig

RECORDS = 2_000


@pytest.mark.kafka
def test_a_kafka_that_goes_meanwhile_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "FETCH_BYTES", 10_000)
    taken: list[Any] = []

    async def scene(broker: Broker, rig: Rig) -> None:
        await rig.create(1)
        await rig.send(("ledger", 0, b"%d" % number, bytes(500)) for number in range(RECORDS))
        settings = Settings((), Access(broker.address), topics=rig.topics, patience=Patience(silence_s=0.5))
        ledger = [TopicPartition(rig.topics.name("ledger"), 0)]
        assert await bulk.read_all(settings, ledger, taken.append) == RECORDS == len(taken)
        taken.clear()

        def take(record: Any) -> None:
            if not taken:
                broker.kill()
            taken.append(record)

        with pytest.raises(SilentError, match="run it again when it does"):
            await bulk.read_all(settings, ledger, take)

    with Broker(tmp_path / "kafka") as broker:
        asyncio.run(scene(broker, Rig(broker.address, tmp_path)))
    assert 0 < len(taken) < RECORDS
