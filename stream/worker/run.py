"""How does a worker live?  It looks whether it may start, joins the group, works until told to stop, and leaves."""

import asyncio
import gc
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from stream.ops import catalogue as show
from stream.ops.expected import expected
from stream.ops.logs import Log, new_log, settled
from stream.ops.marketplace import Marketplace
from stream.ops.registry import Metrics
from stream.worker.app import Worker
from stream.worker.clock import elapsed_s, now_ms
from stream.worker.drain import Drain
from stream.worker.ending import Ending, ProcessEnding, end_well, guarded
from stream.worker.health import Health, serve
from stream.worker.hosted import Engine, Read, WriteAlert
from stream.worker.lanes import Lanes
from stream.worker.logs import DeadLetters, take_libraries
from stream.worker.observer import Observer
from stream.worker.partition import Work
from stream.worker.partitioner import belongs_by
from stream.worker.policies import Succession
from stream.worker.preflight import check_group, check_state, check_topics, connect, drain_goal
from stream.worker.rates import Budget
from stream.worker.recovery import Recovery
from stream.worker.settings import Settings
from stream.worker.ticker import Ticker
from stream.worker.transaction import Steps
from stream.worker.watchdog import Vitals, Watchdog

BEAT_S = 0.2
LEAVE_S = 30.0
"""Leaving the group may take so long."""


COLLECT = (300_000, 20, 1_000)
"""How often the collector looks for cycles: an engine makes none, and Python's own 700 objects are 50 events."""


SWITCH_S = 0.02
"""How long the thread that fetches may have to wait for Python's lock, and the engine is left undisturbed: four times Python's own
time.  A fetch is some thousand records, so nothing comes later by it that matters."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the host is given to run: the engine and what reads and writes for it."""

    new_engine: Callable[[], Engine]
    read: Read
    write_alert: WriteAlert
    succession: Succession
    steps: Steps


def run(settings: Settings, parts: Parts) -> NoReturn:
    """Work until SIGTERM, SIGINT or the end of a drain; the process ends within, with a line that says how."""
    form = settled(settings.log)
    log, result = (new_log("worker", form, now_ms, stream) for stream in (sys.stderr, sys.stdout))
    take_libraries(log)
    gc.set_threshold(*COLLECT)
    sys.setswitchinterval(SWITCH_S)
    asyncio.run(_Run(settings, parts, log, result).until_the_end())
    raise AssertionError("the process ends within")


class _Run:
    """One life of a worker."""

    def __init__(self, settings: Settings, parts: Parts, log: Log, result: Log) -> None:
        self.settings = settings
        self.parts = parts
        self.log = log
        self.result = result
        self.end: Ending = ProcessEnding(log)
        self.metrics = Metrics()
        self.vitals = Vitals(turned_at=elapsed_s(), answered_at=elapsed_s())
        self.health = Health(self.vitals)
        self.worker: Worker | None = None
        self.ticker: asyncio.Task[None] | None = None
        self.told_to_stop = asyncio.Event()

    async def until_the_end(self) -> NoReturn:
        """Live, and leave when told to."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.told_to_stop.set)
        beat = asyncio.create_task(self._beat())
        life = asyncio.create_task(guarded(self._live(), "starting", self.end))
        told = asyncio.create_task(self.told_to_stop.wait())
        await asyncio.wait({beat, life, told}, return_when=asyncio.FIRST_COMPLETED)
        await self._leave()
        life.cancel()
        end_well(self.result, self._summary())

    async def _beat(self) -> None:
        while True:
            self.vitals.turned_at = elapsed_s()
            await asyncio.sleep(BEAT_S)

    async def _live(self) -> None:
        """Returns when a drain has ended."""
        settings = self.settings
        if settings.http:
            serve(*settings.http, self.health, self.metrics)
        observer = await connect(settings, self.log)
        partitions = await check_topics(settings, observer)
        await check_group(observer)
        await check_state(settings, partitions, self.parts.succession)
        drain = await self._drain(observer, partitions)
        self.worker = self._make_worker(observer, partitions)
        Watchdog(self.vitals, settings.patience, self.end).start()
        marketplace = self.worker.lanes.recovery.work.marketplace
        ticker = Ticker(settings, self.worker, observer, self.metrics, marketplace, drain, partitions)
        self.ticker = asyncio.create_task(guarded(ticker.run(), "telling the time", self.end))
        await self.worker.start()
        await ticker.drained.wait()

    async def _drain(self, observer: Observer, partitions: int) -> Drain | None:
        if not self.settings.drain:
            return None
        return Drain(
            await drain_goal(self.settings, observer, partitions), self.settings.until_ms, partitions
        )

    def _make_worker(self, observer: Observer, partitions: int) -> Worker:
        settings, parts = self.settings, self.parts
        policy = parts.succession.policy
        marketplace = Marketplace.of(policy, settings.worst_shops)
        self.metrics.prepare(expected(marketplace.watched))
        self.metrics.show(show.POLICY, 1, policy=policy.name, digest=policy.digest)
        self.metrics.show(show.TOPIC_PARTITIONS, partitions)
        work = Work(
            settings=settings,
            policy=policy.digest,
            read=parts.read,
            write_alert=parts.write_alert,
            belongs=belongs_by(settings.partitioner, partitions),
            metrics=self.metrics,
            budget=Budget(settings.rates_per_second),
            partitions=partitions,
            marketplace=marketplace,
            buried=DeadLetters(self.log),
        )
        recovery = Recovery(
            work=work,
            new_engine=parts.new_engine,
            succession=parts.succession,
            observer=observer,
            partitions=partitions,
            end=self.end,
            steps=parts.steps,
        )
        return Worker(settings, Lanes(recovery, self.metrics), self.vitals, self.health, self.end, self.log)

    async def _leave(self) -> None:
        if self.ticker is not None:
            self.ticker.cancel()
        if self.worker is not None:
            await self.worker.stop(LEAVE_S)

    def _summary(self) -> str:
        total = self.metrics.total
        counts = f"{total(show.EVENTS)} records, {total(show.ALERTS)} alerts, {total(show.DEAD_LETTERS)} dead letters"
        if self.worker is None:
            return "stopped before it had begun"
        return f"{'stopped' if self.told_to_stop.is_set() else 'drained'}: {counts}"
