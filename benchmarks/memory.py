"""How many bytes does an open order take in a worker's memory?  What the process grows by, divided by how many it holds."""

import gc
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.children import alone, resident_bytes
from benchmarks.figures import Figure, figure
from benchmarks.kafka import Kafka
from benchmarks.policies import FILES, policy, text_of
from benchmarks.sizes import Sizes
from benchmarks.stream import Told, payments
from stream.engine.engine import Engine
from stream.engine.reading import read_event


async def measure(_kafka: Kafka, sizes: Sizes, _logs: Path, say: Callable[[str], None]) -> Sequence[Figure]:
    """Under both policies."""
    found = []
    for name in FILES:
        weight = alone(bytes_an_order, name, sizes.open_orders, sizes.shops)
        say(f"  {name}: {weight:.0f} bytes an open order")
        beside = f"{name} policy, {sizes.open_orders:,} orders of {sizes.shops:,} shops"
        found.append(figure("memory of an open order", [weight], "bytes", beside))
        extrapolated = f"extrapolated from {sizes.open_orders:,}"
        found.append(figure(f"a million open orders, {name} policy", [weight], "MB", extrapolated))
    return found


def bytes_an_order(name: str, orders: int, shops: int) -> float:
    """Resident, the record, its timer and its place in the shop included; and the counts that its payment makes."""
    engine = Engine(policy(text_of(name)))
    warm, paid = list(payments(100, shops, first=orders)), list(payments(orders, shops))
    _paid(engine, warm)
    gc.collect()
    before = resident_bytes()
    _paid(engine, paid)
    gc.collect()
    return (resident_bytes() - before) / orders


def _paid(engine: Engine, told: Sequence[Told]) -> None:
    """Paid, and decided up to the payment; in batches, as a worker hands out what is to be kept."""
    for number, event in enumerate(told):
        engine.apply(read_event(event.topic, event.key, event.value))
        if number % 1_000 == 999:
            engine.advance(event.at)
    engine.advance(engine.latest_fact)
