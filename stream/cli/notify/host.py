"""How do desks come and go with the partitions that the group gives this process?"""

import asyncio
import random
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    NotCoordinatorForGroupError,
    ProducerFenced,
)

from stream.admin.cluster import Cluster
from stream.cli.connecting import once_kafka_answers
from stream.cli.first import first_of
from stream.cli.latest import CompactedTopic, Latest
from stream.cli.notify.running_desk import RunningDesk, Surroundings
from stream.cli.notify.setting import ALERTS, COMMAND, NOTIFICATIONS, Setup
from stream.cli.notify.watching import TOPICS, Watching
from stream.cli.saying import CommandError
from stream.kafka.closing import close
from stream.merchant.notify.alarms import Watchman
from stream.merchant.notify.chat import ChatSender
from stream.merchant.notify.delivering import Deliveries
from stream.merchant.notify.desk import Desk
from stream.merchant.notify.endpoints import Endpoints
from stream.merchant.notify.holding import Holding
from stream.merchant.notify.records import COMMAND_KEY, Record, decode, endpoint_of
from stream.merchant.notify.subscriptions import Book
from stream.merchant.notify.tally import Tally
from stream.merchant.notify.webhook import WebhookSender
from stream.ops.logs import Say
from stream.worker.bulk import read_all
from stream.worker.clock import now_ms
from stream.worker.observer import Observer
from stream.worker.producer import open_producer
from stream.worker.transaction import Writer
from topics.notifications import Command, Hold, Trouble

HEARTBEAT_MS = 1_000
POLL_MS = 200
POLL_RECORDS = 500
MOST_WAITING = 2_000
"""So many alerts wait before a desk; then nothing more is fetched."""
PAUSE_S = 0.02
LEAVE_S = 15.0
COORDINATOR_TRIES = 100
COORDINATOR_RETRY_S = 0.2


class TakenOverError(CommandError):
    """Somebody else has a partition that we thought was ours."""

    def __init__(self) -> None:
        super().__init__(
            "another notifier has taken a partition over while this one stood still; start it again"
        )


class OtherGroupError(CommandError):
    """The topic holds the state of another group."""

    def __init__(self, group: str, found: str) -> None:
        super().__init__(
            f"the notifications are those of group {found}, not of {group}: start with --group {found}, or everybody would "
            "be told twice"
        )


