"""What does one Kafka transaction hold, and in which order is it written?"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from aiokafka import TopicPartition

from stream.worker.clock import now_ms

Steps = Callable[[str], None]
"""Told of every step that a lane takes; tests end the process in one."""


class Row(NamedTuple):
    """One record to be written."""

    key: bytes
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


Written = tuple[bytes, bytes | None, Sequence[tuple[str, bytes]]]
"""A row, or what is like it."""


class Acked(Protocol):
    """A delivered event of Faust's."""

    def ack(self) -> bool:
        """It is done."""
        ...


class Producer(Protocol):
    """What a lane uses of aiokafka's transactional producer."""

    async def begin_transaction(self) -> None:
        """Begin."""
        ...

    async def send_offsets_to_transaction(self, offsets: Any, group_id: str) -> None:
        """Commit input offsets with the transaction."""
        ...

    def batch_of(self, rows: Sequence[Written], begin: int, written_at: int) -> tuple[Any, int]:
        """Return a batch of the rows from ``begin`` on, as many as it holds, all of one time; and how many those are."""
        ...

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> Awaitable[Any]:
        """Hand a batch over; what it returns is done when the broker has it."""
        ...

    async def commit_transaction(self) -> None:
        """Commit."""
        ...

    async def stop(self) -> None:
        """Close."""
        ...


class NotWrittenError(Exception):
    """The broker did not acknowledge a batch of a transaction."""


@dataclass(slots=True)
class Transaction:
    """All that one turn of a lane writes, encoded: the next turn may change the objects that it came from."""

    ledger: dict[bytes, bytes | None] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    """By topic, as the broker calls it."""
    offsets: dict[str, int] = field(default_factory=dict)
    """The next offset of each input topic, as the broker calls it."""
    events: list[Acked] = field(default_factory=list)
    """Deliveries that are done with it."""
    read: int = 0
    """How many records were read."""

    def add(self, topic: str, row: Row) -> None:
        """Write ``row`` to ``topic``."""
        self.rows.setdefault(topic, []).append(row)

    @property
    def empty(self) -> bool:
        """Whether nothing was read and nothing is to be said but the time."""
        return not (self.ledger or self.rows or self.offsets)

    @property
    def written(self) -> int:
        """How many records it writes."""
        return len(self.ledger) + sum(map(len, self.rows.values()))


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the transactions of one partition."""

    producer: Producer
    partition: int
    group: str
    ledger: str
    """The ledger's name on the broker."""
    steps: Steps

    async def write(self, transaction: Transaction) -> None:
        """Write it, all or nothing; raises where it cannot be.

        Offsets go first: a batch that overlaps another request of its transaction fails the broker's verification.  Every
        batch's answer is looked at before the commit, which would commit even if one had failed.
        """
        await self.producer.begin_transaction()
        self.steps("begun")
        await self._send_offsets(transaction)
        self.steps("offsets_sent")
        answers = await self._send_all(transaction)
        self.steps("batches_sent")
        for answer in answers:
            if await answer is None:
                raise NotWrittenError("a batch was dropped before it was acknowledged")
        self.steps("batches_acknowledged")
        await self.producer.commit_transaction()
        self.steps("committed")

    async def _send_offsets(self, transaction: Transaction) -> None:
        if transaction.offsets:
            offsets = {
                TopicPartition(name, self.partition): next_ for name, next_ in transaction.offsets.items()
            }
            await self.producer.send_offsets_to_transaction(offsets, self.group)

    async def _send_all(self, transaction: Transaction) -> list[Awaitable[Any]]:
        answers = []
        ledger: list[Written] = [(key, value, ()) for key, value in transaction.ledger.items()]
        written: dict[str, Sequence[Written]] = {self.ledger: ledger, **transaction.rows}
        for topic, rows in written.items():
            for batch in self._batches(rows):
                answers.append(await self.producer.send_batch(batch, topic, partition=self.partition))
                await asyncio.sleep(0)
        return answers

    def _batches(self, rows: Sequence[Written]) -> Iterator[Any]:
        """The rows in as few batches as hold them, all of one time."""
        begin, written_at = 0, now_ms()
        while begin < len(rows):
            batch, count = self.producer.batch_of(rows, begin, written_at)
            if not count:
                size = len(rows[begin][1] or b"")
                raise NotWrittenError(f"a record of {size} bytes does not fit into any batch")
            yield batch
            begin += count
