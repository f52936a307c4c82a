"""How is a compacted topic read as a whole, fast and to its committed end?"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from stream.kafka.closing import close
from stream.kafka.errors import SilentError
from stream.worker.settings import Settings

FETCH_BYTES = 4 << 20
SLICE = 10_000
"""After so many records the event loop may turn."""

Take = Callable[[Any], None]


def reader(settings: Settings) -> AIOKafkaConsumer:
    """A consumer outside of any group that sees committed records only.

    ``earliest`` and no ``seek_to_beginning()``: that races with the reset that ``assign()`` begins, and read nothing at all,
    silently, in one of the runs that proved this way.
    """
    return AIOKafkaConsumer(
        **settings.bootstrap.client(),
        client_id=f"{settings.group.name}-reader",
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )


async def read_all(settings: Settings, partitions: Collection[TopicPartition], take: Take) -> int:
    """Hand every committed record of ``partitions`` to ``take``, in each partition's order; return how many.

    Raises SilentError where Kafka has gone for longer than the settings' patience, and KafkaError where it was not there.
    """
    if not partitions:
        return 0
    consumer = reader(settings)
    await consumer.start()
    try:
        consumer.assign(list(partitions))
        async with _heard_again_within(settings.patience.silence_s) as heard:
            return await _read_to_end(consumer, partitions, take, heard)
    finally:
        await close(consumer.stop())


@asynccontextmanager
async def _heard_again_within(silence_s: float | None) -> AsyncIterator[Callable[[], None]]:
    """Raises SilentError within the ``with`` as soon as what it yields has not been called for so long; None: never."""
    if silence_s is None:
        yield lambda: None
        return
    now, bound = asyncio.get_running_loop().time, asyncio.timeout(silence_s)
    try:
        async with bound:
            yield lambda: bound.reschedule(now() + silence_s)
    except TimeoutError:
        if not bound.expired():
            raise
        raise SilentError(silence_s) from None


async def _read_to_end(
    consumer: AIOKafkaConsumer,
    partitions: Collection[TopicPartition],
    take: Take,
    heard: Callable[[], None],
) -> int:
    # Of a consumer that reads committed, the end is the last stable offset.  Positions also move over the holes that
    # compaction and control records leave, so they reach it.
    count, ends = 0, await consumer.end_offsets(partitions)
    while open_ones := [tp for tp in partitions if await consumer.position(tp) < ends[tp]]:
        some = await consumer.getmany(*open_ones, timeout_ms=500)
        if some:
            heard()
        for records in some.values():
            for begin in range(0, len(records), SLICE):
                for record in records[begin : begin + SLICE]:
                    take(record)
                await asyncio.sleep(0)
            count += len(records)
    return count


async def read_last(
    settings: Settings, partitions: Collection[TopicPartition], key: bytes
) -> dict[int, bytes]:
    """The latest value of ``key`` in each partition, found from its end; partitions without one are left out."""
    consumer = reader(settings)
    await consumer.start()
    try:
        consumer.assign(list(partitions))
        ends = await consumer.end_offsets(partitions)
        found = {tp.partition: await _last(consumer, tp, ends[tp], key) for tp in partitions}
    finally:
        await close(consumer.stop())
    return {partition: value for partition, value in found.items() if value is not None}


async def _last(consumer: AIOKafkaConsumer, tp: TopicPartition, end: int, key: bytes) -> bytes | None:
    others = [other for other in consumer.assignment() if other != tp]
    consumer.pause(*others)
    begin, back = await consumer.position(tp), 1_000  # the position is known: the reset of assign() is done
    begin = (await consumer.beginning_offsets([tp]))[tp]
    try:
        while True:
            start = max(begin, end - back)
            consumer.seek(tp, start)
            value = await _last_between(consumer, tp, end, key)
            if value is not None or start == begin:
                return value
            back *= 10
    finally:
        consumer.resume(*others)


async def _last_between(consumer: AIOKafkaConsumer, tp: TopicPartition, end: int, key: bytes) -> bytes | None:
    value: bytes | None = None
    while await consumer.position(tp) < end:
        for record in (await consumer.getmany(tp, timeout_ms=500)).get(tp, ()):
            if record.key == key:
                value = record.value
    return value
