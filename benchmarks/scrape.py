"""Does a scrape hold up the agents, with 100,000 shops?  ``python -m benchmarks.scrape`` prints what it measures.

Seconds are those of the thread's CPU, so that others on the machine do not count, but for the last two lines: there an event loop
turns as fast as it can, beside a thread that scrapes or does not, and the longest turn is told.
"""

import asyncio
import gc
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from benchmarks.children import resident_bytes
from benchmarks.policies import policy, text_of
from stream.ops import catalogue as show
from stream.ops.expected import expected
from stream.ops.marketplace import Marketplace
from stream.ops.registry import Metrics
from stream.ops.shops import Shops
from stream.policy.durations import duration_text
from stream.policy.spec import PolicySet, Rule
from stream.worker.run import SWITCH_S
from topics.catalogue import INPUTS

SHOPS = 100_000
PARTITIONS = 64
WORST = 50
TIMES = 20


def main() -> None:
    """Measure, and print a line each."""
    for line in measured():
        sys.stdout.write(f"{line}\n")


def measured() -> Iterator[str]:
    """What was measured, in words."""
    given = policy(text_of("seed"))
    marketplace, told = Marketplace.of(given, WORST), documents(given)
    few = [marketplace.shops() for _ in range(4)]
    yield from telling(few, told)
    yield pictured(marketplace, few)
    many = [marketplace.shops() for _ in range(PARTITIONS)]
    fill(many, told, 0)
    yield pictured(marketplace, many)
    metrics = filled(marketplace, many)
    yield slices(metrics)
    for scraped in (False, True):
        longest = turns(metrics, scraped=scraped) * 1000
        yield f"longest turn of an event loop, {'scraped' if scraped else 'left alone'}: {longest:.1f} ms"


def pictured(marketplace: Marketplace, parts: Sequence[Shops]) -> str:
    """What is put together for the next scrape, on the event loop."""
    took = sorted(cpu_s(lambda: marketplace.picture(parts, 0)) for _ in range(TIMES))
    return f"a picture of {SHOPS:,} shops in {len(parts)} partitions: {took[TIMES // 2] * 1000:.1f} ms"


def documents(given: PolicySet) -> Sequence[Mapping[str, Any]]:
    """Of shops of all sizes and qualities; each is told of several."""
    chance = random.Random(3)
    rules = list(given.versions[-1].rules.values())
    return [{"rules": [rated(rule, chance) for rule in rules]} for _ in range(SHOPS // 5)]


def rated(rule: Rule, chance: random.Random) -> Mapping[str, Any]:
    """What a document of rates says of a rule."""
    counted = chance.randrange(300)
    bad = min(counted, int(chance.expovariate(1 / (0.08 * counted + 0.1))))
    told = {"good": counted - bad, "bad": bad, "counted": counted}
    tiers = [{"severity": tier.severity, "state": "inactive", **told} for tier in rule.tiers]
    window = duration_text(rule.window) if rule.metric else None
    return {"rule": rule.name, "metric": rule.metric, "window": window, "tiers": tiers}


def telling(parts: Sequence[Shops], told: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What a document costs, and a shop keeps."""
    gc.collect()
    before = resident_bytes()
    fill(parts, told, 0)
    gc.collect()
    yield (f"kept of a shop: {(resident_bytes() - before) / SHOPS:.0f} bytes, its name included")
    took = cpu_s(lambda: fill(parts, told, 1))
    yield (f"a document of rates, beside making and writing it: {took / SHOPS * 1e6:.1f} us")


def fill(parts: Sequence[Shops], told: Sequence[Mapping[str, Any]], first: int) -> None:
    """Every shop once."""
    for number in range(SHOPS):
        parts[number % len(parts)].tell(f"shop-{number:06d}", told[(number * 7 + first) % len(told)])


def filled(marketplace: Marketplace, parts: Sequence[Shops]) -> Metrics:
    """All that a worker of so many partitions shows."""
    metrics = Metrics()
    metrics.prepare(expected(marketplace.watched))
    for partition in map(str, range(PARTITIONS)):
        for metric in show.CATALOGUE:
            if metric.labels == ("partition",):
                metrics.show(metric, 1.5, partition=partition)
            elif metric.labels == ("topic", "partition"):
                for topic in INPUTS:
                    metrics.show(metric, 1.5, topic=topic, partition=partition)
    metrics.show_at_once(marketplace.picture(parts, 0))
    return metrics


def slices(metrics: Metrics) -> str:
    """How long a scrape keeps Python's lock, at most, before it gives it up."""
    ends: list[float] = [time.thread_time()]
    text = metrics.text(lambda: ends.append(time.thread_time())).decode()
    ends.append(time.thread_time())
    longest = max(after - before for before, after in pairwise(ends))
    size = f"{len(text.splitlines()):,} lines, {len(text) / 1000:.0f} kB"
    return (
        f"a scrape: {(ends[-1] - ends[0]) * 1000:.1f} ms, at most {longest * 1000:.1f} ms at a time ({size})"
    )


def turns(metrics: Metrics, *, scraped: bool) -> float:
    """Seconds of the longest of an event loop's turns, in as long as some scrapes take."""
    sys.setswitchinterval(SWITCH_S)
    stop = threading.Event()

    def scrape() -> None:
        for _ in range(TIMES):
            if scraped:
                metrics.text()
            time.sleep(0.05)
        stop.set()

    async def turn() -> float:
        longest, last = 0.0, time.perf_counter()
        while not stop.is_set():
            await asyncio.sleep(0)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        return longest

    threading.Thread(target=scrape).start()
    return asyncio.run(turn())


def cpu_s(work: Callable[[], object]) -> float:
    """What it takes."""
    began = time.thread_time()
    work()
    return time.thread_time() - began


if __name__ == "__main__":
    main()
