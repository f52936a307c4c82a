"""What is measured of a backtest?  One function a part, each to be run in a process of its own."""

import os
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.policies import ROOT
from benchmarks.stream import Told
from stream.archive.keeping import Keeper
from stream.archive.manifest import Place, Source
from stream.archive.recording import open_archive
from stream.backtest.columns.judge import alerts
from stream.backtest.replay import replay
from stream.backtest.span import Span
from stream.backtest.sweep.grid import Asked, judge_all
from stream.backtest.sweep.paths import read_vary
from stream.backtest.sweep.variants import affected, variants
from stream.backtest.timeline.files import read_timeline
from stream.backtest.timeline.run import Processes, timeline
from stream.policy.reading import Source as Text
from stream.policy.reading import read_policies
from stream.policy.spec import PolicySet

SEED = Text("seed.toml", (ROOT / "policies" / "seed.toml").read_text("utf-8"))
# One rule, with no more state than SQL can tell: it fires where it is in breach and resolves where it is not.
PLAIN = Text(
    "plain.toml",
    """[policy]
name = "plain"
version = "1"
effective_from = 2020-01-01T00:00:00Z
time_zone = "UTC"
[metrics.on_time]
kind = "on_time_ship"
[rules.late_shipping]
metric = "on_time"
window = "3d"
min_orders = 20
critical = { below = 0.80 }
""",
)
_PANE, _WINDOW = 3_600_000, 3 * 86_400_000


class Spent(NamedTuple):
    """What a part took: seconds of the clock, of CPU, and the most memory that its process had."""

    seconds: float
    cpu: float
    bytes: int
    found: int
    """What was counted: alerts, or events."""


def measured(do: Callable[[], int]) -> Spent:
    """Of this process and of those that it has started."""
    clock, cpu = time.perf_counter(), _cpu()
    found = do()
    kilobytes = sum(resource.getrusage(who).ru_maxrss for who in _WHO)
    return Spent(time.perf_counter() - clock, _cpu() - cpu, kilobytes * 1024, found)


_WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in _WHO]
    return sum(each.ru_utime + each.ru_stime for each in used)


# -- the first pass, and the engine


class _Record(NamedTuple):
    """As much of Kafka's as an archive keeps."""

    offset: int
    timestamp: int
    value: bytes
    key: bytes
    partition: int
    headers: Sequence[tuple[str, bytes]] = ()


def write_archive(directory: Path, told: Sequence[Told]) -> None:
    """One partition, as `shopwatch archive` writes it."""
    topics: dict[str, list[_Record]] = {}
    for event in told:
        rows = topics.setdefault(event.topic, [])
        rows.append(_Record(len(rows), event.at, event.value, event.key, 0))
    with Keeper(directory, Source("benchmark", "")) as keeper:
        for topic, rows in topics.items():
            for begin in range(0, len(rows), 50_000):
                part = rows[begin : begin + 50_000]
                keeper.keep(Place(topic, 0), (part[0].offset, part[-1].offset + 1), part)


def first_pass(archive: Path, kept: Path) -> Spent:
    """Records to a timeline that is kept, in this process."""

    def do() -> int:
        with timeline(_policy(SEED), open_archive(archive), kept, spread=Processes(1)) as made:
            return made.events

    return measured(do)


def engine_alone(archive: Path) -> Spent:
    """The same records to the same alerts."""

    def do() -> int:
        lines = [record.value or b"" for record in open_archive(archive).read(0)]
        return len(replay(_policy(SEED), lines).alerts)

    return measured(do)


def _policy(text: Text) -> PolicySet:
    return read_policies([text])


# -- a change of a rule, and many


def rule_change(place: Path, text: Text) -> Spent:
    """All alerts of a policy from the files of a timeline."""
    return measured(lambda: len(alerts(_policy(text), read_timeline(place), evidence=False)))


def many(place: Path, text: Text, count: int) -> Spent:
    """So many variants of a rule, with precision, recall and lead time."""

    def do() -> int:
        varied = [
            read_vary("rules.late_shipping.critical.below=0.70:0.949:0.001"),
            read_vary(
                "rules.late_shipping.min_orders=" + ",".join(str(5 * n) for n in range(1, count // 250 + 1))
            ),
        ]
        policy, grid = _policy(text), variants([text], varied)
        line = read_timeline(place)
        span = Span(line.first_ms or 0, line.end_ms or 0)
        asked = Asked(policy, grid, affected(policy, varied), *span, None)
        return sum(each.alerts for each in judge_all(asked, line, line, span))

    return measured(do)


def by_sql(place: Path, least: float, most: float, count: int) -> Spent:
    """The same question of so many thresholds, by DuckDB from the same files: how often does a shop begin to be in breach?"""
    import duckdb  # noqa: PLC0415 - only this process needs it

    def do() -> int:
        end = read_timeline(place).end_ms
        with duckdb.connect() as base:
            base.execute(f"SET threads = {os.cpu_count()}")
            (row,) = base.execute(_SQL, _parameters(place, end or 0, least, most, count)).fetchall()
            return int(row[0])

    return measured(do)


def _parameters(place: Path, end: int, least: float, most: float, count: int) -> dict[str, object]:
    return {
        "files": str(place / "partition=*" / "rows-0.parquet"),
        "pane": _PANE,
        "window": _WINDOW,
        "end": end,
        "lines": [round(least + (most - least) * number / max(1, count - 1), 3) for number in range(count)],
    }


_SQL = """
WITH stays AS (
    SELECT filename AS part, shop, good, counted, greatest("at", "place" // $pane * $pane) AS enters,
           "place" // $pane * $pane + $window AS leaves
    FROM read_parquet($files, filename = true)
), steps AS (
    SELECT part, shop, enters AS t, good, counted FROM stays WHERE enters < leaves AND enters <= $end
    UNION ALL
    SELECT part, shop, leaves, -good, -counted FROM stays WHERE enters < leaves AND leaves <= $end
), moved AS (
    SELECT part, shop, t, sum(good) AS good, sum(counted) AS counted FROM steps GROUP BY part, shop, t
), sums AS (
    SELECT part, shop, t, sum(good) OVER w AS good, sum(counted) OVER w AS counted
    FROM moved WINDOW w AS (PARTITION BY part, shop ORDER BY t)
), lines AS (
    SELECT CAST(unnest($lines) * 1000 AS BIGINT) AS line
), judged AS (
    SELECT line, part, shop, t, counted >= 20 AND good * 1000 < line * counted AS breach FROM sums, lines
), turned AS (
    SELECT breach AND NOT coalesce(lag(breach) OVER (PARTITION BY line, part, shop ORDER BY t), false) AS fires
    FROM judged
)
SELECT count(*) FROM turned WHERE fires
"""
