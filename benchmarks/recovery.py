"""How long until a worker that begins with a full ledger is ready?  From the start of its process to its ``/readyz``.

The ledger holds what a worker would have written: the engine's own records of open orders, and a clock a partition.
"""

import asyncio
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from aiokafka import AIOKafkaProducer

from benchmarks.children import Child, worker
from benchmarks.figures import Figure, figure
from benchmarks.kafka import BATCH_BYTES, PARTITIONS, Kafka, write
from benchmarks.policies import FILES, policy, text_of
from benchmarks.sizes import Sizes
from benchmarks.stream import payments
from stream.broker.ports import free_port
from stream.engine.engine import Engine
from stream.engine.reading import read_event
from stream.worker.ledger import CLOCK_FORMAT, CLOCK_KEY, encode_clock
from stream.worker.partitioner import belongs_by
from topics.ledger import Clock

SLICE = 20_000
LOOK_S = 0.05
PATIENCE_S = 180.0
NAME = "seed"


async def measure(kafka: Kafka, sizes: Sizes, logs: Path, say: Callable[[str], None]) -> Sequence[Figure]:
    """Once to fill, as often as there are rounds to recover: a worker that recovers and ends writes next to nothing."""
    whole, inside = [], []
    async with kafka.topics() as prefix:
        say(f"  writing a ledger of {sizes.recovered_orders:,} open orders")
        await fill_ledger(kafka, prefix, sizes.recovered_orders, sizes.shops)
        for _ in range(min(2, sizes.rounds)):
            took, recovered = await recover(kafka, prefix, logs)
            whole.append(took)
            inside.append(recovered)
            say(f"  ready after {took:.1f} s, {recovered:.1f} s of it recovery")
    beside = f"{sizes.recovered_orders:,} open orders of {sizes.shops:,} shops, {NAME} policy"
    return [
        figure("from the start of a worker until it is ready", whole, "s", beside),
        figure("reading and rebuilding alone", inside, "s", beside),
    ]


async def fill_ledger(kafka: Kafka, prefix: str, orders: int, shops: int) -> None:
    """As a worker of the group would have left it, had its inputs been forgotten meanwhile."""
    chosen, belongs = policy(text_of(NAME)), belongs_by("murmur2", PARTITIONS)
    engines = [Engine(chosen) for _ in range(PARTITIONS)]
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address, acks="all", max_batch_size=BATCH_BYTES)
    await producer.start()
    try:
        for number, event in enumerate(payments(orders, shops), 1):
            engines[belongs(event.key) or 0].apply(read_event(event.topic, event.key, event.value))
            if number % SLICE == 0:
                await _write(producer, prefix, engines)
        latest = max(engine.latest_fact or 0 for engine in engines)
        await _write(producer, prefix, engines, latest)
        clocks = {
            ("ledger", number): [(CLOCK_KEY, encode_clock(_clock(engine, f"{prefix}g", chosen.digest)))]
            for number, engine in enumerate(engines)
        }
        await write(producer, prefix, clocks)
    finally:
        await producer.stop()


async def _write(
    producer: AIOKafkaProducer, prefix: str, engines: Sequence[Engine], watermark: int | None = None
) -> None:
    rows = {
        ("ledger", number): list(engine.advance(watermark).records.items())
        for number, engine in enumerate(engines)
    }
    await write(producer, prefix, rows)


def _clock(engine: Engine, group: str, digest: str) -> Clock:
    return Clock(
        format=CLOCK_FORMAT,
        group=group,
        policy=digest,
        next={},
        newest={},
        decided=engine.clock,
        latest_fact=engine.latest_fact,
        watermark=engine.clock,
    )


async def recover(kafka: Kafka, prefix: str, logs: Path) -> tuple[float, float]:
    """Seconds until ready, and those of the recovery as the worker has measured them itself."""
    port = free_port()
    began = time.monotonic()
    options = ("--clock", "events")
    with worker(
        prefix, FILES[NAME], logs, *options, address=kafka.address, http=f"127.0.0.1:{port}"
    ) as running:
        await until_ready(running, port)
        took = time.monotonic() - began
        text = await asyncio.to_thread(_get, port, "/metrics")
    line = next(line for line in text.splitlines() if line.startswith("shopwatch_recovery_seconds_sum "))
    return took, float(line.split()[1])


async def until_ready(running: Child, port: int) -> None:
    """Returns when ``/readyz`` says that it works off its partitions."""
    deadline = time.monotonic() + PATIENCE_S
    while f"{PARTITIONS} partitions" not in await asyncio.to_thread(_get, port, "/readyz"):
        running.must_live()
        if time.monotonic() > deadline:
            raise TimeoutError(f"the worker is not ready after {PATIENCE_S:.0f} s")
        await asyncio.sleep(LOOK_S)


def _get(port: int, path: str) -> str:
    """What it answers; nothing while it does not, or says that it is not ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""
