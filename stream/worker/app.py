"""How is Faust wired?  It owns the subscription, the assignment, the agent and the rebalances; the lanes do the rest.

The seam is narrow: `Worker.recovered` (partitions), the agent (batches), `Worker.release` (before partitions are given up).
"""

import asyncio
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import faust
from faust.types import TP

from stream.kafka.access import Security
from stream.ops.logs import Log
from stream.worker.clock import elapsed_s
from stream.worker.ending import Ending, verdict
from stream.worker.health import Health
from stream.worker.lane import Ownership
from stream.worker.lanes import Lanes
from stream.worker.settings import Settings
from stream.worker.transport import BatchSchema, Consumer, Transport
from stream.worker.watchdog import Vitals
from topics.catalogue import INPUTS

QUEUE = 2
"""Batches in the agent's queue.  A short queue makes batches grow under load; Faust's 4,096 would hold as many batches."""

REQUEST_TIMEOUT_S = 40.0
METADATA_MAX_AGE_MS = 5_000


class WatchedApp(faust.App):  # type: ignore[misc]  # Faust is not typed for us
    """A Faust app that ends the process where Faust would go on without the part that crashed."""

    end: Ending

    def _crash(self, reason: BaseException) -> None:
        self.end(*verdict("Faust", reason))

    def _create_directories(self) -> None:
        """None: nothing of ours is on this disk."""


def credentials(security: Security) -> Any:
    """How Faust is told what every other client is told by `Access.client`; None where nothing protects the connection."""
    if security.mechanism is not None:
        return faust.SASLCredentials(
            username=security.username,
            password=security.password,
            ssl_context=security.context,
            mechanism=security.mechanism,
        )
    return None if security.context is None else faust.SSLCredentials(security.context)


class Worker:
    """The app and its lanes."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that a worker is made of
        self, settings: Settings, lanes: Lanes, vitals: Vitals, health: Health, end: Ending, log: Log
    ) -> None:
        self.settings = settings
        self.lanes = lanes
        self.vitals = vitals
        self.health = health
        self.end = end
        self.log = log
        self._installed: int | None = None
        self.app = self._make_app()
        self._names = {settings.topics.name(topic) for topic in INPUTS}

    @property
    def consumer(self) -> Consumer:
        """Ours, under Faust's roof."""
        consumer: Consumer = self.app.consumer
        return consumer

    @property
    def steady(self) -> bool:
        """Whether partitions are neither being given up, nor assigned, nor recovered."""
        installed = self._installed is not None and self._installed == self.app.consumer_generation_id
        return installed and not self.consumer.rebalancing

    def _make_app(self) -> WatchedApp:
        settings, group = self.settings, self.settings.group
        url = ";".join(f"kafka://{server.strip()}" for server in settings.bootstrap.servers.split(","))
        app = WatchedApp(
            group.name,
            broker=url,
            broker_credentials=credentials(settings.bootstrap.security),
            store="memory://",
            datadir=Path(gettempdir()) / f"shopwatch-{group.name}",
            web_enabled=False,
            autodiscover=False,
            topic_allow_declare=False,
            topic_disable_leader=True,
            table_standby_replicas=1,  # forces Faust's own assignor, which gives one worker the same partition of all topics
            broker_session_timeout=group.session_timeout_s,
            broker_heartbeat_interval=group.heartbeat_s,
            broker_rebalance_timeout=group.rebalance_timeout_s,
            broker_request_timeout=max(REQUEST_TIMEOUT_S, group.session_timeout_s),
            broker_max_poll_records=settings.max_poll_records,
            broker_commit_interval=1.0,
            consumer_auto_offset_reset="earliest",
            consumer_metadata_max_age_ms=METADATA_MAX_AGE_MS,
        )
        app.end = self.end
        app.transport = Transport(app.conf.broker_consumer, app)
        app.transport.owner = self
        self._connect(app)
        return app

    def _connect(self, app: WatchedApp) -> None:
        names = [self.settings.topics.name(topic) for topic in INPUTS]
        topic = app.topic(*names, schema=BatchSchema())
        topic.maxsize = QUEUE  # as an argument it is accepted and dropped
        app.agent(topic, name="shopwatch.deliver")(self._deliver)
        app.on_rebalance_complete.connect(self._on_rebalance_complete)
        app.on_before_shutdown.connect(self._on_before_shutdown)

    # -- Faust's side

    async def _deliver(self, stream: Any) -> None:
        """The agent: every batch to its lane.  Faust would swallow an exception here, and go on after the batch."""
        try:
            async for event in stream.noack().events():
                await self._deliver_one(event)
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the process
            self.end(*verdict("delivering", error))

    async def _deliver_one(self, event: Any) -> None:
        message = event.message
        lane = self.lanes.running.get(message.partition)
        if lane is None or lane.owner.generation != message.generation_id:
            self.end(f"a batch of partition {message.partition} came without the partition being ours")
        await lane.put(event)

    async def _on_rebalance_complete(self, _app: Any, **_: Any) -> None:
        """Awaited before anything is delivered; may be overtaken by the next one, and then gives up quietly."""
        try:
            await self.recovered()
        except Exception as error:  # noqa: BLE001 - whatever it is, it ends the process
            self.end(*verdict("recovering", error))

    async def recovered(self) -> None:
        """Bring the lanes in line with what is assigned now."""
        consumer, generation = self.consumer, self.app.consumer_generation_id
        numbers = {tp.partition for tp in consumer.assignment() if tp.topic in self._names}

        def current() -> bool:
            return bool(self.app.consumer_generation_id == generation) and not consumer.rebalancing

        owner = Ownership(generation, consumer.member_id)
        if await self.lanes.assign(numbers, owner, consumer.fencing, current):
            self._installed = generation
            self.health.partitions = len(numbers)
            self.vitals.assigning_since = None
            self.log.info(
                f"works off {len(numbers)} partitions", partitions=sorted(numbers), generation=generation
            )

    async def release(self) -> None:
        """Partitions are about to be given up: all that was delivered is committed when this returns."""
        self._installed = None
        self.vitals.assigning_since = elapsed_s()
        await self.lanes.settle()

    def goes_on_at(self, tp: TP) -> int | None:
        """Where the lane of a partition goes on: what it was recovered with, or has committed since."""
        lane = self.lanes.running.get(tp.partition)
        return None if lane is None else lane.partition.next.get(self.settings.topics.topic(tp.topic))

    async def _on_before_shutdown(self, _app: Any, **_: Any) -> None:
        """Runs after the flow was stopped and before the consumer leaves the group."""
        self._installed = None
        await self.lanes.close()

    # -- our side

    async def start(self) -> None:
        """Join the group; returns when the first partitions have been recovered."""
        self.vitals.assigning_since = elapsed_s()
        await self.app.start()

    async def stop(self, patience_s: float) -> None:
        """Commit what was delivered and leave the group.

        Faust can hang when it is told to leave in the middle of joining.  What we own is safe by then: its lanes are
        closed first; so patience ends, and the broker misses the member after its session timeout.
        """
        try:
            await asyncio.wait_for(self.app.stop(), patience_s)
        except TimeoutError:
            await self.lanes.close()
