"""Input topics of a test's own on a real Kafka, what is sent to them, and an archive of it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from stream.archive.collecting import Collecting, Result
from stream.archive.errors import MissingTopicError
from stream.archive.keeping import Keeper
from stream.archive.log import connected
from stream.archive.manifest import Place, Source
from stream.archive.recorded import Recorded
from stream.archive.stored import Archive
from stream.kafka.access import Access
from tests.worker.rig import Rig
from topics.catalogue import INPUTS

DAY = 86_400_000
T = 1_772_323_200_000
"""2026-03-01T00:00:00Z."""
PARTITIONS = 2

Header = tuple[str, bytes | None]


class Sent(NamedTuple):
    """A record to be sent; ``at`` is when its producer says that it was."""

    topic: str
    partition: int
    at: int
    value: bytes | None = b"{}"
    key: bytes | None = b"shop"
    headers: Sequence[Header] = ()


@dataclass
class Heard:
    """Somebody who is told how a collecting goes, and does something once all is planned."""

    once_planned: Callable[[], None] | None = None
    offsets: int = 0
    plans: list[int] = field(default_factory=list)
    opens: list[tuple[Place, int]] = field(default_factory=list)

    def planned(self, offsets: int) -> None:
        """Keep it."""
        self.plans.append(offsets)
        if self.once_planned is not None:
            self.once_planned()

    def reached(self, records: int, offsets: int) -> None:
        """Count them."""
        self.offsets += offsets

    def waiting(self) -> None:
        """Nothing here makes Kafka wait."""

    def is_open(self, place: Place, offset: int) -> None:
        """Keep it."""
        self.opens.append((place, offset))


@dataclass
class Scene:
    """Topics on ``rig``, where producers give the times, and an archive in ``out``."""

    rig: Rig
    out: Path

    def create(self, **config: Mapping[str, str]) -> None:
        """The topics."""
        asyncio.run(self.rig.create(PARTITIONS, **config))
        asyncio.run(self._seen())

    def make_anew(self, topic: str) -> None:
        """Delete a topic, and make it again."""
        asyncio.run(self.rig.make_anew(topic, PARTITIONS))
        asyncio.run(self._seen())

    async def _seen(self) -> None:
        """Until the topics are there for all to see."""
        while True:
            with suppress(MissingTopicError):
                async with connected(Access(self.rig.address), self.rig.prefix, INPUTS):
                    return
            await asyncio.sleep(0.05)

    def send(self, *records: Sent) -> None:
        """In this order."""
        asyncio.run(self.deliver(records))

    def send_in_transactions(self, *transactions: tuple[bool, Sequence[Sent]]) -> None:
        """Committed or taken back."""
        asyncio.run(self._deliver_in_transactions(transactions))

    async def _deliver_in_transactions(self, transactions: Iterable[tuple[bool, Sequence[Sent]]]) -> None:
        async with self.transactional() as producer:
            for committed, records in transactions:
                with suppress(_TakenBackError):
                    async with producer.transaction():
                        await self.deliver_with(producer, records)
                        if not committed:
                            raise _TakenBackError
        await self.settled(*{record.topic for _, records in transactions for record in records})

    def transactional(self) -> Any:
        """A producer that can send in transactions."""
        return AIOKafkaProducer(bootstrap_servers=self.rig.address, transactional_id=f"{self.rig.prefix}tx")

    async def deliver(self, records: Iterable[Sent]) -> None:
        """In this order."""
        async with AIOKafkaProducer(bootstrap_servers=self.rig.address) as producer:
            await self.deliver_with(producer, records)

    async def deliver_with(self, producer: Any, records: Iterable[Sent]) -> None:
        """In this order."""
        waiting = [
            await producer.send(
                self.rig.prefix + record.topic,
                record.value,
                record.key,
                record.partition,
                record.at,
                list(record.headers),
            )
            for record in records
        ]
        await asyncio.gather(*waiting)

    async def settled(self, *topics: str) -> None:
        """Until no transaction is open: a commit is answered before its records can be read."""
        places = [Place(topic, number) for topic in topics for number in range(PARTITIONS)]
        async with connected(Access(self.rig.address), self.rig.prefix, INPUTS) as kafka:
            while any(  # noqa: ASYNC110 - nobody tells
                log.is_open for log in (await kafka.logs(places, (0, 1 << 62), Heard().waiting)).values()
            ):
                await asyncio.sleep(0.05)

    def delete(self, topic: str, partition: int, before: int) -> None:
        """As retention does."""
        asyncio.run(self._delete(TopicPartition(self.rig.prefix + topic, partition), before))

    async def _delete(self, tp: TopicPartition, before: int) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.rig.address)
        await admin.start()
        try:
            await admin.delete_records({tp: RecordsToDelete(before)})
        finally:
            await admin.close()

    def archive(
        self,
        begin: int = T,
        end: int = T + DAY,
        heard: Heard | None = None,
        size: tuple[int, int] = (1000, 1 << 20),
    ) -> Result:
        """Add what was recorded in this time."""
        return asyncio.run(self.collect(begin, end, heard or Heard(), size))

    async def collect(
        self, begin: int, end: int, heard: Heard, size: tuple[int, int] = (1000, 1 << 20)
    ) -> Result:
        """Add what was recorded in this time."""
        prefix = self.rig.prefix
        async with connected(Access(self.rig.address), prefix, INPUTS) as kafka:
            with Keeper(self.out, Source(kafka.cluster, prefix)) as keeper:
                collecting = Collecting(kafka, keeper, (begin, end), heard, size)
                await collecting.run()
                return collecting.result

    def files(self) -> set[str]:
        """Of Parquet, within the archive."""
        return {path.relative_to(self.out).as_posix() for path in self.out.rglob("*.parquet*")}

    def recorded(self, begin: int | None = None, end: int | None = None) -> list[Recorded]:
        """All that is read from the archive."""
        archive = Archive(self.out, begin, end)
        return [record for partition in archive.partitions() for record in archive.read(partition)]


class _TakenBackError(Exception):
    """A transaction is not to be committed."""
