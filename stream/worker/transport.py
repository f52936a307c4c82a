"""How do records reach the agent?  One Faust event for every list of records fetched from one partition.

Registered under ``faust.transports``: with a broker URL ``shopwatch://HOST:PORT`` an app's events carry a
:class:`Batch` as their value, and the offset of its last record as theirs.  Over plain Faust it

* costs one event's overhead a batch, not a record, and makes no object of its own of a record;
* never commits: offsets are committed within the transactions of whoever works off the batches;
* lets fetch and seek exclude each other, so that no record is thrown away after the position has moved past it;
* looks twice at a hole in a partition before it believes in it;
* hands its partitions over only when all that was delivered is done.

What it leans on in Faust and aiokafka without being told is held by ``tests/worker/test_private_names.py``.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import faust
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import InconsistentGroupProtocolError, InvalidGroupIdError, InvalidSessionTimeoutError
from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from stream.kafka.closing import close

NOT_TAKEN = (InconsistentGroupProtocolError, InvalidGroupIdError, InvalidSessionTimeoutError)
"""What aiokafka takes for the end of joining a group."""

FETCH_TIMEOUT_S = 0.25
"""Bounds how long a seek has to wait for a fetch that nothing answers."""

FETCH_WAIT_MS = 100
"""How long the broker may hold a fetch back.  A partition just worked off joins the next fetch only, so in a thin
stream this adds to what an event waits; Faust has 1.5 s."""

LEAVE_S = 30.0
"""Leaving the group takes so long at most; who has not been told misses us after the session timeout."""

FEW_RECORDS = 200
COALESCE_S = 0.01
"""After a fetch of few records the next one waits so long: a thin stream would otherwise be fetched nearly record by
record, and what a fetch costs would be what an event costs."""


class Record(Protocol):
    """A record as aiokafka reads it from a fetch: those of one topic and partition lie together, so it names neither."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one partition, in order, at least one.

    ``begins_at`` is where the fetch began: below the first record's offset where the log has a hole, None where the
    partition is read for the first time.
    """

    topic: str
    partition: int
    begins_at: int | None
    records: Sequence[Record]

    @property
    def next_offset(self) -> int:
        """The offset after the last record."""
        return self.records[-1].offset + 1

    @property
    def hole(self) -> int:
        """How many offsets before the first record there is no record for."""
        return 0 if self.begins_at is None else self.records[0].offset - self.begins_at


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a partition has been fetched: ``position``, once all below ``handed_out`` has been worked off."""

    position: int
    handed_out: int


class Owner(Protocol):
    """Whoever works off the batches."""

    async def release(self) -> None:
        """Return when nothing is under way any more; partitions are given up right after it."""
        ...

    def goes_on_at(self, tp: TP) -> int | None:
        """The next offset, if it knows better than the committed ones; asked when partitions have been assigned.

        A commit is answered before its offsets can be seen: whoever keeps a partition over a quick rebalance would be
        sent back to the transaction before.
        """
        ...


class _Nobody:
    async def release(self) -> None:
        """There is nothing to wait for beyond the batches themselves."""

    def goes_on_at(self, tp: TP) -> int | None:
        """Wherever was committed."""


@dataclass(slots=True)
class Progress:
    """What is known of the fetched partitions, between one seek and the next."""

    expected: dict[TP, int | None] = field(default_factory=dict)
    reached: dict[TP, Reached] = field(default_factory=dict)
    looked_twice: dict[TP, tuple[int, int]] = field(default_factory=dict)

    def begin(self, tp: TP, offset: int | None) -> None:
        """Reading goes on at ``offset``; None: nothing was ever committed here."""
        self.expected[tp] = offset
        self.reached.pop(tp, None)

    def forget(self, tps: Iterable[TP]) -> None:
        """These are somebody else's."""
        for tp in tps:
            self.expected.pop(tp, None)
            self.reached.pop(tp, None)
            self.looked_twice.pop(tp, None)

    def fetched(self, tp: TP, position: int, records: Sequence[Record]) -> None:
        """A fetch has ended; ``position`` is where the next one begins."""
        before = self.reached.get(tp)
        below = (
            records[-1].offset + 1 if records else before.handed_out if before else self.expected.get(tp) or 0
        )
        self.reached[tp] = Reached(position, below)

    def missing(self, tp: TP, first: int) -> bool:
        """Whether records before ``first`` are missing that were not yet looked for a second time."""
        expected = self.expected.get(tp)
        if expected is None or first <= expected or self.looked_twice.get(tp) == (expected, first):
            return False
        self.looked_twice[tp] = (expected, first)
        return True

    def batch(self, tp: TP, records: Sequence[Record]) -> Batch | None:
        """What is new of these records, and from here on expected to be followed by the next."""
        begins_at = self.expected.get(tp)
        if begins_at is not None and records[0].offset < begins_at:
            records = [record for record in records if record.offset >= begins_at]
            if not records:
                return None
        self.expected[tp] = records[-1].offset + 1
        return Batch(tp.topic, tp.partition, begins_at, records)


