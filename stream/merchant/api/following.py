"""Where does the state come from?  The topics of alerts and rates, read committed, in no group, from their beginning on.

A Kafka that goes away is waited for; what is known stands meanwhile, and everybody can see since when it is old.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from stream.kafka.closing import close
from stream.kafka.rights import denied
from stream.merchant.api.shops import Shops, StrayRecordError
from stream.ops.logs import Say

ALERTS, RATES = "alerts", "rates"

SLICE = 500
"""After so many records whoever else waits for the event loop has it."""
POLL_MS = 500
LOOK_S = 2.0
ANSWER_S = 5.0
"""An answer that takes longer is none."""
RETRY_S = 1.0
STRAYS_SAID = 10
"""So many stray records are said, each in a line; the others are counted."""


class MadeAnewError(Exception):
    """A topic is not the one that was read; what is known of it may be wrong."""

    def __init__(self, place: TopicPartition, known: int) -> None:
        super().__init__(
            f"{place.topic}/{place.partition} ends before offset {known}, up to which it has been read: it was made anew, or has "
            "lost records; start again, to read what there is now"
        )


@dataclass(slots=True)
class Health:
    """How is what is shown?  Known in full or not yet, and since when Kafka has not answered."""

    ready: bool = False
    away_since: int | None = None
    """Milliseconds of the wall clock."""
    strays: int = 0
    """Records that were left out, since they are not what the contract says."""
    records: int = 0
    """Records that were read."""

    def why_not(self) -> str | None:
        """Why nobody should be sent here; None: all is well."""
        if not self.ready:
            return "the topics are being read"
        return None if self.away_since is None else "Kafka does not answer"


@dataclass(slots=True)
class Following:
    """Feeds ``shops``; consumers come from ``new_consumer``, and ``topics`` are the names on the broker by the contract's."""

    new_consumer: Callable[[], AIOKafkaConsumer]
    topics: Mapping[str, str]
    shops: Shops
    now_ms: Callable[[], int]
    say: Say
    health: Health = field(default_factory=Health)
    all_read: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the topics have been read to where they ended at the start."""
    _next: dict[TopicPartition, int] = field(default_factory=dict)

    async def run(self) -> NoReturn:
        """For ever; raises MadeAnewError, and DeniedError where nothing could be read yet."""
        while True:
            try:
                await self._while_kafka_answers()
            except (KafkaError, OSError, TimeoutError) as error:
                self._raise_if_denied(error)
                self._lost(error)
            await asyncio.sleep(RETRY_S)

    def _raise_if_denied(self, error: BaseException) -> None:
        """Who has shown shops goes on showing them, whatever is taken away from him later."""
        refusal = denied(error)
        if refusal is not None and not self.health.ready:
            raise refusal

    async def _while_kafka_answers(self) -> None:
        consumer = self.new_consumer()
        try:
            async with asyncio.timeout(ANSWER_S):
                await consumer.start()
                await self._assign(consumer)
                ends = await consumer.end_offsets(self._places())
            self._check(ends)
            self._found()
            await _first_to_fail(self._read(consumer, ends), self._look(consumer))
        finally:
            await close(consumer.stop())

    def _places(self) -> Sequence[TopicPartition]:
        return [
            TopicPartition(name, number)
            for name in self.topics.values()
            for number in range(self.shops.partitions)
        ]

    async def _assign(self, consumer: AIOKafkaConsumer) -> None:
        """To go on from where it was read to."""
        consumer.assign(self._places())
        for place in self._places():
            await consumer.position(place)  # now the reset that assign() began is done, and seeking holds
            if place in self._next:
                consumer.seek(place, self._next[place])

    async def _read(self, consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> NoReturn:
        left = set(ends)
        while True:
            for place, records in (await consumer.getmany(timeout_ms=POLL_MS)).items():
                for begin in range(0, len(records), SLICE):
                    for record in records[begin : begin + SLICE]:
                        self._take(place, record)
                    self.shops.wake_touched()
                    await asyncio.sleep(0)
            if left:
                left = {place for place in left if await consumer.position(place) < ends[place]}
                if not left:
                    self.health.ready = True
                    self.all_read.set()

    async def _look(self, consumer: AIOKafkaConsumer) -> NoReturn:
        """Notice that Kafka does not answer, which reading alone does not.

        Where this process has so much to do that an answer comes too late, records still come: then Kafka is there.
        """
        while True:
            await asyncio.sleep(LOOK_S)
            before = self.health.records
            try:
                async with asyncio.timeout(ANSWER_S):
                    self._check(await consumer.end_offsets(self._places()))
            except TimeoutError:
                if self.health.records == before:
                    raise

    def _check(self, ends: Mapping[TopicPartition, int]) -> None:
        for place, known in self._next.items():
            if ends[place] < known:
                raise MadeAnewError(place, known)

    def _take(self, place: TopicPartition, record: Any) -> None:
        known = self._next.get(place, 0)
        if record.offset < known:
            raise MadeAnewError(place, known)
        self._next[place] = record.offset + 1
        self.health.records += 1
        take = self.shops.take_alert if place.topic == self.topics[ALERTS] else self.shops.take_rates
        try:
            take(place.partition, record.offset, record.key or b"", record.value)
        except StrayRecordError as error:
            self._stray(place, record.offset, error)

    def _stray(self, place: TopicPartition, offset: int, error: StrayRecordError) -> None:
        self.health.strays += 1
        if self.health.strays <= STRAYS_SAID:
            what = f"{place.topic}/{place.partition} offset {offset}"
            self.say(f"{what} is not what the contract says and is left out: {error}", "warning")

    def _lost(self, error: Exception) -> None:
        if self.health.away_since is None:
            self.health.away_since = self.now_ms()
            why = str(error) or type(error).__name__
            what = f"Kafka does not answer ({why}); what is known stays in sight, and it is tried again"
            self.say(what, "warning")
            self.shops.wake_every()

    def _found(self) -> None:
        if self.health.away_since is not None:
            self.health.away_since = None
            self.say("Kafka answers again")
            self.shops.wake_every()


async def _first_to_fail(*parts: Awaitable[NoReturn]) -> None:
    """None of them ends by itself; what one raises ends the others."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
