"""`shopwatch simulate`: which marketplace is made up, where does it go, and what is said of it?"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timezone
from pathlib import Path

import msgspec
import typer

from stream.admin.errors import AdminError
from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, TopicPrefix
from stream.cli.progress import progress_of
from stream.cli.saying import errors_in_one_line
from stream.cli.simulate import choices
from stream.cli.simulate.choices import KAFKA, ORDERS_A_SHOP, SUFFIX
from stream.cli.simulate.live import COMMAND, Pace, Sent, send
from stream.cli.writing import Draft, must_be_writable, whole_files
from stream.feed.errors import FeedError
from stream.kafka.access import Access
from stream.policy.durations import duration_text, milliseconds
from stream.simulate.arrivals import Noise, arrivals
from stream.simulate.catalogue import plan
from stream.simulate.incidents import Tally
from stream.simulate.market import Habits, Market
from stream.simulate.shops import FIRST_DAY, OFFSET
from topics.times import parse_time


def simulate(  # noqa: PLR0913, PLR0917 - a marketplace has many sides, and each is an option
    to: choices.To,
    speed: choices.Speed = None,
    scenario: choices.ScenarioNames = None,
    labels: choices.LabelsFile = None,
    shops: choices.Shops = 20,
    days: choices.Days = 8,
    orders: choices.Orders = None,
    seed: choices.Seed = 7,
    start: choices.Start = None,
    disorder: choices.Disorder = "5s",
    late: choices.Late = 0.0005,
    duplicates: choices.Duplicates = 0.01,
    broken: choices.Broken = 0.0005,
    split: choices.Split = 0.08,
    cancelled: choices.Cancelled = 0.03,
    delay_reports: choices.DelayReports = 0.15,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    topic_prefix: TopicPrefix = "",
) -> None:
    """Make the events of a marketplace, the same bytes for the same options, and say which shops it made fail and when."""
    if speed is not None and to != KAFKA:
        raise typer.BadParameter(
            "a file is written as fast as it goes; --speed goes with kafka", param_hint="--speed"
        )
    begins = FIRST_DAY if start is None else parse_time(start)
    usual = Market(
        seed=seed,
        days=days,
        shops=shops,
        orders_a_day=ORDERS_A_SHOP * shops if orders is None else orders,
        begins=begins,
        habits=Habits(split, cancelled, delay_reports),
    )
    market = replace(usual, plan=plan(usual, scenario or ()))
    noise = Noise(milliseconds(disorder) or 0, duplicates, late, broken)
    with errors_in_one_line(COMMAND, AdminError, FeedError):
        if to == KAFKA:
            _send(market, noise, Pace(begins, speed), bootstrap, topic_prefix, labels)
        else:
            beside = labels or Path(f"{to.removesuffix(SUFFIX)}.labels.json")
            if beside.resolve() == Path(to).resolve():
                raise typer.BadParameter("they need a file of their own", param_hint="--labels")
            _write(market, noise, Path(to), beside)


def _write(market: Market, noise: Noise, path: Path, labels: Path) -> None:
    tally, count = Tally(), 0
    with whole_files(COMMAND, path, labels) as (file, beside):
        with progress_of(COMMAND, market.ends - market.begins) as progress:
            for count, arrival in enumerate(arrivals(market, noise, tally), 1):
                file.write(arrival.value + b"\n")
                progress.reached(count, arrival.arrives_at - market.begins)
        incidents = _write_labels(beside, market, tally)
    typer.echo(f"shopwatch simulate: wrote {count} lines to {path}, {incidents} incidents to {labels}")


def _write_labels(file: Draft, market: Market, tally: Tally) -> int:
    labels = tally.labels(market)
    file.write(msgspec.json.format(msgspec.json.encode(labels), indent=2) + b"\n")
    return len(labels.incidents)


def _send(  # noqa: PLR0913, PLR0917 - what is sent, how, and where to
    market: Market, noise: Noise, pace: Pace, bootstrap: Access, prefix: str, labels: Path | None
) -> None:
    tally = Tally()
    if labels is not None:
        must_be_writable(labels)
    typer.echo(f"shopwatch simulate: {_opening(market, noise, pace)}")
    sent = asyncio.run(send(bootstrap, prefix, arrivals(market, noise, tally), pace, market.ends))
    told = _summary(sent)
    if labels is not None:
        with whole_files(COMMAND, labels) as (file,):
            told += f"; incidents in {labels}: {_write_labels(file, market, tally)}"
    typer.echo(f"shopwatch simulate: {told}")
    if sent.stopped_by is not None:
        raise typer.Exit(128 + sent.stopped_by)


def _opening(market: Market, noise: Noise, pace: Pace) -> str:
    first = datetime.fromtimestamp(market.begins / 1000, UTC).astimezone(timezone(OFFSET))
    lateness = duration_text(noise.disorder + pace.slice_ms)
    return (
        f"{market.shops} shops trade for {market.days} days from {first.isoformat()} on; "
        f"to a worker with --clock events --lateness {lateness} only what is meant to be late is late"
    )


def _summary(sent: Sent) -> str:
    counts = ", ".join(f"{topic} {count}" for topic, count in sent.by_topic.items())
    stopped = "" if sent.stopped_by is None else "stopped; "
    return f"{stopped}sent {sum(sent.by_topic.values())} ({counts}); records that are no events: {sent.no_events}"
