"""How are many records sent so that each is acknowledged, in bounded memory and whole batches?

Records are put into batches here, one a topic and partition, and a batch is handed over whole: a future and a copy of
each record would cost more than all the rest.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache, partial
from random import Random
from typing import Any, TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError
from aiokafka.partitioner import murmur2

from stream.feed.errors import RefusedByKafkaError
from stream.feed.records import Record
from stream.kafka.access import Access
from topics.inputs import MAX_RECORD_BYTES, MAX_VALUE_BYTES

AROUND_A_VALUE = 100
"""More than Kafka writes around one key and value, in a batch of its own."""

REQUEST_BYTES = MAX_RECORD_BYTES + (1 << 20)
BATCH_BYTES = 256 * 1024
STUCK_S = 5.0
"""After so long without an answer whoever waits is told."""
KEYS_KNOWN = 1 << 17
"""Of so many keys the hash is remembered: it takes longer than all else that is done for a record."""

Limits = Mapping[str, int]
"""How long a record each topic takes, its ``max.message.bytes``."""

TellRefused = Callable[[int, str], None]
"""Told the number of a line, and why it cannot be sent."""

_Place = tuple[str, int]
"""A topic by its name in the contract, and a partition."""

_Answer = TypeVar("_Answer")


def new_producer(bootstrap: Access) -> AIOKafkaProducer:
    """Sends acknowledged by all replicas, and without repeats."""
    return AIOKafkaProducer(
        **bootstrap.client(),
        client_id="shopwatch-load",
        acks="all",
        enable_idempotence=True,
        max_batch_size=BATCH_BYTES,
        max_request_size=REQUEST_BYTES,
    )


class Sending:
    """Sends through ``producer``, which is started, to the partition that Kafka's own hash of the key gives.

    Within a partition records keep their order.  ``refused`` is told of each record that its topic would not take,
    ``waiting`` whenever there was no answer for long.  It waits where Kafka is slower than whoever sends, and as long as Kafka
    is away: memory is bounded by two batches a partition.
    """

    def __init__(
        self,
        producer: AIOKafkaProducer,
        prefix: str,
        refused: TellRefused,
        waiting: Callable[[], None],
        limits: Limits | None = None,
    ) -> None:
        self._producer = producer
        self._prefix = prefix
        self._tell_refused = refused
        self._tell_waiting = waiting
        self._limits = limits or {}
        self._partitions: dict[str, int] = {}
        self._hash = lru_cache(KEYS_KNOWN)(_hash)
        self._dice = Random()  # noqa: S311 - it spreads what has no key
        self._filling: dict[_Place, Any] = {}
        self._under_way: set[asyncio.Future[object]] = set()
        self._error: BaseException | None = None
        self.acknowledged: Counter[str] = Counter()
        self.refused = 0

    async def send(self, number: int, record: Record) -> None:
        """Take line ``number``, which is on its way at the latest with `finish`.

        Raises RefusedByKafkaError once Kafka takes nothing any more.
        """
        topic, key = record.topic, record.key
        size = len(key or b"") + len(record.value) + AROUND_A_VALUE
        limit = self._limits.get(topic, MAX_RECORD_BYTES)
        if len(record.value) > MAX_VALUE_BYTES or size > limit:
            # Asking Kafka would cost more than the answer: an idempotent producer never recovers from a refused batch.
            self.refused += 1
            self._tell_refused(number, f"too long for topic {self._prefix}{topic}")
            return
        count = self._partitions.get(topic) or await self._count(topic)
        place = topic, self._dice.randrange(count) if key is None else self._hash(key) % count
        batch = self._filling.get(place)
        # The limit holds for a whole batch: many short records together are too long, too.
        if batch is None or batch.size() > limit - size or not _fits(batch, record):
            await self._begin(place, record)

    async def finish(self) -> None:
        """Returns when all is acknowledged or refused; raises RefusedByKafkaError."""
        await self._patiently(self._finish())
        self._raise_error()

    async def _finish(self) -> None:
        for place in list(self._filling):
            await self._hand_over(place)
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _begin(self, place: _Place, record: Record) -> None:
        """A batch with ``record``, which fits into an empty one, however long."""
        if place in self._filling:
            await self._patiently(self._hand_over(place))
        batch = self._filling[place] = self._producer.create_batch()
        _fits(batch, record)

    async def _count(self, topic: str) -> int:
        """How many partitions; a producer would ask for each record, and never see another number in its time."""
        try:
            found = await self._patiently(self._producer.partitions_for(self._prefix + topic))
        except KafkaError as error:
            raise RefusedByKafkaError(error) from None
        return self._partitions.setdefault(topic, len(found))

    async def _hand_over(self, place: _Place) -> None:
        topic, partition = place
        batch = self._filling.pop(place)
        batch.close()
        while True:
            self._raise_error()
            try:
                answer = await self._producer.send_batch(batch, self._prefix + topic, partition=partition)
            except KafkaTimeoutError:  # there was no room in all that time: it was not taken
                continue
            except KafkaError as error:
                raise RefusedByKafkaError(error) from None
            break
        self._under_way.add(answer)
        answer.add_done_callback(partial(self._done, topic, batch.record_count()))

    async def _patiently(self, awaited: Awaitable[_Answer]) -> _Answer:
        """What ``awaited`` returns, however long it takes."""
        task = asyncio.ensure_future(awaited)
        try:
            while not (await asyncio.wait({task}, timeout=STUCK_S))[0]:
                self._tell_waiting()
            return task.result()
        finally:
            task.cancel()

    def _done(self, topic: str, count: int, answer: "asyncio.Future[object]") -> None:
        self._under_way.discard(answer)
        error = asyncio.CancelledError() if answer.cancelled() else answer.exception()
        if error is None:
            self.acknowledged[topic] += count
        else:
            self._error = self._error or error

    def _raise_error(self) -> None:
        if self._error is not None:
            raise RefusedByKafkaError(self._error)


def _hash(key: bytes) -> int:
    """As Kafka's own producers have it."""
    return int(murmur2(key)) & 0x7FFFFFFF


def _fits(batch: Any, record: Record) -> bool:
    """Whether there was room for it."""
    return batch.append(key=record.key, value=record.value, timestamp=None) is not None
