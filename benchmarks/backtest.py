"""How fast is a backtest?  Both passes, the engine alone, and the same question in SQL, side by side in one run.

The first pass over an archive that is written for it, on one core; a change of a rule and many variants over a timeline of many
orders.  Every part runs in a process of its own, so that memory is its own, too.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.backtest_passes import (
    PLAIN,
    SEED,
    Spent,
    by_sql,
    engine_alone,
    first_pass,
    many,
    rule_change,
    write_archive,
)
from benchmarks.backtest_timeline import DAYS, drawn
from benchmarks.children import alone_on, best_engine
from benchmarks.figures import Figure, figure
from benchmarks.kafka import Kafka
from benchmarks.sizes import Sizes
from benchmarks.stream import recording

SQL_VARIANTS = 2
"""Each is another copy of all points to SQL, and takes as much memory."""


async def measure(_kafka: Kafka, sizes: Sizes, logs: Path, say: Callable[[str], None]) -> Sequence[Figure]:
    """Every part, one after the other."""
    with TemporaryDirectory(dir=logs) as place:
        return [*_first(sizes, Path(place), say), *_second(sizes, Path(place), say)]


def _first(sizes: Sizes, place: Path, say: Callable[[str], None]) -> Iterator[Figure]:
    archive, kept = place / "archive", place / "kept"
    told = recording(sizes.backtest_events, 1_000).told()
    write_archive(archive, told)
    engine, count = best_engine(), len(told)
    beside = f"{count:,} events, seed policy, one core"
    passes: dict[str, Callable[[], Spent]] = {
        "backtest, first pass": lambda: alone_on(engine, first_pass, archive, kept),
        "backtest, the engine alone": lambda: alone_on(engine, engine_alone, archive),
    }
    for name, run in passes.items():
        spent = run()
        say(f"  {name}: {count / spent.cpu:,.0f} events a second of CPU, {spent.bytes / 1e9:.2f} GB")
        yield figure(f"{name}, events a second", [count / spent.cpu], "events/s", f"{beside}, CPU time")
        yield figure(f"{name}, memory", [spent.bytes / 1e9], "GB", beside)


def _second(sizes: Sizes, place: Path, say: Callable[[str], None]) -> Iterator[Figure]:
    engine, orders, shops = best_engine(), sizes.backtest_orders, sizes.backtest_shops
    line = alone_on(engine, drawn, place / "drawn", orders, shops)
    variants, timeline = sizes.variants, f"{orders:,} orders of {shops:,} shops in {DAYS} days"
    questions: dict[str, tuple[Callable[[], Spent], str]] = {
        "a change of one rule": (lambda: alone_on(engine, rule_change, line, PLAIN), "one rule"),
        "the same in DuckDB": (lambda: alone_on(engine, by_sql, line, 0.8, 0.8, 1), "one rule"),
        "a change of the seed policy": (lambda: alone_on(engine, rule_change, line, SEED), "seed policy"),
        f"{variants:,} variants": (lambda: alone_on(engine, many, line, PLAIN, variants), "one rule"),
        f"{SQL_VARIANTS} variants in DuckDB": (
            lambda: alone_on(engine, by_sql, line, 0.7, 0.949, SQL_VARIANTS),
            "one rule",
        ),
    }
    for name, (run, policy) in questions.items():
        spent, beside = run(), f"{timeline}, {policy}, {os.cpu_count()} cores"
        say(f"  {name}: {spent.seconds:.1f} s, {spent.bytes / 1e9:.2f} GB, {spent.found:,} alerts")
        yield figure(f"backtest, {name}", [spent.seconds], "s", f"{beside}, {spent.found:,} alerts")
        yield figure(f"backtest, {name}, memory", [spent.bytes / 1e9], "GB", beside)