class OtherPartitionsError(CommandError):
    """The topics do not fit each other."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        listed = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
        super().__init__(f"all topics must have the same number of partitions, these have: {listed}")


@dataclass(slots=True)
class Host(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is not typed for us
    """One process; ``steps`` is told of every step of a transaction, ``say`` of what is odd."""

    setup: Setup
    book: Book
    webhooks: WebhookSender
    chats: ChatSender
    tally: Tally
    say: Say
    steps: Callable[[str], None]
    desks: dict[int, RunningDesk] = field(default_factory=dict)
    assigned: bool = False
    endpoints: Endpoints = field(init=False)
    _watchman: Watchman = field(init=False)
    _around: Surroundings = field(init=False)
    _observer: Observer = field(init=False)
    _consumer: AIOKafkaConsumer = field(init=False)
    _tasks: "dict[int, asyncio.Task[None]]" = field(default_factory=dict)
    _command: Command | None = None
    _failed: asyncio.Event = field(default_factory=asyncio.Event)
    _failure: BaseException | None = None

    def __post_init__(self) -> None:
        self.endpoints = Endpoints(self.book, random.SystemRandom().random)
        self._watchman = Watchman(self.book.hold)

    async def run(self) -> None:
        """Deliver until cancelled; then what is under way may come to its end.  Raises what makes going on impossible."""
        counts = await self._partitions()
        async with AsyncExitStack() as stack:
            self._observer = await stack.enter_async_context(await self._connected())
            watching = Watching(self.setup, self._watchman, counts, self.say)
            notifications = CompactedTopic(COMMAND, NOTIFICATIONS, self.setup.bootstrap, self.setup.prefix)
            known = await notifications.latest()
            for key, value in known.values.items():
                self._take_news(key, value)
            await watching.begin(await self._committed(self._places(counts)))
            self._around = Surroundings(
                self.setup,
                self._watchman,
                Deliveries(self.book, self.webhooks, self.chats),
                counts[ALERTS],
                self._answered,
                self.say,
            )
            self._consumer = self._new_consumer()
            stack.push_async_callback(self._leave)
            await self._consumer.start()
            self._consumer.subscribe([self.setup.name(ALERTS)], listener=self)
            known.values.clear()
            await first_of(self._fetch(), watching.run(), self._follow(notifications, known), self._fail())

    async def _partitions(self) -> Mapping[str, int]:
        """How many partitions each topic has; waits for Kafka, raises MissingTopicsError and OtherPartitionsError."""
        cluster = Cluster(self.setup.bootstrap, self.setup.prefix)
        async with await once_kafka_answers(COMMAND, self.setup.bootstrap, cluster.open) as opened:
            counts = await opened.partitions([*TOPICS, NOTIFICATIONS])
        if len(set(counts.values())) > 1:
            raise OtherPartitionsError({self.setup.name(topic): count for topic, count in counts.items()})
        return counts

    async def _connected(self) -> Observer:
        return Observer(self.setup.kafka)

    def _places(self, counts: Mapping[str, int]) -> list[TopicPartition]:
        return [TopicPartition(self.setup.name(ALERTS), number) for number in range(counts[ALERTS])]

    def _new_consumer(self) -> AIOKafkaConsumer:
        return AIOKafkaConsumer(
            **self.setup.bootstrap.client(),
            client_id=self.setup.group,
            group_id=self.setup.group,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",  # what was read already is passed over
            session_timeout_ms=self.setup.session_timeout_ms,
            heartbeat_interval_ms=min(HEARTBEAT_MS, self.setup.session_timeout_ms // 6),
            max_poll_records=POLL_RECORDS,
        )

    async def _fetch(self) -> None:
        while True:
            for place, records in (await self._consumer.getmany(timeout_ms=POLL_MS)).items():
                desk = self.desks.get(place.partition)
                if desk is not None:
                    desk.take(records)
            while any(desk.waiting > MOST_WAITING for desk in self.desks.values()):  # noqa: ASYNC110 - desks come and go
                await asyncio.sleep(PAUSE_S)

    async def _follow(self, notifications: CompactedTopic, known: Latest) -> None:
        async for key, value in notifications.changes(known):
            if value is not None:
                self._take_news(key, value)

    def _take_news(self, key: bytes, value: bytes) -> None:
        """Of what the topic says only operators' commands, and the endpoints that are gone, concern every process."""
        if key == COMMAND_KEY:
            command = decode(key, value)
            assert isinstance(command, Command)  # noqa: S101 - by its key
            self._command = command
            for desk in self.desks.values():
                desk.follow(command)
        elif (name := endpoint_of(key)) is not None:
            trouble = decode(key, value)
            if (
                isinstance(trouble, Trouble)
                and trouble.disabled_at
                and self.endpoints.remember(name, trouble)
            ):
                self._look_at(name)

    def _answered(self, by: RunningDesk, endpoint: str) -> None:
        """A place is free, and an endpoint is better or worse: that concerns all desks."""
        for desk in self.desks.values():
            if desk is not by:
                desk.look_at(endpoint)

    def _look_at(self, endpoint: str) -> None:
        for desk in self.desks.values():
            desk.look_at(endpoint)

    # Partitions come and go

    async def on_partitions_revoked(self, revoked: "set[TopicPartition]") -> None:
        """Give them up: aiokafka calls it before anybody else gets them, and looks at no error."""
        await self._guarded(self._close({place.partition for place in revoked} & set(self.desks)))

    async def on_partitions_assigned(self, assigned: "set[TopicPartition]") -> None:
        """Take them up: nothing of them is read before."""
        await self._guarded(self._open(assigned))
        self.assigned = True

    async def _guarded(self, part: Any) -> None:
        try:
            await part
        except Exception as error:  # noqa: BLE001 - it is raised where somebody looks
            self._end_with(error)

    def _end_with(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._failed.set()

    async def _fail(self) -> None:
        await self._failed.wait()
        assert self._failure is not None  # noqa: S101 - set with the event
        if isinstance(self._failure, ProducerFenced):
            raise TakenOverError from self._failure
        raise self._failure

    async def _open(self, assigned: "set[TopicPartition]") -> None:
        opened = await asyncio.gather(*(self._open_one(place) for place in sorted(assigned)))
        for desk in opened:
            # Together, with nothing in between: what is fetched from here on finds its desk.
            self.desks[desk.partition] = desk
            self._consumer.seek(TopicPartition(self.setup.name(ALERTS), desk.partition), desk.next_offset)
            if self._command is not None:
                desk.follow(self._command)
            self._tasks[desk.partition] = task = asyncio.create_task(desk.run())
            task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._end_with(error)

    async def _open_one(self, place: TopicPartition) -> RunningDesk:
        """The producer first: it fences the old owner, and ends what that had begun."""
        producer = await open_producer(self.setup.kafka, place.partition)
        notifications = self.setup.name(NOTIFICATIONS)
        desk = Desk(
            self.book,
            self.endpoints,
            random.SystemRandom().random,
            self.tally,
            Holding(group=self.setup.group),
        )
        latest = Latest()
        await read_all(self.setup.kafka, [TopicPartition(notifications, place.partition)], latest.take)
        records = [(key, decode(key, value)) for key, value in latest.values.items()]
        self._check_group(record for _, record in records)
        desk.restore(
            (
                (endpoint_of(key) or "", record) if isinstance(record, Trouble) else record
                for key, record in records
                if not isinstance(record, Command)
            ),
            now_ms(),
        )
        begin = await self._begin(place)
        writer = Writer(producer, place.partition, self.setup.group, notifications, self.steps)
        return RunningDesk(place.partition, desk, writer, self._around, begin)

    def _check_group(self, records: Iterable[Record]) -> None:
        for record in records:
            if isinstance(record, Hold) and record.group != self.setup.group:
                raise OtherGroupError(self.setup.group, record.group)

    async def _begin(self, place: TopicPartition) -> int:
        """Where the group goes on; one that is new tells of what is to come."""
        committed = await self._committed([place])
        if place in committed:
            return committed[place]
        ask = self._observer.begins if self.setup.from_beginning else self._observer.ends
        return (await ask([place]))[place]

    async def _committed(self, places: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        """Where the group goes on; a Kafka that has just been started chooses its coordinator when it is first asked for it."""
        for _ in range(COORDINATOR_TRIES):
            try:
                return await self._observer.committed(places)
            except (GroupCoordinatorNotAvailableError, NotCoordinatorForGroupError, GroupLoadInProgressError):
                await asyncio.sleep(COORDINATOR_RETRY_S)
        return await self._observer.committed(places)

    async def _close(self, partitions: "set[int]") -> None:
        closing = [(self.desks.pop(number), self._tasks.pop(number)) for number in sorted(partitions)]
        await asyncio.gather(*(self._close_one(desk, task) for desk, task in closing))

    async def _close_one(self, desk: RunningDesk, task: "asyncio.Task[None]") -> None:
        desk.close()
        await asyncio.wait([task])
        if task.exception() is None:
            await desk.finish()

    async def _leave(self) -> None:
        """Bounded: without Kafka nothing of it would end."""
        await close(self._guarded(self._close(set(self.desks))), LEAVE_S)
        await close(self._consumer.stop())