class Consumer(driver.Consumer):  # type: ignore[misc]  # Faust is not typed for us
    """Faust's consumer, handing out batches."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.progress = Progress()
        self.rebalancing = False
        """Ours: Faust's own flag stays set until after its hook ``on_rebalance_complete``."""
        self.fencing = asyncio.Lock()
        """Held while producers are initialised: partitions are not given up in between, or a late initialisation
        would fence their next owner."""
        self._fetching = asyncio.Lock()
        self._sought: int | None = None
        self._few = False
        super().__init__(*args, **kwargs)

    @property
    def member_id(self) -> str:
        """Who we are in the group."""
        return str(self._thread._consumer._coordinator.member_id)  # noqa: SLF001 - see the module's text

    @property
    def refusal(self) -> BaseException | None:
        """Why Kafka does not take us into the group for good: aiokafka logs it, and waits for us to ask."""
        coordinator = getattr(self._thread._consumer, "_coordinator", None)  # noqa: SLF001 - see the module's text
        pending: BaseException | None = getattr(coordinator, "_pending_exception", None)
        return pending if isinstance(pending, NOT_TAKEN) else None

    # Fetch and seek exclude each other: records in hand are wholly from before a seek or wholly from after it.

    async def _getmany(
        self,
        active_partitions: set[TP] | None,
        timeout: float,  # noqa: ARG002, ASYNC109 - Faust's signature
    ) -> Mapping[TP, Sequence[Record]]:
        if self._few:
            await asyncio.sleep(COALESCE_S)
        async with self._fetching:
            fetched: Mapping[TP, Sequence[Record]] = await super()._getmany(
                active_partitions, FETCH_TIMEOUT_S
            )
            self._few = sum(map(len, fetched.values())) < FEW_RECORDS if fetched else False
            if self._current():
                self._note_positions(fetched)
            return fetched

    def _current(self) -> bool:
        """Whether the seek of this generation is done; what was fetched before it will be fetched again."""
        return self._sought is not None and self._sought == self.app.consumer_generation_id

    def _note_positions(self, fetched: Mapping[TP, Sequence[Record]]) -> None:
        """Positions move in fetches and seeks only, so under the lock they are those of what was just fetched."""
        subscription = self._thread._consumer._subscription.subscription  # noqa: SLF001 - see the module's text
        assignment = subscription and subscription.assignment
        if assignment is None:
            return
        for aiokafka_tp in assignment.tps:
            state = assignment.state_value(aiokafka_tp)
            if state.has_valid_position:
                tp = ensure_TP(aiokafka_tp)
                self.progress.fetched(tp, state.position, fetched.get(tp, ()))

    async def perform_seek(self) -> None:
        """Go on where the owner says, else at the committed offsets, at the beginning where there are none."""
        self._sought = None
        generation = self.app.consumer_generation_id
        async with self._fetching:
            committed = await self.seek_to_committed()
            begins = {
                tp: await self._seek_to_known(ensure_TP(tp), offset) for tp, offset in committed.items()
            }
            # aiokafka's seek_to_committed() does nothing for a partition without a commit, or with one at 0: what was
            # fetched and thrown away before would be skipped for good.
            fresh = [tp for tp, offset in begins.items() if not offset or offset < 0]
            if fresh:
                await self._thread.seek_to_beginning(*fresh)
            for aiokafka_tp, offset in begins.items():
                self._begin(ensure_TP(aiokafka_tp), offset)
            self._sought = generation

    async def _seek_to_known(self, tp: TP, committed: int | None) -> int | None:
        known = self.transport.owner.goes_on_at(tp)
        if known is None or known == committed:
            return committed
        await self._seek(tp, known)
        return int(known)

    def _begin(self, tp: TP, committed: int | None) -> None:
        known = committed if committed is not None and committed >= 0 else None
        self.progress.begin(tp, known)
        self._committed_offset[tp] = known or None
        self._read_offset[tp] = None

    async def getmany(self, timeout: float) -> Any:  # noqa: ASYNC109 - Faust's signature
        """Yield (partition, message) for every list of records fetched.

        Unlike Faust's own it does not seek while the flow is stopped: batches may still be at work, and every resume
        is followed by a seek.
        """
        fetched, _ = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        for tp, records in (fetched or {}).items():
            if self.should_stop or not self.flow_active or self.app.consumer_generation_id != generation:
                return
            if not self._current():
                continue
            if self.progress.missing(tp, records[0].offset):
                await self._look_again(tp, generation)
                continue
            batch = self.progress.batch(tp, records)
            if batch is not None:
                yield tp, self._message(tp, batch, generation)

    async def _look_again(self, tp: TP, generation: int) -> None:
        """Either the log has a hole here (compaction, a transaction's marker, retention), or we have lost records."""
        async with self._fetching:
            if self._sought == generation:
                await self._seek(tp, self.progress.expected[tp])

    def _message(self, tp: TP, batch: Batch, generation: int) -> ConsumerMessage:
        last = batch.records[-1]
        # Neither "DROPPED MESSAGE" nor _add_gap() apply to batches; both ask for the read offset.
        self._read_offset[tp] = None
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            last.offset,
            last.timestamp / 1000.0,
            0,
            None,
            None,
            batch,
            None,
            0,
            0,
            tp,
            generation_id=generation,
        )

    # One short queue feeds the agent, and a full one blocks the fetch.  Faust would take single partitions out of the
    # fetch instead and hand them back one a delivery, which starves the last of them.

    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: see above."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing: see above."""

    # Offsets are committed in the owner's transactions.  A plain commit computed earlier could land later and put
    # them back.

    async def _commit(self, offsets: Mapping[TP, int]) -> bool:  # noqa: ARG002 - Faust's signature
        return True

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Sequence[TP]:  # noqa: ARG002 - Faust's signature
        """None; and the acks, which nobody will ask for, are forgotten."""
        for tp in list(self._acked):
            self._acked[tp].clear()
            self._acked_index[tp].clear()
        return ()

    # Partitions are given up when what was delivered of them is done.

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Stop the flow, let the owner finish, then let Faust forget the partitions."""
        self.rebalancing = True
        async with self.fencing:
            if self.assignment() and not self.app.should_stop:
                self.stop_flow()
                self.app.flow_control.suspend()
                self.pause_partitions(self.assignment())
                self.app.flow_control.clear()
                await self.wait_empty()
                await self.transport.owner.release()
            self.progress.forget(revoked)
            await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Begin a generation."""
        self.rebalancing = False
        await super().on_partitions_assigned(assigned, generation_id)

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)


