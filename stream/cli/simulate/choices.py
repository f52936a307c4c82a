"""What can be chosen of a marketplace on the command line, and what is no choice?"""

from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Annotated

import typer

from stream.policy.durations import milliseconds
from stream.simulate.catalogue import SCENARIOS, UnknownScenarioError, plan
from stream.simulate.shops import FIRST_DAY, Trade
from topics.times import TimeError, parse_time

KAFKA = "kafka"
SUFFIX = ".jsonl"

MOST_REPEATED = 0.9
"""Beyond it hardly anything but repeats would come."""
LAST_DAY = 250_000_000_000_000
"""In the year 9892: what follows a marketplace's last order must still have a date."""
ORDERS_A_SHOP = 40


def _share(most: float = 1.0) -> Callable[[float], float]:
    def checked(value: float) -> float:
        if not 0 <= value <= most:  # which no number is that is none
            raise typer.BadParameter(f"{value:g} is no share; it goes from 0 to {most:g}")
        return value

    return checked


def _speed(value: float | None) -> float | None:
    if value is not None and not (isfinite(value) and value > 0):
        raise typer.BadParameter(
            f"{value:g} is no speed; give more than 0, or leave it out: as fast as it goes"
        )
    return value


def _target(text: str) -> str:
    if text != KAFKA and not text.endswith(SUFFIX):
        raise typer.BadParameter(f"{text!r} is neither {KAFKA} nor a FILE{SUFFIX}")
    return text


def _duration(text: str) -> str:
    if milliseconds(text) is None:
        raise typer.BadParameter(f"{text!r} is not a duration such as 10s or 1d12h")
    return text


def _start(text: str | None) -> str | None:
    try:
        first = FIRST_DAY if text is None else parse_time(text)
    except TimeError as error:
        raise typer.BadParameter(str(error)) from None
    if not 0 <= first <= LAST_DAY:
        raise typer.BadParameter(f"{text} is out of reach; give a time from 1970 on, and before 9890")
    return text


def _scenarios(names: list[str] | None) -> list[str] | None:
    try:
        plan(Trade(), names or ())
    except UnknownScenarioError as error:
        raise typer.BadParameter(str(error)) from None
    return names


To = Annotated[
    str,
    typer.Option(
        "--to", metavar="kafka|FILE.jsonl", callback=_target, help="Kafka's topics, or a recording."
    ),
]
Speed = Annotated[
    float | None,
    typer.Option(
        callback=_speed,
        help="With kafka: so many seconds of the marketplace a second. Default: as fast as it goes.",
    ),
]
ScenarioNames = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        callback=_scenarios,
        help=f"What befalls shops, again for more of it: {', '.join(SCENARIOS)}.",
    ),
]
LabelsFile = Annotated[
    Path | None,
    typer.Option(
        "--labels", help="Where it says what it made fail. Default: FILE.labels.json; with kafka none."
    ),
]
Shops = Annotated[int, typer.Option(min=1, max=10_000_000, help="The largest has the most orders, by Zipf.")]
Days = Annotated[int, typer.Option(min=1, max=3650, help="So long people order.")]
Orders = Annotated[
    int | None,
    typer.Option(
        min=1, max=1_000_000_000, help=f"Orders a day, of all shops. Default: {ORDERS_A_SHOP} a shop."
    ),
]
Seed = Annotated[int, typer.Option(help="Another seed, another marketplace.")]
Start = Annotated[
    str | None,
    typer.Option(callback=_start, help="When it opens, RFC 3339. Default: 2025-03-03T00:00:00+08:00."),
]
Disorder = Annotated[
    str, typer.Option(callback=_duration, help="Events come at most so much later than they happen.")
]
Late = Annotated[float, typer.Option(callback=_share(), help="Share of events that come hours later.")]
Duplicates = Annotated[
    float, typer.Option(callback=_share(MOST_REPEATED), help="Share of events that come once more.")
]
Broken = Annotated[
    float,
    typer.Option(
        callback=_share(MOST_REPEATED), help="Share of all that comes, beside the events, and is none."
    ),
]
Split = Annotated[float, typer.Option(callback=_share(), help="Share of orders shipped in two packages.")]
Cancelled = Annotated[float, typer.Option(callback=_share(), help="Share of orders called off.")]
DelayReports = Annotated[
    float, typer.Option(callback=_share(), help="Share of late orders whose delay is reported in time.")
]
