"""How are many records sent at once, at a third of what one after the other costs?"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError
from aiokafka.partitioner import DefaultPartitioner

from stream.feed.errors import RefusedByKafkaError
from stream.feed.records import Record

_Place = tuple[str, int]
"""A topic by its name in the contract, and a partition."""


class Bulk:
    """Sends through ``producer``, which is started, to topics of so many ``partitions``; every record is far shorter than a batch.

    ``waiting`` is told whenever there was no room for long: it waits as long as Kafka is away.  A shop's partition is
    remembered, so memory grows with the shops.
    """

    def __init__(
        self,
        producer: AIOKafkaProducer,
        prefix: str,
        partitions: Mapping[str, int],
        waiting: Callable[[], None],
    ) -> None:
        self._producer = producer
        self._prefix = prefix
        self._numbers = {topic: list(range(count)) for topic, count in partitions.items()}
        self._tell_waiting = waiting
        self._partition_of = DefaultPartitioner()
        self._known: dict[tuple[str, bytes | None], int] = {}
        self.acknowledged: Counter[str] = Counter()

    async def send(self, records: Iterable[Record]) -> None:
        """Returns when all are acknowledged; within a partition they keep their order.  Raises RefusedByKafkaError."""
        filling: dict[_Place, Any] = {}
        answers: list[tuple[str, int, asyncio.Future[object]]] = []
        for record in records:
            place = record.topic, self._partition(record)
            batch = filling.get(place)
            if batch is None:
                batch = filling[place] = self._producer.create_batch()
            if batch.append(key=record.key, value=record.value, timestamp=None) is None:
                answers.append(await self._handed_over(place, batch))
                batch = filling[place] = self._producer.create_batch()
                batch.append(key=record.key, value=record.value, timestamp=None)
        answers += [await self._handed_over(place, batch) for place, batch in filling.items()]
        for topic, count, answer in answers:
            try:
                await answer
            except KafkaError as error:
                raise RefusedByKafkaError(error) from None
            self.acknowledged[topic] += count

    def _partition(self, record: Record) -> int:
        known = self._known.get((record.topic, record.key))
        if known is None:
            numbers = self._numbers[record.topic]
            known = self._known[record.topic, record.key] = self._partition_of(record.key, numbers, numbers)
        return known

    async def _handed_over(self, place: _Place, batch: Any) -> tuple[str, int, "asyncio.Future[object]"]:
        topic, partition = place
        count = batch.record_count()
        batch.close()
        while True:
            try:
                answer = await self._producer.send_batch(batch, self._prefix + topic, partition=partition)
            except KafkaTimeoutError:  # there was no room in all that time: it was not taken
                self._tell_waiting()
            else:
                return topic, count, answer
