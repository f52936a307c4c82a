"""Does a lane commit what it applied, in the right order, and acknowledge only what is committed?"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pytest

from stream.worker.lane import Lane, Ownership
from stream.worker.partition import Partition
from stream.worker.settings import Transactions
from stream.worker.transaction import Writer, Written
from stream.worker.transport import Batch
from tests.worker.fakes import TinyEngine
from tests.worker.records import batch, event
from tests.worker.test_partition import work

ROWS_A_BATCH = 3


@dataclass
class FakeBatch:
    """Takes a few records."""

    rows: list[tuple[bytes, bytes | None]] = field(default_factory=list)


@dataclass
class FakeProducer:
    """Says what it was told to do."""

    calls: list[str] = field(default_factory=list)
    commits: list[dict[str, list[bytes]]] = field(default_factory=list)
    answer: Callable[[], Any] = object
    hold: asyncio.Event = field(default_factory=asyncio.Event)
    _now: dict[str, list[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.hold.set()

    async def begin_transaction(self) -> None:
        """Begin."""
        self._now = {}
        self.calls.append("begin")

    async def send_offsets_to_transaction(self, offsets: Any, group_id: str) -> None:
        """Offsets."""
        self.calls.append(f"offsets {sorted((tp.topic, at) for tp, at in offsets.items())} {group_id}")

    def batch_of(self, rows: Sequence[Written], begin: int, written_at: int) -> tuple[FakeBatch, int]:
        """A small one."""
        some = rows[begin : begin + ROWS_A_BATCH]
        return FakeBatch([(key, value) for key, value, _ in some]), len(some)

    async def send_batch(self, batch: FakeBatch, topic: str, *, partition: int) -> Awaitable[Any]:
        """Answered at once."""
        self.calls.append(f"send {topic}/{partition}")
        self._now.setdefault(topic, []).extend(key for key, _ in batch.rows)
        answered = asyncio.get_running_loop().create_future()
        answered.set_result(self.answer())
        return answered

    async def commit_transaction(self) -> None:
        """When it is let."""
        await self.hold.wait()
        self.calls.append("commit")
        self.commits.append(self._now)

    async def stop(self) -> None:
        """Closed."""
        self.calls.append("stop")


@dataclass
class FakeDelivery:
    """As Faust's event."""

    value: Batch
    acked: bool = False

    def ack(self) -> bool:
        """Done."""
        self.acked = True
        return True


class EndedError(Exception):
    """The process would have ended."""


def end(reason: str, code: int = 70) -> NoReturn:
    raise EndedError(f"{code} {reason}")


def lane(producer: FakeProducer, **limits: Any) -> Lane:
    return Lane(
        partition=Partition(0, work(), TinyEngine()),
        writer=Writer(producer, 0, "group", "ledger", lambda _step: None),
        limits=Transactions(**limits),
        linger_s=0.0,
        end=end,
        steps=lambda _step: None,
        owner=Ownership(1, "me"),
    )


def orders(begin: int | None, count: int) -> FakeDelivery:
    values = [event("order_paid", "s", f"{(begin or 0) + number}", 1_000) for number in range(count)]
    return FakeDelivery(batch("orders", begin, *values))


def test_offsets_go_first_then_the_batches_then_the_commit_then_the_acknowledgement() -> None:
    async def scene() -> None:
        producer = FakeProducer()
        mine, delivery = lane(producer), orders(None, 3)
        mine.start()
        await mine.put(delivery)
        await mine.settle()
        assert producer.calls == [
            "begin",
            "offsets [('orders', 3)] group",
            "send ledger/0",
            "send ledger/0",
            "commit",
        ]
        assert producer.commits == [{"ledger": [b"os/0", b"os/1", b"os/2", b"clock"]}]
        assert delivery.acked
        await mine.close()
        assert producer.calls[-1] == "stop"

    asyncio.run(scene())


def test_what_is_not_committed_is_not_acknowledged_and_the_next_is_applied_meanwhile() -> None:
    async def scene() -> None:
        producer = FakeProducer()
        producer.hold.clear()
        mine, first, second = lane(producer), orders(None, 1), orders(1, 1)
        mine.start()
        await mine.put(first)
        await asyncio.sleep(0.05)
        await mine.put(second)
        await asyncio.sleep(0.05)
        assert not first.acked
        assert mine.partition.next == {"orders": 2}
        assert not mine.idle
        producer.hold.set()
        await mine.settle()
        assert [commit["ledger"] for commit in producer.commits] == [[b"os/0", b"clock"], [b"os/1", b"clock"]]
        assert second.acked
        await mine.close()

    asyncio.run(scene())


def test_a_lane_takes_no_more_than_fits_into_a_transaction_and_a_few_batches() -> None:
    async def scene() -> None:
        producer = FakeProducer()
        producer.hold.clear()
        mine = lane(producer, records=1, batches=2)
        mine.start()
        for number in range(5):
            await asyncio.wait_for(mine.put(orders(number or None, 1)), 1)
            await asyncio.sleep(0.01)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(mine.put(orders(5, 1)), 0.05)
        producer.hold.set()
        await mine.settle()
        await mine.close()

    asyncio.run(scene())


def test_a_batch_that_the_broker_did_not_take_ends_the_process_before_the_commit() -> None:
    async def scene() -> None:
        producer = FakeProducer(answer=lambda: None)
        mine = lane(producer)
        mine.start()
        await mine.put(orders(None, 1))
        with pytest.raises(EndedError, match="partition 0, committing: NotWrittenError"):
            await mine._tasks[1]
        assert "commit" not in producer.calls

    asyncio.run(scene())


def test_a_quiet_lane_writes_nothing() -> None:
    async def scene() -> None:
        producer = FakeProducer()
        mine = lane(producer)
        mine.start()
        for _ in range(3):
            mine.wake()
            await mine.settle()
        assert producer.calls == []
        await mine.close()

    asyncio.run(scene())


def test_a_drained_lane_says_so_once_and_takes_nothing_more() -> None:
    async def scene() -> None:
        producer = FakeProducer()
        mine = lane(producer)
        mine.partition.work = work(drain=True)
        mine.start()
        await mine.put(orders(None, 1))
        await mine.settle()
        mine.partition.end_at = 5_000
        mine.wake()
        await mine.settle()
        assert mine.drained
        assert mine.partition.clock().drained_until == 5_000
        late = orders(1, 1)
        await mine.put(late)
        await mine.settle()
        assert late.acked
        assert producer.calls.count("commit") == 2
        await mine.close()

    asyncio.run(scene())
