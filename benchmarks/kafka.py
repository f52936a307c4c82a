"""How do events get into Kafka, and how is a group seen to have read them?  Topics of each measurement's own, filled fast."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from benchmarks.stream import Told
from stream.admin.cluster import Cluster
from stream.kafka.access import Access
from stream.worker.partitioner import belongs_by
from topics.catalogue import TOPICS

PARTITIONS = 4
BATCH_BYTES = 512 * 1024
IN_FLIGHT = 16

Rows = Sequence[tuple[bytes, bytes | None]]
"""Keys and values."""
Placed = Mapping[tuple[str, int], Rows]
"""By topic in the contract, and partition."""

SETTINGS = {"log.retention.check.interval.ms": "600000"}


def placed(told: Iterable[Told]) -> Placed:
    """Every event where its shop belongs."""
    belongs, found = (
        belongs_by("murmur2", PARTITIONS),
        dict[tuple[str, int], list[tuple[bytes, bytes | None]]](),
    )
    places: dict[bytes, int] = {}
    for event in told:
        place = places.get(event.key)
        if place is None:
            place = places[event.key] = belongs(event.key) or 0
        found.setdefault((event.topic, place), []).append((event.key, event.value))
    return found


@dataclass(slots=True)
class Kafka:
    """A Kafka at ``address``; every measurement has topics behind a prefix of its own, which begins with ``named``.

    ``pid`` is the broker's, if it is there for the measurements alone.
    """

    address: str
    named: str = ""
    pid: int | None = None
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @asynccontextmanager
    async def topics(self) -> AsyncIterator[str]:
        """All topics of the contract, for as long as the block; yields their prefix."""
        prefix = f"{self.named}bench{next(self._numbers)}-"
        async with await Cluster(Access(self.address), prefix).open() as cluster:
            await cluster.create(TOPICS, PARTITIONS, 1)
        try:
            yield prefix
        finally:
            await self._delete(prefix)

    async def _delete(self, prefix: str) -> None:
        """Also what others have made behind it, changelogs of tables and the like."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        try:
            names = [name for name in await admin.list_topics() if prefix in name]
            await admin.delete_topics(names)
        finally:
            await admin.close()

    async def fill(self, prefix: str, rows: Placed) -> None:
        """Write it all, each partition in its order; returns when it is acknowledged."""
        producer = AIOKafkaProducer(bootstrap_servers=self.address, acks="all", max_batch_size=BATCH_BYTES)
        await producer.start()
        try:
            await write(producer, prefix, rows)
        finally:
            await producer.stop()

    async def committed(self, group: str) -> int:
        """How many records ``group`` has worked off, of topics that were empty before."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        try:
            offsets = await admin.list_consumer_group_offsets(group)
        except KafkaError:  # the group's coordinator is made at its first use
            return 0
        finally:
            await admin.close()
        return sum(max(0, known.offset) for known in offsets.values())


async def write(producer: AIOKafkaProducer, prefix: str, rows: Placed) -> None:
    """Write ``rows`` in large batches."""
    waiting: list[Any] = []
    for (topic, partition), of_place in rows.items():
        for batch in batches(producer, of_place):
            waiting.append(await producer.send_batch(batch, prefix + topic, partition=partition))
            if len(waiting) >= IN_FLIGHT:
                await waiting.pop(0)
    await asyncio.gather(*waiting)


def batches(producer: AIOKafkaProducer, rows: Rows) -> Iterable[Any]:
    """Fill batches."""
    batch = producer.create_batch()
    for key, value in rows:
        if batch.append(key=key, value=value, timestamp=None) is None:
            batch.close()
            yield batch
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None)
    batch.close()
    yield batch
