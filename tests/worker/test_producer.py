"""Do rows lie in a batch as aiokafka would have put them there, as many as it holds?"""

from types import SimpleNamespace

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from stream.worker.producer import LaneProducer
from stream.worker.transaction import Written

WRITTEN_AT = 1_700_000_000_000
ROWS: list[Written] = [
    (b"key %d" % number, None if number == 1 else b"v" * 100, [("h", b"x")] if number == 2 else ())
    for number in range(7)
]


def batch_of(rows: list[Written], begin: int, size: int) -> tuple[BatchBuilder, int]:
    """Of a producer whose batches hold ``size`` bytes."""
    producer = SimpleNamespace(create_batch=lambda: BatchBuilder(size, 0, is_transactional=1))
    batch, count = LaneProducer.batch_of(producer, rows, begin, WRITTEN_AT)  # type: ignore[arg-type]  # it asks for no more
    return batch, count


def read(batch: BatchBuilder) -> list[tuple[int, int, bytes, bytes | None, list[tuple[str, bytes]]]]:
    """What somebody reads of it."""
    records = MemoryRecords(bytes(batch._build()))
    return [
        (each.offset, each.timestamp, each.key, each.value, list(each.headers))
        for each in records.next_batch()
    ]


def test_all_rows_from_where_it_begins_are_in_a_batch_that_holds_them() -> None:
    batch, count = batch_of(ROWS, 1, 10_000)
    assert (count, batch.record_count(), batch.closed()) == (6, 6, True)
    assert read(batch) == [
        (offset, WRITTEN_AT, key, value, list(headers))
        for offset, (key, value, headers) in enumerate(ROWS[1:])
    ]


def test_what_does_not_fit_is_left_for_the_next() -> None:
    first, count = batch_of(ROWS, 0, 400)
    assert 0 < count < len(ROWS)
    assert [key for _, _, key, _, _ in read(first)] == [key for key, _, _ in ROWS[:count]]
    second, more = batch_of(ROWS, count, 10_000)
    assert count + more == len(ROWS)
    assert [offset for offset, *_ in read(second)] == list(range(more))


def test_a_row_larger_than_a_batch_is_one_by_itself() -> None:
    batch, count = batch_of([(b"large", b"v" * 5_000, ()), *ROWS], 0, 400)
    assert (count, [key for _, _, key, _, _ in read(batch)]) == (1, [b"large"])
