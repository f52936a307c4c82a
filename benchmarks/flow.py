"""How do events reach Kafka at a steady rate, each at the moment at which it happens?  Made beforehand, sent by the clock."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer

from benchmarks.kafka import BATCH_BYTES, batches, placed
from benchmarks.progress import Progress
from benchmarks.stream import Told, peak
from stream.worker.clock import now_ms

TICK_MS = 20
"""Events wait so long at most until they are sent."""

MADE_A_SECOND = 40_000
"""At least so many are made ready, before the first is due."""

Tick = Sequence[tuple[str, int, Any]]
"""Topic, partition and a batch of one tick."""


async def flow(address: str, prefix: str, rate: int, seconds: int, shops: int) -> None:
    """Send for so many seconds; says first how many events it has made, and then that they are acknowledged."""
    begins = now_ms() + 3_000 + rate * seconds * 1000 // MADE_A_SECOND
    whole = peak(rate * seconds, shops, a_second=rate, begins=begins).told()
    told = [event for event in whole if event.at < begins + seconds * 1000]
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all", max_batch_size=BATCH_BYTES)
    await producer.start()
    try:
        progress = Progress(len(told) + 1)
        ticks = _ticks(producer, told, begins)
        progress.count(len(told))
        await _send(producer, prefix, ticks, begins)
        progress.count()
    finally:
        await producer.stop()


def _ticks(producer: AIOKafkaProducer, told: Sequence[Told], begins: int) -> dict[int, Tick]:
    by_tick: dict[int, list[Told]] = {}
    for event in told:
        by_tick.setdefault((event.at - begins) // TICK_MS, []).append(event)
    return {
        number: [
            (topic, partition, batch)
            for (topic, partition), rows in placed(of_tick).items()
            for batch in batches(producer, rows)
        ]
        for number, of_tick in by_tick.items()
    }


async def _send(producer: AIOKafkaProducer, prefix: str, ticks: dict[int, Tick], begins: int) -> None:
    waiting = []
    for number, tick in sorted(ticks.items()):
        await asyncio.sleep((begins + (number + 1) * TICK_MS - now_ms()) / 1000)
        for topic, partition, batch in tick:
            waiting.append(await producer.send_batch(batch, prefix + topic, partition=partition))
    await asyncio.gather(*waiting)


if __name__ == "__main__":
    asyncio.run(flow(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
