"""How does a partition's desk run?  Alerts and answers in, one Kafka transaction, and only then messages out.

The transaction holds the offset up to which alerts were read, and all that the desk wants kept.  So what is sent is always known
before: whoever takes over sends it again under the same id, with the same body, if its answer was not written.
"""

import asyncio
import re
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import msgspec

from stream.cli.notify.setting import ALERTS, Setup
from stream.cli.saying import CommandError
from stream.merchant.notify.alarms import Watchman
from stream.merchant.notify.delivering import Deliveries
from stream.merchant.notify.desk import Desk
from stream.merchant.notify.outbox import Parcel
from stream.merchant.notify.outcome import Outcome
from stream.ops.logs import Say
from stream.worker.clock import now_ms
from stream.worker.transaction import Transaction, Writer
from topics.alerts import Alert
from topics.notifications import Command
from topics.times import millis

LINGER_S = 0.02
"""What comes within it is one transaction: of those there can be some hundred a second."""
LOOK_S = 1.0
"""What is wrong with the pipeline is asked for at least so often."""
COMMIT_S = 60.0
LEAVE_S = 5.0
"""What is under way when a desk is closed has so long to be answered; after that it is sent again by whoever is next."""
SPEAKER = 0
"""The partition whose desk tells operators what concerns all of them: every group has one."""

_read = msgspec.json.Decoder(Alert).decode
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""Of an alert: it is a part of headers and keys."""


class StuckCommitError(CommandError):
    """Kafka does not take what must be kept."""

    def __init__(self, partition: int) -> None:
        super().__init__(
            f"Kafka has not committed what must be kept of partition {partition} for {COMMIT_S:.0f} s; start again when it does"
        )


@dataclass(slots=True)
class Surroundings:
    """What all desks of a process share; ``answered`` is told of every endpoint that has answered, ``say`` of what is odd."""

    setup: Setup
    watchman: Watchman
    deliveries: Deliveries
    partitions: int
    answered: Callable[["RunningDesk", str], None]
    say: Say


@dataclass(slots=True)
class RunningDesk:
    """The desk of ``partition``, which has read alerts up to ``next_offset``."""

    partition: int
    desk: Desk
    writer: Writer
    around: Surroundings
    next_offset: int
    _committed: int | None = None
    _alerts: deque[Any] = field(default_factory=deque)
    _answers: deque[tuple[Parcel, Outcome]] = field(default_factory=deque)
    _under_way: "dict[asyncio.Task[None], Parcel]" = field(default_factory=dict)
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _closing: bool = False

    def take(self, records: Sequence[Any]) -> None:
        """Alerts that were fetched; those that were read already are passed over."""
        self._alerts.extend(record for record in records if record.offset >= self.next_offset)
        self.wake()

    @property
    def waiting(self) -> int:
        """How many alerts wait to be read."""
        return len(self._alerts)

    def wake(self) -> None:
        """Something has changed."""
        self._woken.set()

    def look_at(self, endpoint: str) -> None:
        """Another desk has had an answer of it."""
        self.desk.look_at(endpoint)
        self.wake()

    def follow(self, command: Command) -> None:
        """An operator has spoken."""
        self.desk.follow(command)
        self.wake()

    async def run(self) -> None:
        """Until `close` is called; raises what ends the process."""
        while not self._closing:
            await self._until_there_is_something()
            await self._turn()

    def close(self) -> None:
        """Begin nothing more; `run` ends soon."""
        self._closing = True
        self.wake()

    async def finish(self) -> None:
        """Wait a while for what is under way, keep what came of it, and give the partition up; `run` has ended."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=LEAVE_S)
        for task, parcel in list(self._under_way.items()):
            if not task.done():
                task.cancel()
                self.desk.lost(parcel)
        self._take_answers()
        await self._keep()
        await self.writer.producer.stop()

    async def _until_there_is_something(self) -> None:
        at = self.desk.next_at()
        wait_s = LOOK_S if at is None else min(LOOK_S, max(0.0, (at - now_ms()) / 1000))
        with suppress(TimeoutError):
            async with asyncio.timeout(wait_s):
                await self._woken.wait()
        self._woken.clear()
        await asyncio.sleep(LINGER_S)

    async def _turn(self) -> None:
        self._take_alerts()
        self._take_answers()
        watchman, now = self.around.watchman, now_ms()
        self.desk.hear(watchman.alarms(self.partition, now))
        if self.partition == SPEAKER:
            alarms = watchman.alarms_of_all(self.around.partitions, now)
            for reason in self.desk.report(alarms, now):
                self.around.say(f"messages to merchants are held: {alarms[reason]}", "warning")
        parcels = [] if self._closing else self.desk.pick(now)
        await self._keep()
        for parcel in parcels:
            task = self.around.deliveries.begin(parcel, self._answer)
            self._under_way[task] = parcel
            task.add_done_callback(lambda done: self._under_way.pop(done, None))

    def _take_alerts(self) -> None:
        while self._alerts:
            record = self._alerts.popleft()
            if record.offset < self.next_offset:
                continue
            self.next_offset = record.offset + 1
            if record.value is None:
                continue
            try:
                alert = _alert(record.value)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                where = f"{record.topic}/{record.partition} at offset {record.offset}"
                self.around.say(f"{where} is no alert ({error}); passed over", "warning")
                continue
            if alert.state == "firing":
                written = record.timestamp if alert.emitted_at is None else millis(alert.emitted_at)
                self.around.watchman.fired(alert.shop_id, written, now_ms())
            self.desk.take(alert, now_ms())

    def _answer(self, parcel: Parcel, outcome: Outcome) -> None:
        self._answers.append((parcel, outcome))
        self.wake()

    def _take_answers(self) -> None:
        while self._answers:
            parcel, outcome = self._answers.popleft()
            self.desk.done(parcel, outcome, now_ms())
            self.around.answered(self, parcel.endpoint)

    async def _keep(self) -> None:
        """In one transaction with the offset; nothing is written where nothing has changed."""
        changes = dict(self.desk.changes())
        if not changes and self._committed == self.next_offset:
            return
        offsets = {self.around.setup.name(ALERTS): self.next_offset}
        try:
            async with asyncio.timeout(COMMIT_S):
                await self.writer.write(Transaction(ledger=changes, offsets=offsets))
        except TimeoutError:
            raise StuckCommitError(self.partition) from None
        self._committed = self.next_offset


def _alert(value: bytes) -> Alert:
    """What a record says; raises msgspec's DecodeError."""
    alert = _read(value)
    if _ID.fullmatch(alert.alert_id) is None:
        raise msgspec.ValidationError("its alert_id has signs that no alert_id has")
    return alert
