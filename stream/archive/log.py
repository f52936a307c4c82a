"""How is a part of a partition's log read from Kafka, whatever its transactions, and seen when Kafka has deleted it meanwhile?"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import OffsetOutOfRangeError
from aiokafka.structs import OffsetAndTimestamp

from stream.archive.doubting import LOG_APPEND_TIME, doubted
from stream.archive.errors import MissingTopicError
from stream.archive.manifest import Place
from stream.archive.planning import At, Log
from stream.archive.ranges import Range
from stream.kafka.access import Access
from stream.kafka.closing import close
from stream.kafka.errors import SilentError

FETCH_BYTES = 4 << 20
RETRY_MS = 20
"""Each topic costs this once: a reader learns of it by failing."""
POLL_MS = 100
STUCK_POLLS = 50
"""Five seconds without anything."""
SILENT_POLLS = 600
"""A minute without anything: who waits for an answer must not wait for ever."""


class TellWaiting(Protocol):
    """Told when Kafka has not answered for long; again and again."""

    def __call__(self) -> None:
        """Say so, once."""
        ...


class Kafka:
    """Topics whose names begin with ``prefix``; made by ``connected``."""

    def __init__(
        self,
        prefix: str,
        cluster: str,
        partitions: Mapping[str, int],
        readers: tuple[AIOKafkaConsumer, AIOKafkaConsumer],
    ) -> None:
        self.prefix = prefix
        self.cluster = cluster
        self.partitions = partitions
        self._reader, self._any_reader = readers

    async def logs(self, places: Sequence[Place], times: Range, waiting: TellWaiting) -> Mapping[Place, Log]:
        """What there is of each partition, and where ``times`` lies in it."""
        names = {place: self._named(place) for place in places}
        stable = await self._reader.end_offsets(names.values())
        ends = await self._any_reader.end_offsets(names.values())
        begins, behind = [await self._firsts(names.values(), at) for at in times]
        # Last, so that what is deleted meanwhile is not taken for something that was older than the wanted time.
        starts = await self._reader.beginning_offsets(names.values())
        return {
            place: await self._doubted(
                place, Log(starts[tp], stable[tp], ends[tp], begins[tp], behind[tp]), times, waiting
            )
            for place, tp in names.items()
        }

    async def _doubted(self, place: Place, log: Log, times: Range, waiting: TellWaiting) -> Log:
        """``log``, whatever is deleted meanwhile."""
        while True:
            try:
                return await doubted(log, times, lambda offsets: self.read(place, offsets, waiting))
            except OffsetOutOfRangeError:
                start = await self.start_of(place)
                if start <= log.start:
                    raise
                log = replace(log, start=start)

    async def _firsts(
        self, partitions: Collection[TopicPartition], at: int
    ) -> Mapping[TopicPartition, At | None]:
        """The first record of each that is of this time or later."""
        found: Mapping[TopicPartition, OffsetAndTimestamp | None]
        found = await self._reader.offsets_for_times(dict.fromkeys(partitions, max(at, 0)))
        return {tp: None if each is None else At(each.offset, each.timestamp) for tp, each in found.items()}

    async def start_of(self, place: Place) -> int:
        """The first offset that is kept."""
        tp = self._named(place)
        return int((await self._reader.beginning_offsets([tp]))[tp])

    async def end_of(self, place: Place, log: Log, end_ms: int, waiting: TellWaiting) -> int:
        """The offset behind the last record of a time before ``end_ms``.

        Where the producers give the times, an earlier one may follow a later one: then the rest of the log is looked through.
        """
        if log.behind is None:
            return log.stable
        end = log.behind.offset
        async for records, _position in self.read(place, (max(end, log.start), log.stable), waiting):
            earlier = [record.offset for record in records if record.timestamp < end_ms]
            end = earlier[-1] + 1 if earlier else end
            if any(record.timestamp_type == LOG_APPEND_TIME for record in records):
                break
        return end

    async def read(
        self, place: Place, offsets: Range, waiting: TellWaiting
    ) -> AsyncIterator[tuple[Sequence[Any], int]]:
        """Committed records of ``offsets``, some at a time, and up to which offset nothing more will come.

        Raises OffsetOutOfRangeError as soon as the next has been deleted, and SilentError where Kafka has gone for long.
        """
        tp, (position, after) = self._named(place), offsets
        self._reader.assign([tp])
        self._reader.seek(
            tp, position
        )  # before anything can run that would look for another place to begin at
        polls = 0
        while position < after:
            records = (await self._reader.getmany(tp, timeout_ms=POLL_MS)).get(tp, [])
            reached = await self._reader.position(tp)
            polls = 0 if reached > position else polls + 1
            if polls and polls % STUCK_POLLS == 0:
                waiting()
            if polls >= SILENT_POLLS:
                raise SilentError(polls * POLL_MS / 1000)
            position = min(reached, after)
            if records and records[-1].offset >= after:
                records = [record for record in records if record.offset < after]
            yield records, position

    def _named(self, place: Place) -> TopicPartition:
        return TopicPartition(self.prefix + place.topic, place.partition)


__all__ = ["Kafka", "OffsetOutOfRangeError", "TellWaiting", "connected"]


@asynccontextmanager
async def connected(bootstrap: Access, prefix: str, topics: Sequence[str]) -> AsyncIterator[Kafka]:
    """A Kafka at ``bootstrap``; raises aiokafka's KafkaError where none answers, and MissingTopicError."""
    cluster, partitions = await _described(bootstrap, prefix, topics)
    readers = _reader(bootstrap, "read_committed"), _reader(bootstrap, "read_uncommitted")
    try:
        for reader in readers:
            await reader.start()
        yield Kafka(prefix, cluster, partitions, readers)
    finally:
        for reader in readers:
            await close(reader.stop())


async def _described(bootstrap: Access, prefix: str, topics: Sequence[str]) -> tuple[str, Mapping[str, int]]:
    # No topic is asked for by its name: a broker that makes topics by itself would make it.
    admin = AIOKafkaAdminClient(**bootstrap.client(), client_id="shopwatch-archive")
    try:
        await admin.start()
        cluster = (await admin.describe_cluster())["cluster_id"]
        found = {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}
    finally:
        await admin.close()
    absent = [prefix + topic for topic in topics if prefix + topic not in found]
    if absent:
        raise MissingTopicError(absent)
    return str(cluster), {topic: found[prefix + topic] for topic in topics}


def _reader(bootstrap: Access, isolation: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        **bootstrap.client(),
        client_id="shopwatch-archive",
        group_id=None,
        enable_auto_commit=False,
        isolation_level=isolation,
        auto_offset_reset="none",  # what has been deleted must not be passed over
        max_partition_fetch_bytes=FETCH_BYTES,
        retry_backoff_ms=RETRY_MS,
    )
