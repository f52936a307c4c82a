"""Does a worker show how each of its partitions stands, however many it has?"""

import asyncio
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from stream.ops.catalogue import EVENT_LAG, KNOWN_SHOPS, LAG, SILENCE, WATERMARK, WATERMARK_DELAY
from stream.ops.marketplace import Marketplace
from stream.ops.registry import Metrics
from stream.worker.clock import now_ms
from stream.worker.partition import Partition
from stream.worker.ticker import SHOW_EVERY, Ticker
from stream.worker.transaction import Transaction
from tests.ops.story import TWO, document
from tests.worker.fakes import TinyEngine
from tests.worker.records import batch
from tests.worker.test_partition import paid, work


class Asked:
    """Says that every topic ends at 3."""

    async def ends(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        """All alike."""
        return dict.fromkeys(places, 3)


def ticker(*numbers: int, clock: str = "events") -> Ticker:
    given = replace(work(clock=clock), marketplace=Marketplace(TWO, 5))
    lanes = {
        number: SimpleNamespace(
            partition=Partition(number, given, TinyEngine()), pulse=SimpleNamespace(lag=0), wake=lambda: None
        )
        for number in numbers
    }
    worker = SimpleNamespace(
        lanes=SimpleNamespace(running=lanes),
        steady=True,
        vitals=SimpleNamespace(answered_at=0.0),
        consumer=SimpleNamespace(progress=SimpleNamespace(reached={})),
    )
    settings, observer = given.settings, cast("Any", Asked())
    return Ticker(settings, cast("Any", worker), observer, Metrics(), given.marketplace, None, 9)


def ticks(of: Ticker, count: int = SHOW_EVERY) -> str:
    async def tick() -> None:
        for _ in range(count):
            await of._tick()

    asyncio.run(tick())
    return of.metrics.text().decode()


@pytest.mark.parametrize("partitions", [1, 2, SHOW_EVERY, 3 * SHOW_EVERY])
def test_all_partitions_are_shown_at_every_show(partitions: int) -> None:
    text = ticks(ticker(*range(partitions)))
    shown = [
        number
        for number in range(partitions)
        if f'{LAG.name}{{partition="{number}",topic="ships"}} 3' in text
    ]
    assert shown == list(range(partitions))


def test_a_partition_is_told_how_many_events_it_has_still_to_read() -> None:
    mine = ticker(0)
    partition = mine.worker.lanes.running[0].partition
    ticks(mine, 1)
    assert partition.lag == 12
    partition.apply(batch("orders", None, paid(1)), Transaction())
    ticks(mine, 1)
    assert partition.lag == 11


def test_silence_is_behind_the_newest_of_any_topic_and_delay_behind_the_present() -> None:
    mine = ticker(0)
    partition = mine.worker.lanes.running[0].partition
    partition.apply(batch("orders", None, paid(50_000)), Transaction())
    partition.apply(batch("ships", None, paid(30_000)), Transaction())
    partition.engine.advance(20_000)
    text = ticks(mine)
    assert f'{SILENCE.name}{{partition="0",topic="ships"}} 20.0' in text
    assert f'{SILENCE.name}{{partition="0",topic="orders"}} 0.0' in text
    assert f'{EVENT_LAG.name}{{partition="0",topic="ships"}} 20.0' in text
    assert f'{WATERMARK_DELAY.name}{{partition="0"}} 30.0' in text, "by events: behind the newest of them"
    assert f'{WATERMARK.name}{{partition="0"}} 20.0' in text


def test_by_the_wall_clock_the_present_is_real_time() -> None:
    mine = ticker(0, clock="real")
    partition = mine.worker.lanes.running[0].partition
    partition.engine.advance(now_ms() - 60_000)
    (line,) = re.findall(rf"(?m)^{WATERMARK_DELAY.name}.* (\S+)$", ticks(mine))
    assert 60 <= float(line) < 120


def test_shops_of_partitions_that_are_gone_are_gone_with_the_next_show() -> None:
    mine = ticker(0)
    running = mine.worker.lanes.running
    running[0].partition.shops.tell("s", document((5, 5)))
    assert f"{KNOWN_SHOPS.name} 1.0" in ticks(mine)
    running.clear()
    assert f"{KNOWN_SHOPS.name} 0.0" in ticks(mine)
