"""Are batches contiguous, and holes looked at twice?"""

import asyncio
from types import SimpleNamespace

import pytest
from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.structs import ConsumerRecord
from faust.types import TP

from stream.worker.partitioner import belongs_by
from stream.worker.transport import Consumer, Progress, Reached
from stream.worker.transport import _hand_out_as_read as hand_out_as_read
from stream.worker.transport import _Thread as Thread
from tests.worker.records import FakeRecord

HERE = TP("orders", 0)


def records(*offsets: int) -> list[FakeRecord]:
    return [FakeRecord(offset, 1, b"k", b"v") for offset in offsets]


def progress(begin: int | None) -> Progress:
    made = Progress()
    made.begin(HERE, begin)
    return made


def test_a_batch_knows_where_its_fetch_began() -> None:
    mine = progress(5)
    first = mine.batch(HERE, records(5, 6))
    second = mine.batch(HERE, records(9))
    assert first is not None
    assert second is not None
    assert (first.begins_at, first.next_offset, first.hole) == (5, 7, 0)
    assert (second.begins_at, second.next_offset, second.hole) == (7, 10, 2)


def test_what_was_handed_out_already_is_not_handed_out_again() -> None:
    mine = progress(5)
    again = mine.batch(HERE, records(3, 4, 5))
    assert again is not None
    assert [record.offset for record in again.records] == [5]
    assert mine.batch(HERE, records(3, 4)) is None


def test_a_hole_is_believed_when_it_is_there_the_second_time() -> None:
    mine = progress(5)
    assert mine.missing(HERE, 8)
    assert not mine.missing(HERE, 8)
    assert mine.missing(HERE, 9)
    assert not mine.missing(HERE, 5)


def test_where_nothing_was_committed_nothing_is_missing() -> None:
    assert not progress(None).missing(HERE, 100)


def test_how_far_was_read_is_the_position_once_the_last_record_is_applied() -> None:
    mine = progress(5)
    mine.fetched(HERE, 5, [])
    assert mine.reached[HERE] == Reached(5, 5)
    mine.fetched(HERE, 9, records(5, 6))
    mine.fetched(HERE, 10, [])
    assert mine.reached[HERE] == Reached(10, 7)
    mine.begin(HERE, 7)
    assert HERE not in mine.reached


class SeekingConsumer(Consumer):
    """As much of the consumer as a seek needs, and what it did."""

    def __init__(self, committed: dict[TP, int | None], known: dict[TP, int]) -> None:
        owner = SimpleNamespace(goes_on_at=known.get)
        self.progress = Progress()
        self.app = SimpleNamespace(consumer_generation_id=7)
        self.transport = SimpleNamespace(owner=owner)
        self.sought: list[tuple[TP, int | None]] = []
        self._fetching = asyncio.Lock()
        self._committed_offset: dict[TP, int | None] = {}
        self._read_offset: dict[TP, int | None] = {}
        self._thread = SimpleNamespace(seek_to_beginning=self.seek_to_beginning)
        self._committed = committed

    async def seek_to_committed(self) -> dict[TP, int | None]:
        """As the broker has them."""
        return self._committed

    async def _seek(self, partition: TP, offset: int) -> None:
        self.sought.append((partition, offset))

    async def seek_to_beginning(self, *partitions: TP) -> None:
        """As aiokafka's."""
        self.sought.extend((tp, None) for tp in partitions)


def test_reading_goes_on_where_the_owner_says_not_where_a_commit_can_be_seen_already() -> None:
    kept, lagging, forgotten, new = (TP(topic, 0) for topic in ("orders", "ships", "pickups", "refunds"))
    consumer = SeekingConsumer(
        {kept: 9, lagging: 1518, forgotten: None, new: None}, {kept: 9, lagging: 1522, forgotten: 5}
    )
    asyncio.run(consumer.perform_seek())
    assert consumer.sought == [(lagging, 1522), (forgotten, 5), (new, None)]
    assert consumer.progress.expected == {kept: 9, lagging: 1522, forgotten: 5, new: None}


class GoneConsumer:
    """aiokafka's, where Kafka has gone: what it raises when it stops is the cancellation of one of its own tasks."""

    stopped = False

    async def stop(self) -> None:
        """As aiokafka's."""
        self.stopped = True
        fetching = asyncio.create_task(asyncio.sleep(60))
        fetching.cancel()
        await fetching


def test_a_thread_that_stops_while_kafka_is_away_has_nothing_to_say() -> None:
    """Faust runs it to its end, and what it raised Python would show as the traceback of a thread."""
    thread = object.__new__(Thread)
    thread._consumer = GoneConsumer()
    asyncio.run(thread.on_thread_stop())
    assert thread._consumer.stopped


@pytest.mark.parametrize(
    ("key", "hashed"),
    [
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"abc", 479470107),
        (b"a-little-bit-long-string", -985981536),
    ],
)
def test_keys_belong_where_kafkas_own_producer_puts_them(key: bytes, hashed: int) -> None:
    """The hashes are those of Kafka's own tests of its ``murmur2``."""
    assert belongs_by("murmur2", 1_000)(key) == (hashed & 0x7FFFFFFF) % 1_000


def test_keys_belong_where_librdkafka_puts_them_or_anywhere() -> None:
    """0xCBF43926 is the check value of CRC-32."""
    assert belongs_by("crc32", 1_000)(b"123456789") == 0xCBF43926 % 1_000
    assert belongs_by("any", 1_000)(b"123456789") is None


class Fetched:
    """What aiokafka keeps of a fetch of five records, and of the partition that they are of."""

    def __init__(self) -> None:
        self.active, self.paused, self.position = True, False, 0
        batch = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, 0, 100_000)
        for offset in range(5):
            batch.append(offset, 1_000 + offset, b"key", b"value %d" % offset, [("h", b"x")])
        records = MemoryRecords(bytes(batch.build()))
        of_partition = PartitionRecords(HERE, records, [], 0, None, None, True, READ_COMMITTED)
        self.result = FetchResult(HERE, assignment=self, partition_records=of_partition, backoff=0)

    def state_value(self, _tp: TP) -> "Fetched":
        """Its own."""
        return self

    def consumed_to(self, position: int) -> None:
        """Read up to here."""
        self.position = position


def test_records_are_handed_out_as_they_were_read_and_a_few_at_a_time() -> None:
    fetched, answers = Fetched(), []

    async def fetch(*request: object) -> bool:
        answers.append(request)
        fetcher._records[HERE] = fetched.result
        return True

    fetcher = SimpleNamespace(_records={TP("ships", 0): "an error"}, _proc_fetch_request=fetch)
    hand_out_as_read(fetcher)
    assert asyncio.run(fetcher._proc_fetch_request("assignment", 1, "request"))
    assert answers == [("assignment", 1, "request")]
    first, rest = fetched.result.getall(2), fetched.result.getall()
    assert fetched.position == 5
    assert not any(isinstance(record, ConsumerRecord) for record in first + rest)
    said = [(record.offset, record.timestamp, record.key, record.value) for record in first]
    assert said == [(0, 1_000, b"key", b"value 0"), (1, 1_001, b"key", b"value 1")]
    assert [(record.offset, list(record.headers)) for record in rest] == [
        (offset, [("h", b"x")]) for offset in (2, 3, 4)
    ]
    assert not fetched.result.has_more()
