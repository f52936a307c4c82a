"""Where do the workers stand?  The clock record of each partition, without reading the ledger that lies around it.

A clock is the last record of each of a worker's transactions, so it stands just before the end of its partition.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from stream.kafka.access import Access
from stream.worker.ledger import CLOCK_KEY, decode_clock
from topics.ledger import Clock

BACK = 8
"""The clock, the transaction's marker, and some markers of transactions that came to nothing."""

FURTHER = 1_000
"""Where that is not enough; and times ten, as long as it is not."""

FETCH_BYTES = 64 << 10
POLL_MS = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A clock record, and when it was written (milliseconds of the wall clock)."""

    partition: int
    clock: Clock
    written_at: int


def new_reader(bootstrap: Access) -> AIOKafkaConsumer:
    """A consumer outside of any group that sees committed records only, and fetches little ahead."""
    return AIOKafkaConsumer(
        **bootstrap.client(),
        client_id="shopwatch-watch",
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES,
    )


@dataclass(slots=True)
class Clocks:
    """Looks for clocks in ``places``, the partitions of the ledger, which are assigned to ``consumer``."""

    consumer: AIOKafkaConsumer
    places: Collection[TopicPartition]
    _looked: dict[TopicPartition, int] = field(default_factory=dict)

    async def news(self, ends: Mapping[TopicPartition, int]) -> list[Found]:
        """The clocks that were written since the last question, up to ``ends``."""
        moved = [place for place in self.places if ends[place] > self._looked.get(place, 0)]
        found = [clock for place in moved if (clock := await self._last(place, ends[place])) is not None]
        self._looked.update({place: ends[place] for place in moved})
        return found

    async def _last(self, place: TopicPartition, end: int) -> Found | None:
        """The last clock before ``end``; not further back than where it was looked for already."""
        self.consumer.resume(place)
        try:
            for begin in self._begins(place, end):
                self.consumer.seek(place, begin)
                record = await self._read(place, end)
                if record is not None:
                    return Found(place.partition, decode_clock(record.value), record.timestamp)
        finally:
            self.consumer.pause(place)
        return None

    def _begins(self, place: TopicPartition, end: int) -> Iterator[int]:
        least = self._looked.get(place, 0)
        back = BACK
        while end - back > least:
            yield end - back
            back = FURTHER if back == BACK else back * 10
        yield least

    async def _read(self, place: TopicPartition, end: int) -> Any:
        """The last clock's record from the position on."""
        last = None
        while await self.consumer.position(place) < end:
            for record in (await self.consumer.getmany(place, timeout_ms=POLL_MS)).get(place, ()):
                if record.key == CLOCK_KEY and record.value is not None:
                    last = record
        return last
