"""Topics, workers and readers for tests on a real Kafka."""

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, NewTopic

from stream.admin.cluster import Cluster
from stream.kafka.access import Access
from stream.worker.settings import Topics
from topics.catalogue import OUTPUTS, TOPICS

ROOT = Path(__file__).parents[2]
PARTITIONS = 4
SENTENCES = {"SHOPWATCH_LOG": "console"}
"""What a worker says is read by people here."""
COMPACTED = {
    "cleanup.policy": "compact",
    "segment.ms": "2000",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "1000",
}


@dataclass
class Rig:
    """One set of topics of its own on a broker, and the workers started on it."""

    address: str
    tmp: Path
    prefix: str = field(default_factory=lambda: f"t{uuid.uuid4().hex[:8]}-")
    workers: list["Running"] = field(default_factory=list)

    @property
    def topics(self) -> Topics:
        """Their names."""
        return Topics(self.prefix)

    async def create(self, partitions: int = PARTITIONS, **config: Mapping[str, str]) -> None:
        """All topics; ``config`` adds to one's settings by its name in the contract."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        try:
            await admin.create_topics(
                [
                    NewTopic(
                        self.prefix + name,
                        partitions,
                        1,
                        topic_configs={**(COMPACTED if name in OUTPUTS else {}), **config.get(name, {})},
                    )
                    for name in (topic.name for topic in TOPICS)
                ]
            )
            while not {self.prefix + topic.name for topic in TOPICS} <= set(await admin.list_topics()):  # noqa: ASYNC110 - nothing tells when they are there
                await asyncio.sleep(0.05)
        finally:
            await admin.close()

    async def grow(self, topic: str, partitions: int) -> None:
        """More partitions for one topic, by its name in the contract."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        try:
            await admin.create_partitions({self.prefix + topic: NewPartitions(partitions)})
        finally:
            await admin.close()

    async def delete(self, topic: str) -> None:
        """Delete a topic, by its name in the contract; it is gone when this returns."""
        async with await Cluster(Access(self.address), self.prefix).open() as cluster:
            await cluster.delete([topic])

    async def make_anew(self, topic: str, partitions: int = PARTITIONS) -> None:
        """Delete a topic, by its name in the contract, and make it again."""
        await self.delete(topic)
        admin = AIOKafkaAdminClient(bootstrap_servers=self.address)
        await admin.start()
        try:
            config = COMPACTED if topic in OUTPUTS else {}
            await admin.create_topics([NewTopic(self.prefix + topic, partitions, 1, topic_configs=config)])
        finally:
            await admin.close()

    def start(
        self, name: str, *arguments: str, module: str = "tests.worker.tiny_worker", **env: str
    ) -> "Running":
        """A worker in a process of its own."""
        worker = Running(self, name, module, [*arguments], env)
        self.workers.append(worker)
        return worker

    def end(self) -> None:
        """Whatever still runs is killed."""
        for worker in self.workers:
            worker.end()

    async def send(self, records: Iterable[tuple[str, int | None, bytes, bytes | None]]) -> None:
        """Produce (topic in the contract, partition, key, value)."""
        producer = AIOKafkaProducer(bootstrap_servers=self.address, linger_ms=5, max_request_size=20 << 20)
        await producer.start()
        try:
            waiting = [
                await producer.send(self.prefix + topic, value=value, key=key, partition=partition)
                for topic, partition, key, value in records
            ]
            await asyncio.gather(*waiting)
        finally:
            await producer.stop()

    async def read(self, topic: str, *, committed: bool = True) -> list[Any]:
        """All records of a topic, by its name in the contract."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.address,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            isolation_level="read_committed" if committed else "read_uncommitted",
            max_partition_fetch_bytes=20 << 20,
        )
        await consumer.start()
        try:
            name = self.prefix + topic
            partitions = await self._partitions(consumer, name)
            consumer.assign(partitions)
            ends = await consumer.end_offsets(partitions)
            found: list[Any] = []
            while [tp for tp in partitions if await consumer.position(tp) < ends[tp]]:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found.extend(records)
            return found
        finally:
            await consumer.stop()

    async def settled(self) -> dict[TopicPartition, int]:
        """Where the topics that workers write end, once no transaction is open.

        A commit is answered before its records can be read.
        """
        while True:
            some, every = [await self._ends(level) for level in ("read_committed", "read_uncommitted")]
            if some == every:
                return every
            await asyncio.sleep(0.1)

    async def _ends(self, level: str) -> dict[TopicPartition, int]:
        consumer = AIOKafkaConsumer(bootstrap_servers=self.address, isolation_level=level)
        await consumer.start()
        try:
            places = [tp for name in OUTPUTS for tp in await self._partitions(consumer, self.prefix + name)]
            return dict(await consumer.end_offsets(places))
        finally:
            await consumer.stop()

    async def _partitions(self, consumer: AIOKafkaConsumer, name: str) -> list[TopicPartition]:
        numbers = await consumer._client._wait_on_metadata(name)
        return [TopicPartition(name, number) for number in numbers]

    async def latest(self, topic: str) -> dict[bytes, Any]:
        """What a compacted topic says: key to JSON value."""
        found: dict[bytes, Any] = {}
        for record in await self.read(topic):
            if record.value is None:
                found.pop(record.key, None)
            else:
                found[record.key] = json.loads(record.value)
        return found


class Running:
    """A worker process."""

    def __init__(
        self, rig: Rig, name: str, module: str, arguments: list[str], env: Mapping[str, str]
    ) -> None:
        self.log = rig.tmp / f"{name}-{uuid.uuid4().hex[:4]}.log"
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SHOPWATCH_BOOTSTRAP": rig.address,
            **SENTENCES,
            **env,
        }
        own = ("--topic-prefix", rig.prefix, "--group", f"{rig.prefix}g")
        command = [sys.executable, "-m", module, *arguments, *own]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(  # noqa: S603 - ours
                command, env=environment, stdout=subprocess.PIPE, stderr=log
            )

    @property
    def errors(self) -> list[str]:
        """The lines on standard error."""
        return self.log.read_text("utf-8", "replace").splitlines()

    @property
    def steps(self) -> list[str]:
        """What the tiny worker says of itself."""
        return [line.removeprefix("STEP ") for line in self.errors if line.startswith("STEP ")]

    def wait_for(self, text: str, patience_s: float = 30, *, times: int = 1) -> None:
        """Until the log says so."""
        wait_until(
            lambda: self.log.read_text("utf-8", "replace").count(text) >= times, patience_s, self.describe
        )

    def wait(self, patience_s: float = 30) -> int:
        """Until it has ended; its exit code."""
        try:
            return self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(self.describe()) from None

    def signal(self, number: int) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def output(self) -> str:
        """All of standard output, after the end."""
        assert self.process.stdout
        return self.process.stdout.read().decode()

    def describe(self) -> str:
        """For a failed test."""
        return f"{self.log.name}: exit code {self.process.poll()}\n" + "\n".join(self.errors[-30:])

    def end(self) -> None:
        """Kill it, if need be."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def wait_until(true: Callable[[], bool], patience_s: float, describe: Callable[[], str] = str) -> None:
    """Look every 50 ms."""
    deadline = time.monotonic() + patience_s
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience_s} s: {describe()}")
        time.sleep(0.05)
