"""Where does the view get what it shows from?  From Kafka's topics alone, read only, in no consumer group.

Alerts and rates are followed; twice a second it is asked where the input topics end and where the workers stand.  A Kafka
that does not answer is said in the view, and asked until it does.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import NoReturn

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from stream.admin.cluster import Cluster
from stream.cli.connecting import once_kafka_answers
from stream.cli.first import first_of
from stream.cli.latest import CompactedTopic, decoded
from stream.cli.watch.clocks import Clocks, new_reader
from stream.kafka.access import Access
from stream.kafka.closing import close
from stream.view.happenings import Happening
from stream.view.model import View
from stream.worker.bulk import reader
from stream.worker.clock import elapsed_s
from stream.worker.settings import Settings, Topics
from topics.alerts import Alert
from topics.catalogue import INPUTS
from topics.rates import Rates

DOCUMENTS = ("alerts", "rates")
LEDGER = "ledger"

LOOK_S = 0.5
FOLLOW_MS = 1_000
ANSWER_S = 3.0
"""An answer that takes longer is none."""
CLOCKS_S = 30.0
"""The first look for clocks may have to go far back."""

SOME = 200
"""After so many records others may go on."""


def nobody_hears(_happening: Happening) -> None:
    """What happens is in the view, and that is enough."""


@dataclass(slots=True)
class Feed:
    """Feeds ``view``; ``command`` is who asks.  ``hear`` is told of each alert that fires or resolves from now on."""

    command: str
    bootstrap: Access
    prefix: str
    view: View
    hear: Callable[[Happening], None] = nobody_hears
    _partitions: dict[str, int] = field(default_factory=dict)
    _next: dict[TopicPartition, int] = field(default_factory=dict)

    async def begin(self) -> None:
        """Read what is there now; waits for a Kafka that does not answer, raises MissingTopicsError and CommandError."""
        cluster = Cluster(self.bootstrap, self.prefix)
        async with await once_kafka_answers(self.command, self.bootstrap, cluster.open):
            self._partitions.update(await cluster.partitions([*INPUTS, *DOCUMENTS, LEDGER]))
        self.view.happenings.begin(
            [decoded("alerts", value, Alert) for value in await self._latest("alerts")]
        )
        for number, value in enumerate(await self._latest("rates")):
            self.view.shops.take(decoded("rates", value, Rates))
            await _turn(number)

    async def _latest(self, topic: str) -> Sequence[bytes]:
        latest = await CompactedTopic(self.command, topic, self.bootstrap, self.prefix).latest()
        self._next.update(latest.next)
        return list(latest.values.values())

    async def run(self) -> NoReturn:
        """Follow, for ever; raises CommandError for a record that is none of ours."""
        while True:
            try:
                await self._follow_while_there()
            except (KafkaError, OSError, TimeoutError):
                self.view.lost(elapsed_s(), f"{self.bootstrap} does not answer")
            await asyncio.sleep(LOOK_S)

    async def _follow_while_there(self) -> None:
        settings = Settings(policies=(), bootstrap=self.bootstrap, topics=Topics(self.prefix))
        async with AsyncExitStack() as stack:
            asking = await stack.enter_async_context(_started(new_reader(self.bootstrap)))
            following = await stack.enter_async_context(_started(reader(settings)))
            async with asyncio.timeout(ANSWER_S):
                await self._assign(following, self._places(*DOCUMENTS))
                await self._assign(asking, self._places(LEDGER))
            asking.pause(*self._places(LEDGER))
            await first_of(self._follow(following), self._look_for_ever(asking))

    def _places(self, *topics: str) -> list[TopicPartition]:
        return [
            TopicPartition(self.prefix + topic, number)
            for topic in topics
            for number in range(self._partitions[topic])
        ]

    async def _assign(self, consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> None:
        """To go on from where it was read to."""
        consumer.assign(places)
        for place in places:
            await consumer.position(place)  # now the reset that assign() began is done, and seeking holds
            if place in self._next:
                consumer.seek(place, self._next[place])

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        number = 0
        while True:
            for place, records in (await consumer.getmany(timeout_ms=FOLLOW_MS)).items():
                take = self._take_alert if place.topic == f"{self.prefix}alerts" else self._take_rates
                for record in records:
                    take(record.key or b"", record.value)
                    self._next[place] = record.offset + 1
                    number += 1
                    await _turn(number)

    def _take_alert(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self.view.happenings.forget(_text(key))
        elif (news := self.view.happenings.take(decoded("alerts", value, Alert))) is not None:
            self.hear(news)

    def _take_rates(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self.view.shops.forget(_text(key))
        else:
            self.view.shops.take(decoded("rates", value, Rates))

    async def _look_for_ever(self, consumer: AIOKafkaConsumer) -> None:
        clocks = Clocks(consumer, self._places(LEDGER))
        while True:
            await self._look(consumer, clocks)
            self.view.found()
            await asyncio.sleep(LOOK_S)

    async def _look(self, consumer: AIOKafkaConsumer, clocks: Clocks) -> None:
        """The ends are asked for first, so that a worker that keeps up is not behind."""
        async with asyncio.timeout(ANSWER_S):
            ends = await consumer.end_offsets(self._places(*INPUTS, LEDGER))
        now_s, flow = elapsed_s(), self.view.flow
        flow.take_ends(
            now_s,
            {(topic, place.partition): ends[place] for topic in INPUTS for place in self._places(topic)},
        )
        async with asyncio.timeout(CLOCKS_S):
            for found in await clocks.news(ends):
                flow.take_clock(now_s, found.partition, found.clock, found.written_at)


@asynccontextmanager
async def _started(consumer: AIOKafkaConsumer) -> AsyncIterator[AIOKafkaConsumer]:
    try:
        async with asyncio.timeout(ANSWER_S):
            await consumer.start()
        yield consumer
    finally:
        await close(consumer.stop())


async def _turn(number: int) -> None:
    """Let others go on, now and then."""
    if number % SOME == 0:
        await asyncio.sleep(0)


def _text(key: bytes) -> str:
    return key.decode("utf-8", "replace")