class _Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust is not typed for us
    """Faust's consumer thread, reading what was committed only: an event of an aborted transaction never happened."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"  # noqa: SLF001 - Faust would ask for its own transactions too
        consumer._fetch_max_wait_ms = FETCH_WAIT_MS  # noqa: SLF001 - Faust has no setting for it
        return consumer

    async def on_start(self) -> None:
        """Begin; from here on records are handed out as they are read."""
        await super().on_start()
        _hand_out_as_read(self._consumer._fetcher)  # noqa: SLF001 - see the module's text

    async def on_thread_stop(self) -> None:
        """Leave the group; where Kafka is away there is nobody to be told, and nothing to be said of it."""
        await close(super().on_thread_stop(), LEAVE_S)


def _hand_out_as_read(fetcher: Any) -> None:
    """Have ``fetcher`` hand out the records that its C code reads, where it would make a larger one of each, in Python."""
    fetch = fetcher._proc_fetch_request  # noqa: SLF001 - see the module's text

    async def fetch_as_read(*request: Any) -> Any:
        answered = await fetch(*request)
        for found in fetcher._records.values():  # noqa: SLF001 - see the module's text
            records = getattr(found, "_partition_records", None)
            if records is not None:
                records.__class__ = _AsRead
        return answered

    fetcher._proc_fetch_request = fetch_as_read  # noqa: SLF001 - see the module's text


class _AsRead(PartitionRecords):  # type: ignore[misc]  # aiokafka is not typed for us
    """The records of one fetch of a partition, each as it was read."""

    def __iter__(self) -> Iterator[Record]:
        """What is left of them, with nothing in between."""
        left: Iterator[Record] = self._records_iterator
        return left

    def _consumer_record(self, _partition: Any, record: Record) -> Record:
        return record


class Transport(driver.Transport):  # type: ignore[misc]  # Faust is not typed for us
    """Faust's aiokafka transport with the consumer above; ``owner`` is asked before partitions are given up."""

    Consumer = Consumer
    owner: Owner = _Nobody()


class BatchSchema(faust.Schema):  # type: ignore[misc]  # Faust is not typed for us
    """Hands a message's batch on as it is."""

    def compile(self, app: Any, **kwargs: Any) -> Any:  # noqa: ARG002 - Faust's signature
        """Return the function that makes an event of a message."""
        create_event = app.create_event

        async def decode(message: ConsumerMessage, *, propagate: bool = False) -> Any:  # noqa: ARG001 - Faust's
            return create_event(message.key, message.value, None, message)

        return decode
