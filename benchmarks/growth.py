"""How does the cost grow with the number of shops?  Every shop has an order; then events of all of them at random."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from benchmarks.children import alone, resident_bytes
from benchmarks.driving import BATCH, Drive, Spent
from benchmarks.figures import Figure, figure
from benchmarks.kafka import Kafka
from benchmarks.policies import policy, text_of
from benchmarks.sizes import Sizes
from benchmarks.stream import BEGINS, HOUR, Told, payments, peak


async def measure(_kafka: Kafka, sizes: Sizes, _logs: Path, say: Callable[[str], None]) -> Sequence[Figure]:
    """In process, under the seed policy."""
    found = []
    for shops in sizes.growth:
        micro, weight = alone(cost, shops, sizes.growth_events)
        say(f"  {shops:,} shops: {micro:.1f} us an event, {weight:,.0f} bytes a shop")
        beside = "seed policy, the engine with reading and encoding, events evenly over all shops"
        found.append(figure(f"cost over {shops:,} shops", [micro], "us an event", beside))
        found.append(
            figure(f"memory over {shops:,} shops", [weight], "bytes a shop", "with one open order each")
        )
    return found


def cost(shops: int, events: int) -> tuple[float, float]:
    """Microseconds an event, and bytes a shop with an open order."""
    drive = Drive(policy(text_of("seed")))
    before = resident_bytes()
    for batch in _batches(payments(shops, shops, first=events)):
        drive.batch(batch)
    weight = (resident_bytes() - before) / shops
    told = peak(events, shops, even=True, begins=BEGINS + HOUR).told()
    drive.spent = Spent()
    spent = drive.all(told)
    seconds = spent.reading + spent.joining + spent.deciding + spent.encoding
    return seconds * 1e6 / spent.events, weight


def _batches(told: Iterator[Told]) -> Iterator[list[Told]]:
    while batch := list(islice(told, BATCH)):
        yield batch
