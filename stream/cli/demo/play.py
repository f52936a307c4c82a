"""What happens in the demo, and when is it over?"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from aiokafka.admin import AIOKafkaAdminClient

from stream.cli.demo.alerts import AlertReader, alerts
from stream.cli.demo.errors import KafkaGoneError, WorkerDiedError
from stream.cli.demo.pace import LATENESS, Pace, slices
from stream.cli.demo.page import TOKEN, page
from stream.cli.demo.words import Chapters, Telling
from stream.cli.demo.worker import Worker, worker
from stream.cli.first import first_of, told_to_stop
from stream.feed.records import Record
from stream.feed.sending import Sending, new_producer
from stream.kafka.access import Access
from stream.kafka.closing import close
from stream.simulate.arrivals import Arrival, arrivals
from stream.simulate.market import Market
from topics.alerts import Alert

PARTITIONS = 4
LOOK_S = 0.3
ANSWER_S = 30.0
"""A Kafka on this machine acknowledges within milliseconds."""
SETTLE_S = 1.5
"""What the clock still decides when everything has been read, it decides within this."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays: a Kafka with its topics, on which nothing else goes on."""

    address: Access
    prefix: str
    policies: Sequence[Path]
    log: Path
    own: bool
    """Whether this Kafka was started for it; else it may want a password that only the settings know."""
    alive: Callable[[], bool]
    """Whether Kafka runs, as far as one can know."""

    @property
    def group(self) -> str:
        """The consumer group of the worker."""
        return f"{self.prefix}shopwatch-demo"

    def worker_arguments(self) -> Sequence[str]:
        """What ``shopwatch worker`` is told."""
        named = [argument for path in self.policies for argument in ("--policy", str(path))]
        kafka = ["--bootstrap", str(self.address), "--topic-prefix", self.prefix, "--group", self.group]
        return [*named, *kafka, "--clock", "events", "--lateness", f"{LATENESS}ms"]


@dataclass(frozen=True, slots=True)
class Result:
    """What was published, and what came of it."""

    events: int
    fired: int
    resolved: int


@dataclass(slots=True)
class Play:
    """One performance; ``seconds`` is when it ends at the latest."""

    stage: Stage
    pace: Pace
    teller: Telling
    seconds: float | None

    @property
    def market(self) -> Market:
        """What is played."""
        return self.pace.market

    async def run(self) -> Result:
        """Until the story is told, the time is over, or somebody presses Ctrl-C; raises what went wrong."""
        stage = self.stage
        producer = new_producer(stage.address)
        await producer.start()
        try:
            sending = Sending(producer, stage.prefix, _nobody_is_told, _nobody_waits)
            async with alerts(stage.address, f"{stage.prefix}alerts", PARTITIONS, self._tell) as reader:
                await self._with_worker(sending, reader)
                await reader.read_rest()
            tally = reader.tally
            return Result(sending.acknowledged.total(), len(tally.fired), len(tally.resolved))
        finally:
            await close(producer.stop())

    async def _with_worker(self, sending: Sending, reader: AlertReader) -> None:
        stage = self.stage
        async with (
            worker(stage.worker_arguments(), stage.log, own_kafka=stage.own) as running,
            page(stage.address, stage.prefix, stage.log.parent, own_kafka=stage.own) as live,
        ):
            if live is not None:
                self.teller.say(f"the live page is at {live}, the token that opens it: {TOKEN}")
            with told_to_stop() as told:
                await first_of(
                    self._story(sending),
                    self._time_is_over(),
                    told.wait(),
                    self._worker_dies(running),
                    reader.run(),
                    self._kafka_dies(),
                )
            self.teller.say("stopping the worker")

    def _tell(self, alert: Alert) -> None:
        self.teller.alert(alert)

    async def _story(self, sending: Sending) -> None:
        """Publish the marketplace, and wait until the worker has concluded."""
        loop = asyncio.get_running_loop()
        begins_s, telling = loop.time(), Chapters(self.market, self.teller)
        for number, (until, part) in enumerate(slices(arrivals(self.market))):
            await asyncio.sleep(begins_s + self.pace.due_s(until) - loop.time())
            await self._send(sending, number, part)
            telling.go_on(until, sending.acknowledged.total())
        await self._concluded(sending.acknowledged.total())
        await asyncio.sleep(SETTLE_S)

    async def _send(self, sending: Sending, number: int, part: Sequence[Arrival]) -> None:
        """Returns when all of it is acknowledged."""
        try:
            async with asyncio.timeout(ANSWER_S):
                for arrival in part:
                    await sending.send(number, Record(arrival.topic, arrival.key, arrival.value, None))
                await sending.finish()
        except TimeoutError:
            why = f"it has acknowledged nothing for {ANSWER_S:.0f} s"
            raise KafkaGoneError(self.stage.address, why) from None

    async def _concluded(self, events: int) -> None:
        """Every record's offset is committed with what followed from it; the topics were empty before."""
        admin = AIOKafkaAdminClient(**self.stage.address.client())
        await admin.start()
        try:
            while events > await self._read(admin):  # noqa: ASYNC110 - Kafka has to be asked
                await asyncio.sleep(LOOK_S)
        finally:
            await admin.close()

    async def _read(self, admin: AIOKafkaAdminClient) -> int:
        offsets = await admin.list_consumer_group_offsets(self.stage.group)
        return sum(max(0, known.offset) for known in offsets.values())

    async def _time_is_over(self) -> None:
        await (asyncio.sleep(self.seconds) if self.seconds is not None else asyncio.Event().wait())

    async def _worker_dies(self, running: Worker) -> None:
        try:
            await running.died()
        except WorkerDiedError:
            # One that has not begun yet ends where there is no Kafka, and would be told of in its place.
            if self.stage.alive():
                raise
            raise self._kafka_is_gone() from None

    async def _kafka_dies(self) -> NoReturn:
        while self.stage.alive():  # noqa: ASYNC110 - so has the process table
            await asyncio.sleep(LOOK_S)
        raise self._kafka_is_gone()

    def _kafka_is_gone(self) -> KafkaGoneError:
        return KafkaGoneError(self.stage.address, "its process has ended")


def _nobody_is_told(_number: int, _why: str) -> None:
    """No event of the marketplace is too long for its topic."""


def _nobody_waits() -> None:
    """That Kafka has gone is seen elsewhere."""
