"""Where does the watchman get what it watches?  From Kafka's topics, read only: clocks, ends, all shops' alerts, who there is."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from stream.cli.first import first_of
from stream.cli.notify.setting import ALERTS, Setup
from stream.cli.watch.clocks import Clocks, new_reader
from stream.kafka.closing import close
from stream.kafka.rights import denied
from stream.merchant.notify.alarms import Watchman
from stream.ops.logs import Say
from stream.worker.bulk import reader
from stream.worker.clock import now_ms
from topics.alerts import Alert
from topics.catalogue import INPUTS
from topics.times import millis

RATES = "rates"
LEDGER = "ledger"
TOPICS = (*INPUTS, ALERTS, RATES, LEDGER)

LOOK_S = 5.0
FOLLOW_MS = 500
ANSWER_S = 10.0
CLOCKS_S = 30.0
SOME = 500
"""After so many records others may go on."""

_read = msgspec.json.Decoder(Alert).decode


@dataclass(slots=True)
class Watching:
    """Feeds ``watchman``; ``say`` is told when Kafka goes and comes back."""

    setup: Setup
    watchman: Watchman
    partitions: Mapping[str, int]
    say: Say
    _away: bool = False
    _shops: set[bytes] = field(default_factory=set)
    _next: dict[TopicPartition, int] = field(default_factory=dict)

    async def begin(self, read_up_to: Mapping[TopicPartition, int]) -> None:
        """Look at everything once: before anything is told.

        Alerts are looked at from where the group goes on, ``read_up_to``, or as far back as a mass alert may be spread.
        """
        async with AsyncExitStack() as stack:
            consumer = await stack.enter_async_context(_started(reader(self.setup.kafka)))
            places = self._places(ALERTS, RATES)
            consumer.assign(places)
            for place in places:
                await consumer.position(place)  # now the reset that assign() began is done, and seeking holds
            await self._seek_back(consumer, read_up_to)
            await self._read_to_end(consumer, places)
            asking = await stack.enter_async_context(_started(new_reader(self.setup.bootstrap)))
            await self._look(asking, self._assigned(asking))

    async def run(self) -> NoReturn:
        """Follow, for ever; raises DeniedError."""
        while True:
            try:
                await self._follow_while_there()
            except (KafkaError, OSError, TimeoutError) as error:
                if refusal := denied(error):
                    raise refusal from None
                self._tell(away=True)
            await asyncio.sleep(LOOK_S)

    def _tell(self, *, away: bool) -> None:
        """A line when Kafka goes, and one when it is back."""
        if away != self._away:
            self._away = away
            where = f"Kafka at {self.setup.bootstrap}"
            if away:
                self.say(f"{where} does not answer; waiting for it", "warning")
            else:
                self.say(f"{where} answers again")

    async def _follow_while_there(self) -> None:
        async with AsyncExitStack() as stack:
            following = await stack.enter_async_context(_started(reader(self.setup.kafka)))
            asking = await stack.enter_async_context(_started(new_reader(self.setup.bootstrap)))
            places = self._places(ALERTS, RATES)
            following.assign(places)
            for place in places:
                await following.position(place)
                following.seek(place, self._next.get(place, 0))
            await first_of(self._follow(following), self._look_for_ever(asking))

    def _places(self, *topics: str) -> list[TopicPartition]:
        return [
            TopicPartition(self.setup.name(topic), number)
            for topic in topics
            for number in range(self.partitions[topic])
        ]

    async def _seek_back(self, consumer: AIOKafkaConsumer, read_up_to: Mapping[TopicPartition, int]) -> None:
        places = self._places(ALERTS)
        since = now_ms() - self.watchman.rules.mass_within_ms
        found = await consumer.offsets_for_times(dict.fromkeys(places, since))
        ends = await consumer.end_offsets(places)
        for place in places:
            recent = ends[place] if found.get(place) is None else found[place].offset
            consumer.seek(place, min(recent, read_up_to.get(place, recent)))

    async def _read_to_end(self, consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> None:
        ends = await consumer.end_offsets(places)
        while open_ones := [place for place in places if await consumer.position(place) < ends[place]]:
            await self._take_some(consumer, *open_ones)
        for place in places:
            self._next[place] = await consumer.position(place)

    async def _follow(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            await self._take_some(consumer)

    async def _take_some(self, consumer: AIOKafkaConsumer, *places: TopicPartition) -> None:
        for place, records in (await consumer.getmany(*places, timeout_ms=FOLLOW_MS)).items():
            take = self._take_alert if place.topic == self.setup.name(ALERTS) else self._take_rates
            for number, record in enumerate(records, 1):
                take(record)
                if number % SOME == 0:
                    await asyncio.sleep(0)
            self._next[place] = records[-1].offset + 1
        self.watchman.known_shops = len(self._shops)

    def _take_rates(self, record: Any) -> None:
        """Of the rates only who there is."""
        if record.value is None:
            self._shops.discard(record.key)
        else:
            self._shops.add(record.key)

    def _take_alert(self, record: Any) -> None:
        if record.value is None:
            return
        try:
            alert = _read(record.value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return  # whoever delivers it says so
        if alert.state == "firing":
            written = record.timestamp if alert.emitted_at is None else millis(alert.emitted_at)
            self.watchman.fired(alert.shop_id, written, now_ms())

    async def _look_for_ever(self, asking: AIOKafkaConsumer) -> None:
        clocks = self._assigned(asking)
        while True:
            await self._look(asking, clocks)
            self._tell(away=False)
            await asyncio.sleep(LOOK_S)

    def _assigned(self, asking: AIOKafkaConsumer) -> Clocks:
        places = self._places(LEDGER)
        asking.assign(places)
        return Clocks(asking, places)

    async def _look(self, asking: AIOKafkaConsumer, clocks: Clocks) -> None:
        """The ends are asked for first, so that a worker that keeps up is not behind."""
        for place in self._places(LEDGER):
            await asking.position(place)
        asking.pause(*self._places(LEDGER))
        async with asyncio.timeout(ANSWER_S):
            ends = await asking.end_offsets(self._places(*INPUTS, LEDGER))
        async with asyncio.timeout(CLOCKS_S):
            for found in await clocks.news(ends):
                self.watchman.clock(found.partition, found.clock)
        self.watchman.ends(
            {(topic, place.partition): ends[place] for topic in INPUTS for place in self._places(topic)}
        )


@asynccontextmanager
async def _started(consumer: AIOKafkaConsumer) -> AsyncIterator[AIOKafkaConsumer]:
    try:
        async with asyncio.timeout(ANSWER_S):
            await consumer.start()
        yield consumer
    finally:
        await close(consumer.stop())
