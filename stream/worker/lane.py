"""How are the batches of one partition worked off?  Applied as they come, committed together, the next while one commits.

::

    batch -> inbox -> apply -> open transaction -> (linger) -> turn -> write -> acknowledge
                                  ^                                     |
                                  +---- the next batches, meanwhile ----+

A lane runs two tasks in the app's loop.  Whatever goes wrong in one of them ends the process.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from stream.ops import catalogue as show
from stream.worker.clock import elapsed_s
from stream.worker.ending import Ending, guarded
from stream.worker.partition import Partition
from stream.worker.settings import Transactions
from stream.worker.transaction import Acked, Steps, Transaction, Writer
from stream.worker.transport import Batch

QUIET_CLOCK_S = 5.0
"""Where nothing happens but time, the clock is written this often: it costs a transaction, and nothing is lost with an
older one, since nothing was concluded since."""


class Delivery(Acked, Protocol):
    """Faust's event for a batch."""

    @property
    def value(self) -> Batch:
        """The batch."""
        ...


@dataclass(frozen=True, slots=True)
class Ownership:
    """In which generation, and as which member, a partition is ours."""

    generation: int
    member: str


@dataclass(slots=True)
class Pulse:
    """What the watchdog looks at; seconds of `clock.elapsed_s`."""

    committing_since: float | None = None
    moved_at: float = 0.0
    lag: int = 0


@dataclass(slots=True)
class Lane:
    """One owned partition: its state, its producer, and the tasks between them."""

    partition: Partition
    writer: Writer
    limits: Transactions
    linger_s: float
    end: Ending
    steps: Steps
    owner: Ownership
    pulse: Pulse = field(default_factory=Pulse)
    finished: bool = False
    """A drain has decided and written everything here."""
    drained: bool = False
    """And it is committed."""
    _open: Transaction = field(default_factory=Transaction)
    _committing: bool = False
    _committed_at: float = 0.0
    _last_rates: bool = False
    _settling: bool = False
    _inbox: asyncio.Queue[Delivery] = field(init=False)
    _work: asyncio.Event = field(default_factory=asyncio.Event)
    _room: asyncio.Event = field(default_factory=asyncio.Event)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._inbox = asyncio.Queue(self.limits.batches)

    def start(self) -> None:
        """Begin; the first transaction, which says what was recovered, is written at once."""
        number = self.partition.number
        self.pulse.moved_at = self._committed_at = elapsed_s()
        self._tasks = [
            asyncio.create_task(guarded(self._fill(), f"partition {number}, applying", self.end)),
            asyncio.create_task(guarded(self._drain(), f"partition {number}, committing", self.end)),
        ]
        self.wake()

    async def put(self, delivery: Delivery) -> None:
        """Take a batch; waits while there are enough."""
        await self._inbox.put(delivery)

    def wake(self) -> None:
        """There may be something to decide or to write."""
        self._work.set()

    @property
    def idle(self) -> bool:
        """Whether all that was put is committed."""
        return not (self._inbox.qsize() or self._open.events or self._committing or self._work.is_set())

    async def settle(self) -> None:
        """Return when the lane is idle; nobody may put or wake meanwhile.  What is still to decide can wait."""
        self._settling = True
        try:
            while not self.idle:
                self._idle.clear()
                await self._idle.wait()
        finally:
            self._settling = False

    async def close(self) -> None:
        """Stop an idle lane and its producer: a producer that stops neither commits nor aborts."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.writer.producer.stop()

    # -- first task: apply

    async def _fill(self) -> None:
        while True:
            delivery = await self._inbox.get()
            while self._open.read >= self.limits.records:
                self._room.clear()
                await self._room.wait()
            self._apply(delivery)

    def _apply(self, delivery: Delivery) -> None:
        """Join a batch; what comes after the end of a drain is known is not for this group."""
        if self.partition.end_at is None and not self.finished:
            self.partition.apply(delivery.value, self._open)
        self._open.events.append(delivery)
        self.steps("applied")
        self.pulse.moved_at = elapsed_s()
        self.wake()

    # -- second task: commit

    async def _drain(self) -> None:
        while True:
            await self._work.wait()
            if self.linger_s and self._open.read < self.limits.records:
                await asyncio.sleep(self.linger_s)
            self._work.clear()
            await self._turn()
            self._idle.set()

    async def _turn(self) -> None:
        self._committing = True
        transaction = self._take()
        if self._worth_writing(transaction):
            await self._commit(transaction)
            self.drained = self.finished
        for event in transaction.events:
            event.ack()
        self._committing = False
        self.steps("acknowledged")

    def _take(self) -> Transaction:
        """Close the open transaction and begin the next: from here on batches are applied to that."""
        transaction, self._open = self._open, Transaction()
        self._room.set()
        if not self.finished:
            more = self.partition.turn(transaction)
            more = self._end_drain(transaction) or more
            if more and not self._settling:
                self.wake()
        self.steps("turned")
        return transaction

    def _end_drain(self, transaction: Transaction) -> bool:
        """Once a drain has decided everything: its rates, then the note that it has ended.  True if there is more."""
        partition = self.partition
        clock = partition.engine.clock
        if partition.end_at is None or clock is None or clock < partition.end_at:
            return False
        if not self._last_rates:
            partition.waiting.add(partition.engine.shops())
            self._last_rates = True
        if partition.write_last_rates(transaction):
            return True
        partition.drained_until = partition.end_at
        self.finished = True
        return False

    def _worth_writing(self, transaction: Transaction) -> bool:
        quiet = elapsed_s() - self._committed_at < QUIET_CLOCK_S
        ended_now = self.finished and not self.drained
        if transaction.empty and not ended_now and (quiet or self.finished):
            return False
        self.partition.seal(transaction)
        return True

    async def _commit(self, transaction: Transaction) -> None:
        began = self.pulse.committing_since = elapsed_s()
        await self.writer.write(transaction)
        self.pulse.committing_since = None
        self._committed_at = self.pulse.moved_at = elapsed_s()
        metrics = self.partition.work.metrics
        metrics.count(show.TRANSACTIONS)
        metrics.count(show.TRANSACTION_RECORDS, transaction.written)
        metrics.observe(show.TRANSACTION_SECONDS, self._committed_at - began)
