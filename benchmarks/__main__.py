"""`make bench`: measure, show, and write down; without Linux's /proc it cannot."""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import backtest, engine_time, growth, latency, memory, recovery, report
from benchmarks.figures import Figure, write
from benchmarks.kafka import SETTINGS, Kafka
from benchmarks.pace import loop_ms, paced
from benchmarks.policies import ROOT
from benchmarks.sizes import FULL, QUICK, TOY, Sizes
from benchmarks.throughput import Contest
from stream.broker import Broker

Measure = Callable[[Kafka, Sizes, Path, Callable[[str], None]], Awaitable[Sequence[Figure]]]


async def _throughput(kafka: Kafka, sizes: Sizes, logs: Path, say: Callable[[str], None]) -> Sequence[Figure]:
    return await Contest(kafka, sizes, logs, say).run()


PARTS: dict[str, Measure] = {
    "throughput": _throughput,
    "latency": latency.measure,
    "recovery": recovery.measure,
    "engine": engine_time.measure,
    "memory": memory.measure,
    "growth": growth.measure,
    "backtest": backtest.measure,
}


def measure(sizes: Sizes, parts: Sequence[str], say: Callable[[str], None]) -> list[Figure]:
    """All figures of ``parts``, on a Kafka that lives for as long."""
    with TemporaryDirectory(prefix="shopwatch-bench-") as place:
        logs = Path(place, "logs")
        logs.mkdir()
        with Broker(Path(place, "kafka"), settings=SETTINGS, heap="1g", progress=say) as broker:
            kafka = Kafka(broker.address, pid=broker.pid)
            return asyncio.run(measure_on(kafka, sizes, parts, logs, say))


async def measure_on(
    kafka: Kafka, sizes: Sizes, parts: Sequence[str], logs: Path, say: Callable[[str], None]
) -> list[Figure]:
    """All figures of ``parts``, on a Kafka that runs."""
    found: list[Figure] = []
    paces = [loop_ms()]
    for part in parts:
        say(f"{part} ...")
        found += await PARTS[part](kafka, sizes, logs, say)
        paces.append(loop_ms())
    return [paced(paces), *found]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from a command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--size", choices=("full", "quick", "toy"), default="full")
    parser.add_argument("--orders", type=int, help="open orders of the recovery")
    parser.add_argument(
        "--only", choices=tuple(PARTS), action="append", help="parts to measure; default: all"
    )
    parser.add_argument("--results", type=Path, help="where figures go; default: only a full run writes them")
    chosen = parser.parse_args(arguments)
    sizes = {"full": FULL, "quick": QUICK, "toy": TOY}[chosen.size]
    if chosen.orders is not None:
        sizes = replace(sizes, recovered_orders=chosen.orders)
    figures = measure(sizes, chosen.only or list(PARTS), _said_since(time.monotonic()))
    report.show(figures)
    if chosen.results is not None:
        write(chosen.results, figures)
    elif chosen.size == "full" and not chosen.only:
        write(ROOT / "benchmarks" / "results.json", figures)
        report.put_into(ROOT / "docs" / "performance.md", figures)


def _said_since(began_s: float) -> Callable[[str], None]:
    def say(text: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - began_s:5.0f} s] {text}\n")

    return say


if __name__ == "__main__":
    main()
