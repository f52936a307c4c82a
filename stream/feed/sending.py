"""How are many records sent so that each is acknowledged, in bounded memory?"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError

from stream.feed.errors import RefusedByKafkaError
from stream.feed.records import Record
from topics.inputs import MAX_RECORD_BYTES, MAX_VALUE_BYTES

AROUND_A_VALUE = 100
"""More than Kafka writes around one key and value."""

REQUEST_BYTES = MAX_RECORD_BYTES + (1 << 20)
BATCH_BYTES = 256 * 1024
LINGER_MS = 5

Limits = Mapping[str, int]
"""How long a record each topic takes, its ``max.message.bytes``."""

TellRefused = Callable[[int, str], None]
"""Told the number of a line, and why it cannot be sent."""


def new_producer(bootstrap: str) -> AIOKafkaProducer:
    """Sends acknowledged by all replicas, without repeats, to the partition that Kafka's own hash of the key gives."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        client_id="shopwatch-load",
        acks="all",
        enable_idempotence=True,
        linger_ms=LINGER_MS,
        max_batch_size=BATCH_BYTES,
        max_request_size=REQUEST_BYTES,
    )


class Sending:
    """Sends through ``producer``, which is started.

    ``refused`` is told of each record that its topic would not take, ``waiting`` whenever there was no room for long.  It
    waits where Kafka is slower than the file, and as long as Kafka is away: memory is bounded by a batch a partition.
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
        self._error: BaseException | None = None
        self.acknowledged: Counter[str] = Counter()
        self.refused = 0

    async def send(self, number: int, record: Record) -> None:
        """Hand over line ``number``; raises RefusedByKafkaError once Kafka takes nothing any more."""
        self._raise_error()
        limit = self._limits.get(record.topic, MAX_RECORD_BYTES)
        if len(record.value) > MAX_VALUE_BYTES or _size(record) > limit:
            # Asking Kafka would cost more than the answer: an idempotent producer never recovers from a refused batch.
            self.refused += 1
            self._tell_refused(number, f"too long for topic {self._prefix}{record.topic}")
        else:
            future = await self._handed_over(record)
            future.add_done_callback(partial(self._done, record.topic))

    async def finish(self) -> None:
        """Returns when all is acknowledged or refused; raises RefusedByKafkaError."""
        await self._producer.flush()
        await asyncio.sleep(0)  # the futures are done; now their callbacks have run, too
        self._raise_error()

    async def _handed_over(self, record: Record) -> "asyncio.Future[object]":
        while True:
            try:
                future: asyncio.Future[object] = await self._producer.send(
                    self._prefix + record.topic, record.value, record.key
                )
            except (
                KafkaTimeoutError
            ):  # there was no room in all that time: the record was not taken, Kafka is away
                self._tell_waiting()
            else:
                return future

    def _done(self, topic: str, future: "asyncio.Future[object]") -> None:
        error = asyncio.CancelledError() if future.cancelled() else future.exception()
        if error is None:
            self.acknowledged[topic] += 1
        else:
            self._error = self._error or error

    def _raise_error(self) -> None:
        if self._error is not None:
            raise RefusedByKafkaError(self._error)


def _size(record: Record) -> int:
    return len(record.key or b"") + len(record.value) + AROUND_A_VALUE
