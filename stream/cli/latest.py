"""What does a compacted topic say now, and what from now on?"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from aiokafka import TopicPartition

from stream.admin.cluster import Cluster
from stream.cli.connecting import asking, once_kafka_answers
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import CommandError
from stream.kafka.access import Access
from stream.kafka.closing import close
from stream.worker.bulk import read_all, reader
from stream.worker.settings import Settings

FOLLOW_MS = 1_000

Kind = TypeVar("Kind")


@dataclass(slots=True)
class Latest:
    """The last value of each key, and where each partition was read to."""

    values: dict[bytes, bytes] = field(default_factory=dict)
    next: dict[TopicPartition, int] = field(default_factory=dict)

    def take(self, record: Any) -> None:
        """A later record of its partition; one without a value deletes its key."""
        self.next[TopicPartition(record.topic, record.partition)] = record.offset + 1
        if record.value is None:
            self.values.pop(record.key, None)
        else:
            self.values[record.key] = record.value


@dataclass(frozen=True, slots=True)
class CompactedTopic:
    """A topic of which the last record of a key counts; ``command`` is who asks."""

    command: str
    name: str
    bootstrap: Access
    prefix: str

    async def latest(self) -> Latest:
        """All that is committed now; waits for a Kafka that does not answer yet, raises MissingTopicsError and CommandError."""
        quiet_libraries()
        latest = Latest()
        await read_all(self._settings, await self._partitions(), latest.take)
        return latest

    async def changes(self, since: Latest) -> AsyncIterator[tuple[bytes, bytes | None]]:
        """Key and value of whatever is committed after ``since``, for ever."""
        consumer = reader(self._settings)
        await consumer.start()
        try:
            partitions = await self._partitions()
            consumer.assign(partitions)
            for place in partitions:
                await consumer.position(place)  # now the reset that assign() began is done, and seeking holds
                if place in since.next:
                    consumer.seek(place, since.next[place])
            while True:
                for records in (await consumer.getmany(timeout_ms=FOLLOW_MS)).values():
                    for record in records:
                        yield record.key, record.value
        finally:
            await close(consumer.stop())

    @property
    def _settings(self) -> Settings:
        return asking(self.command, self.bootstrap, self.prefix)

    async def _partitions(self) -> list[TopicPartition]:
        async with await once_kafka_answers(self.command, self.bootstrap, self._cluster().open) as cluster:
            count = (await cluster.partitions([self.name]))[self.name]
        return [TopicPartition(self.prefix + self.name, number) for number in range(count)]

    def _cluster(self) -> Cluster:
        return Cluster(self.bootstrap, self.prefix)


def decoded(topic: str, value: bytes, kind: type[Kind], place: tuple[int, int] | None = None) -> Kind:
    """A record's value; raises CommandError for one that somebody else has put there, at ``place``: partition and offset."""
    try:
        return msgspec.json.decode(value, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        where = "" if place is None else f", partition {place[0]}, offset {place[1]},"
        raise CommandError(
            f"a record of {topic}{where} is not what the contract says ({error}); did somebody else write to it? "
            "A record of the same key without a value deletes it"
        ) from None
