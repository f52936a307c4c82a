"""Does the storm of alerts run?  At toy size, and nobody asks how fast; that nothing is lost is asked."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.kafka import Kafka
from benchmarks.notify_storm import run
from tests.kafka_fixture import Addressed


@pytest.mark.long
@pytest.mark.kafka
def test_a_small_storm_loses_nothing(
    kafka: Addressed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(run(Kafka(kafka.address, "storm-"), tmp_path, alerts=200, seconds=5))
    said = capsys.readouterr()
    assert "200 alerts written" in said.err
    assert "ids with more than one body: 0" in said.out
