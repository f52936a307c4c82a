"""What happens without an event?  Several times a second a worker asks where its topics end, and lets time go on."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from stream.ops import catalogue as show
from stream.ops.marketplace import Marketplace
from stream.ops.registry import Metrics
from stream.worker.app import Worker
from stream.worker.clock import elapsed_s, now_ms, stepped_ms
from stream.worker.drain import Drain
from stream.worker.errors import UnfitGroupError
from stream.worker.lane import Lane
from stream.worker.observer import Observer
from stream.worker.partition import Partition
from stream.worker.preflight import check_partitions
from stream.worker.settings import Settings
from topics.catalogue import INPUTS

TICK_S = 0.15
"""How often the ends are asked for.  Between two answers the clock does not move past a topic that was at its end."""

ANSWER_S = 5.0
"""An answer that takes longer is none."""

SHOW_EVERY = 7
"""Gauges are set every so many ticks, about once a second."""

LOOK_S = 5.0
"""How often it is looked whether all topics are there still, and the wall clock goes as it did."""

STEP_MS = 2_000
"""A wall clock that is off by so much has been stepped; one that is slewed takes the steady clock along."""


@dataclass(slots=True)
class Ticker:
    """Asks, and tells the partitions."""

    settings: Settings
    worker: Worker
    observer: Observer
    metrics: Metrics
    marketplace: Marketplace
    drain: Drain | None
    partitions: int
    drained: asyncio.Event = field(default_factory=asyncio.Event)
    _away: bool = False
    _ticks: int = 0
    _looked_at: float = field(default_factory=elapsed_s)
    _stepped: bool = False

    async def run(self) -> None:
        """For ever."""
        while not self.drained.is_set():
            self._beat()
            if self.worker.steady:
                await self._tick()
            if elapsed_s() - self._looked_at > LOOK_S:
                await self._look()
            await asyncio.sleep(TICK_S)

    def _beat(self) -> None:
        vitals, lanes = self.worker.vitals, self.worker.lanes.running.values()
        since = [lane.pulse.committing_since for lane in lanes if lane.pulse.committing_since is not None]
        vitals.committing_since = min(since, default=None)
        self.metrics.show(show.COMMITTING, elapsed_s() - min(since) if since else 0)
        vitals.stuck_since = min((lane.pulse.moved_at for lane in lanes if lane.pulse.lag), default=None)
        if self.worker.consumer.rebalancing and vitals.assigning_since is None:
            vitals.assigning_since = elapsed_s()

    async def _tick(self) -> None:
        self._ticks += 1
        lanes = dict(self.worker.lanes.running)
        if not lanes:
            self._heard()
            self._show_shops()
            return
        # Taken together, and before the question is sent: see `Partition.answered`.
        asked_at, newest = now_ms(), {number: lane.partition.newest() for number, lane in lanes.items()}
        ends = await self._ask(lanes)
        if ends is None or not self.worker.steady:
            return
        self._heard()
        for number, lane in lanes.items():
            if self.worker.lanes.running.get(number) is lane:
                self._tell(lane, asked_at, newest[number], ends)
        self._show_shops()
        self._go_on_draining(lanes)

    async def _look(self) -> None:
        """Raises a WorkerError where topics have been deleted, or have grown, under the worker, or its group does not take it."""
        self._looked_at = elapsed_s()
        if (refusal := self.worker.consumer.refusal) is not None:
            raise UnfitGroupError(self.settings.group.name, refusal)
        stepped = abs(stepped_ms()) > STEP_MS
        if stepped and not self._stepped:
            self.worker.log.warning(
                f"the wall clock was stepped by {stepped_ms() / 1000:.0f} s; time goes on as before it until this worker is "
                "started again"
            )
        self._stepped = stepped
        with suppress(KafkaError, OSError, TimeoutError):  # of these `_ask` tells
            await asyncio.wait_for(check_partitions(self.settings, self.observer, self.partitions), ANSWER_S)

    async def _ask(self, lanes: Mapping[int, Lane]) -> Mapping[TopicPartition, int] | None:
        places = [TopicPartition(self.settings.topics.name(topic), n) for topic in INPUTS for n in lanes]
        try:
            return await asyncio.wait_for(self.observer.ends(places), ANSWER_S)
        except (KafkaError, OSError, TimeoutError) as error:
            if not self._away:
                self.worker.log.warning(
                    f"Kafka at {self.settings.bootstrap} does not answer ({type(error).__name__}); waiting for it"
                )
            self._away = True
            return None

    def _heard(self) -> None:
        if self._away:
            self.worker.log.info(f"Kafka at {self.settings.bootstrap} answers again")
        self._away = False
        self.worker.vitals.answered_at = elapsed_s()
        self.metrics.show(show.BROKER_ANSWERED, now_ms() / 1000)

    def _tell(
        self, lane: Lane, asked_at: int, newest: Mapping[str, int], ends: Mapping[TopicPartition, int]
    ) -> None:
        partition = lane.partition
        of_topic = {
            topic: TopicPartition(self.settings.topics.name(topic), partition.number) for topic in INPUTS
        }
        at_end = {topic for topic, tp in of_topic.items() if self._reached(tp, ends[tp], partition)}
        partition.answered(asked_at, newest, at_end)
        lags = {
            topic: 0 if topic in at_end else max(0, ends[tp] - partition.next.get(topic, 0))
            for topic, tp in of_topic.items()
        }
        partition.lag = sum(lags.values())
        lane.pulse.lag = 0 if partition.end_at is not None else partition.lag
        lane.wake()
        if self._ticks % SHOW_EVERY == 0:
            self._show(partition, lags, newest)

    def _reached(self, tp: TopicPartition, end: int, partition: Partition) -> bool:
        """Whether everything below ``end`` has been applied.

        The position, not the last record, says how far was read: the log may end in a hole.  It holds once all that was
        handed out below it has been applied.
        """
        reached = self.worker.consumer.progress.reached.get(tp)
        topic = self.settings.topics.topic(tp.topic)
        return (
            reached is not None
            and reached.position >= end
            and partition.next.get(topic, 0) >= reached.handed_out
        )

    def _go_on_draining(self, lanes: Mapping[int, Lane]) -> None:
        def reached(tp: TopicPartition, end: int) -> bool:
            return self._reached(tp, end, lanes[tp.partition].partition)

        if self.drain is not None and self.drain.go_on(lanes, reached):
            self.drained.set()

    def _show(self, partition: Partition, lags: Mapping[str, int], newest: Mapping[str, int]) -> None:
        number, latest = str(partition.number), max(newest.values(), default=0)
        # Of a recording the present is where its events end.
        present = now_ms() if self.settings.real else latest
        for topic, lag in lags.items():
            self.metrics.show(show.LAG, lag, topic=topic, partition=number)
            if topic in newest:
                silent, behind = latest - newest[topic], present - newest[topic]
                self.metrics.show(show.SILENCE, silent / 1000, topic=topic, partition=number)
                self.metrics.show(show.EVENT_LAG, behind / 1000, topic=topic, partition=number)
        self.metrics.show(show.RATES_WAITING, len(partition.waiting), partition=number)
        if partition.engine.clock is not None:
            delay = max(0, present - partition.engine.clock) / 1000
            self.metrics.show(show.WATERMARK_DELAY, delay, partition=number)
            self.metrics.show(show.WATERMARK, partition.engine.clock / 1000, partition=number)

    def _show_shops(self) -> None:
        if self._ticks % SHOW_EVERY == 0:
            partitions = [lane.partition for lane in self.worker.lanes.running.values()]
            clocks = [each.engine.clock for each in partitions if each.engine.clock is not None]
            picture = self.marketplace.picture([each.shops for each in partitions], max(clocks, default=None))
            self.metrics.show_at_once(picture)
