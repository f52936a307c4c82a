"""Does everything that is measured run?  At toy size, and nobody asks how fast."""

import asyncio
from pathlib import Path

import pytest

from benchmarks.__main__ import PARTS, measure_on
from benchmarks.kafka import Kafka
from benchmarks.sizes import TOY
from tests.kafka_fixture import Addressed


@pytest.mark.long
@pytest.mark.kafka
@pytest.mark.parametrize("part", PARTS)
def test_a_part_is_measured(part: str, kafka: Addressed, tmp_path: Path) -> None:
    said: list[str] = []
    found = asyncio.run(measure_on(Kafka(kafka.address, f"{part}-"), TOY, [part], tmp_path, said.append))
    assert len(found) >= 2
    assert all(each.low <= each.value <= each.high for each in found)
    assert len({(each.figure, each.beside) for each in found}) == len(found)
    assert said[0] == f"{part} ..."
