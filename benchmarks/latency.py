"""How long from an event until the alert that it causes can be read?  At several rates, with all of the seed policy on.

Events happen by the clock, and lateness is 0: the watermark passes an event as soon as each topic has a newer one.  So the
figure is what comes on top of the lateness that one allows.  It begins at the time that the event bears (a deadline's
instant, where silence is the event) and ends when a consumer that reads committed has the alert; up to 20 ms of it are the
sender's.  Alerts of the first fifth of the time are left out.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

from aiokafka import AIOKafkaConsumer, TopicPartition

from benchmarks.children import Child, child, worker
from benchmarks.figures import Figure, figure
from benchmarks.kafka import PARTITIONS, Kafka
from benchmarks.policies import MARKER, text_of
from benchmarks.recovery import until_ready
from benchmarks.sizes import Sizes
from stream.broker.ports import free_port
from stream.worker.clock import now_ms
from topics.times import parse_time

SHOPS = 4_000
WARM_SHARE = 0.2
LOOK_S = 0.1
PATIENCE_S = 60.0


@dataclass(slots=True)
class Seen:
    """Alerts as they become readable: when it happened, and how many ms later it was read."""

    alerts: list[tuple[int, int]] = field(default_factory=list)

    async def read(self, address: str, topic: str) -> None:
        """Until it is cancelled."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=address, isolation_level="read_committed", auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
            while True:
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    now = now_ms()
                    for record in records:
                        alert = json.loads(record.value)
                        at = parse_time(alert["resolved_at"] or alert["fired_at"])
                        self.alerts.append((at, now - at))
        finally:
            await consumer.stop()

    def after_warming(self, seconds: int) -> list[int]:
        """Latencies in ms."""
        first = min((at for at, _ in self.alerts), default=0)
        return [late for at, late in self.alerts if at >= first + WARM_SHARE * seconds * 1000]


async def measure(kafka: Kafka, sizes: Sizes, logs: Path, say: Callable[[str], None]) -> Sequence[Figure]:
    """One run a rate; p50 and p99 are over its alerts."""
    found = []
    path = logs / "marked.toml"
    path.write_text(text_of("seed") + MARKER, "utf-8")
    for rate in sizes.rates:
        late, behind = await at_rate(kafka, rate, sizes.flow_s, path, logs)
        cuts = quantiles(late, n=100) if len(late) > 1 else [float(late[0])] * 99
        say(
            f"  {rate:,} events/s: p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, {behind:.1f} s behind at the end"
        )
        beside = f"seed policy, {len(late):,} alerts in {sizes.flow_s} s, beyond the lateness"
        found += [
            figure(f"event to alert at {rate:,} events/s, p50", [cuts[49]], "ms", beside),
            figure(f"event to alert at {rate:,} events/s, p99", [cuts[98]], "ms", beside),
            figure(
                f"behind after {sizes.flow_s} s at {rate:,} events/s", [behind], "s", "until all is committed"
            ),
        ]
    return found


async def at_rate(kafka: Kafka, rate: int, seconds: int, policy: Path, logs: Path) -> tuple[list[int], float]:
    """Latencies in ms, and how many seconds after the last event all was committed."""
    port, options = free_port(), ("--lateness", "0s")
    async with kafka.topics() as prefix:
        http = f"127.0.0.1:{port}"
        with worker(prefix, policy, logs, *options, address=kafka.address, http=http) as running:
            await until_ready(running, port)
            seen = Seen()
            reading = asyncio.create_task(seen.read(kafka.address, f"{prefix}alerts"))
            arguments = ("-m", "benchmarks.flow", kafka.address, prefix, str(rate), str(seconds), str(SHOPS))
            with child("flow", arguments, logs) as flowing:
                behind = await _behind(kafka, f"{prefix}g", flowing, running)
            await asyncio.sleep(1)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
    late = seen.after_warming(seconds)
    if not late:
        raise RuntimeError(f"no alert came of {seconds} s at {rate} events/s")
    return late, behind


async def _behind(kafka: Kafka, group: str, flowing: Child, running: Child) -> float:
    while len(flowing.lines()) < 2:
        flowing.must_live()
        running.must_live()
        await asyncio.sleep(LOOK_S)
    said = json.loads(flowing.lines()[1])
    deadline = time.monotonic() + PATIENCE_S
    while await kafka.committed(group) < said["done"] - 1 and time.monotonic() < deadline:
        running.must_live()
        await asyncio.sleep(LOOK_S)
    return max(0.0, time.monotonic() - float(said["at_s"]))
