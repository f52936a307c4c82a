"""Is every record acknowledged, once, in its place and in its order?  On a real Kafka."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import pytest

from stream.feed.errors import RefusedByKafkaError
from stream.feed.records import Record
from stream.feed.sending import BATCH_BYTES, Sending, new_producer
from stream.kafka.access import Access
from stream.worker.partitioner import belongs_by
from tests.worker.rig import Rig

pytestmark = pytest.mark.kafka
PARTITIONS = 3


class Sender:
    """One sending, and what it told."""

    def __init__(self, rig: Rig, limits: Mapping[str, int] | None = None) -> None:
        self.refused: list[tuple[int, str]] = []
        self.waits = 0
        self._rig = rig
        self._limits = limits

    async def __aenter__(self) -> Sending:
        self._producer = new_producer(Access(self._rig.address))
        await self._producer.start()
        prefix, refuse = self._rig.prefix, self.refused.append
        self.sending = Sending(self._producer, prefix, lambda *why: refuse(why), self._wait, self._limits)
        return self.sending

    async def __aexit__(self, *_: object) -> None:
        await self._producer.stop()

    def _wait(self) -> None:
        self.waits += 1


def record(topic: str, key: bytes | None, value: bytes) -> Record:
    return Record(topic, key, value, None)


async def send(sender: Sender, records: Iterable[Record]) -> None:
    async with sender as sending:
        for number, each in enumerate(records, 1):
            await sending.send(number, each)
        await sending.finish()


def test_records_of_many_batches_lie_once_in_the_partition_of_their_key_and_in_their_order(rig: Rig) -> None:
    values = [b"%06d" % number + b"x" * (number % 700) for number in range(4_000)]
    records = [
        record(("orders", "ships")[number % 2], b"shop-%d" % (number % 9), value)
        for number, value in enumerate(values)
    ]
    assert sum(map(len, values)) > 4 * BATCH_BYTES
    sender = Sender(rig)

    async def play() -> None:
        await rig.create(PARTITIONS)
        await send(sender, records)

    asyncio.run(play())
    assert sender.sending.acknowledged == {"orders": 2_000, "ships": 2_000}
    assert (sender.refused, sender.waits) == ([], 0)
    belongs = belongs_by("murmur2", PARTITIONS)
    for topic in ("orders", "ships"):
        right: dict[int | None, list[tuple[bytes | None, bytes]]] = defaultdict(list)
        for each in records:
            if each.topic == topic:
                right[belongs(each.key or b"")].append((each.key, each.value))
        found: dict[int | None, list[tuple[bytes | None, bytes]]] = defaultdict(list)
        for kept in asyncio.run(rig.read(topic)):
            found[kept.partition].append((kept.key, kept.value))
        assert found == right


def test_what_has_no_key_is_spread_over_the_partitions(rig: Rig) -> None:
    async def play() -> Counter[int]:
        await rig.create(PARTITIONS)
        await send(Sender(rig), (record("orders", None, b"%d" % number) for number in range(300)))
        return Counter(kept.partition for kept in await rig.read("orders"))

    found = asyncio.run(play())
    assert found.total() == 300
    assert set(found) == set(range(PARTITIONS))


def test_many_short_records_do_not_make_a_batch_longer_than_their_topic_takes(rig: Rig) -> None:
    longest = 4_000
    sender = Sender(rig, {"orders": longest})

    async def play() -> Counter[bytes]:
        await rig.create(1, orders={"max.message.bytes": f"{longest}"})
        await send(sender, (record("orders", b"shop", b"%04d" % number * 50) for number in range(100)))
        return Counter(kept.value for kept in await rig.read("orders"))

    assert asyncio.run(play()) == Counter(b"%04d" % number * 50 for number in range(100))
    assert sender.sending.acknowledged == {"orders": 100}


def test_what_is_longer_than_its_topic_takes_is_told_by_its_number_and_the_rest_is_sent(rig: Rig) -> None:
    sender = Sender(rig, {"orders": 2_000})
    values = [b"a", b"b" * 1_899, b"c" * 1_897, b"d" * 9_000, b"e"]

    async def play() -> list[bytes]:
        await rig.create(1, orders={"max.message.bytes": "2000"})
        await send(sender, (record("orders", b"key", value) for value in values))
        return [kept.value for kept in await rig.read("orders")]

    assert asyncio.run(play()) == [values[0], values[2], values[4]]
    assert sender.refused == [
        (2, f"too long for topic {rig.prefix}orders"),
        (4, f"too long for topic {rig.prefix}orders"),
    ]
    assert sender.sending.refused == 2


def test_what_kafka_itself_refuses_is_an_error_and_not_counted(rig: Rig) -> None:
    sender = Sender(rig)

    async def play() -> None:
        await rig.create(1, orders={"max.message.bytes": "2000"})
        await send(sender, [record("orders", b"key", b"x" * 9_000)])

    with pytest.raises(RefusedByKafkaError, match="send all of it again"):
        asyncio.run(play())
    assert sender.sending.acknowledged.total() == 0


def test_after_a_finish_it_goes_on(rig: Rig) -> None:
    async def play() -> list[bytes]:
        await rig.create(1)
        async with Sender(rig) as sending:
            for number in range(3):
                await sending.send(number, record("orders", b"key", b"%d" % number))
                await sending.finish()
                assert sending.acknowledged == {"orders": number + 1}
            await sending.finish()
        return [kept.value for kept in await rig.read("orders")]

    assert asyncio.run(play()) == [b"0", b"1", b"2"]
