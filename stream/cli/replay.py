"""`shopwatch replay`: what would have been alerted, had this policy watched this recording?"""

from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import orjson
import typer

from stream.backtest.replay import Replay
from stream.backtest.replay import replay as replayed
from stream.cli.alerts import alerts_table
from stream.cli.options import Json
from stream.cli.policy_files import policies_or_exit
from stream.cli.rates import rates_table
from stream.cli.saying import errors_in_one_line, say
from stream.cli.tables import print_table
from stream.feed.errors import FeedError
from stream.feed.files import opened
from topics.alerts import Alert
from topics.inputs import MAX_VALUE_BYTES
from topics.rates import Rates
from topics.times import TimeError, parse_time, rfc3339

COMMAND = "replay"

Recording = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="A recording, JSON lines, one event a line. Plain or .gz; - is standard input."
    ),
]
Policies = Annotated[
    list[Path], typer.Option("--policy", help="A policy file; repeat it for further versions.")
]
Until = Annotated[
    str | None, typer.Option(help="Decide up to and including this time: RFC 3339 with an offset.")
]
AsRates = Annotated[
    bool, typer.Option("--rates", help="How the shops stand at the end, instead of the alerts.")
]


def replay(
    file: Recording,
    policy: Policies,
    until: Until = None,
    as_json: Json = False,  # noqa: FBT002 - a flag
    rates: AsRates = False,  # noqa: FBT002 - a flag
) -> None:
    """Judge a recording by the engine alone, without Kafka: the alerts are those of `worker --drain`.

    A line that is no event is reported and not counted. Without --until all is decided that has a deadline.
    """
    until_ms = None if until is None else _instant(until)
    policies = policies_or_exit(policy, partial(say, COMMAND))
    with errors_in_one_line(COMMAND, FeedError), opened(file) as source:
        found = replayed(policies, source.lines(MAX_VALUE_BYTES), until_ms)
    for refused in found.refused:
        say(COMMAND, f"line {refused.line} is no event ({refused.reason}): {refused.detail}")
    documents = list(found.rates.values()) if rates else found.alerts
    if as_json:
        for document in documents:
            typer.echo(orjson.dumps(document))
    else:
        _show(documents, found, rates=rates)


def _show(documents: list[dict[str, object]], found: Replay, *, rates: bool) -> None:
    if rates:
        print_table(rates_table(msgspec.convert(each, Rates) for each in documents), "no rates")
    else:
        print_table(alerts_table(msgspec.convert(each, Alert) for each in documents), "no alerts")
    typer.echo(_summary(found))


def _summary(found: Replay) -> str:
    firing = sum(alert["state"] == "firing" for alert in found.alerts)
    end = "nothing to decide" if found.end_ms is None else f"decided up to {rfc3339(found.end_ms)}"
    return (
        f"{found.events} events, {len(found.refused)} lines that are none, {len(found.rates)} shops; "
        f"{len(found.alerts)} alerts fired, {firing} of them firing at the end; {end}"
    )


def _instant(text: str) -> int:
    try:
        return parse_time(text)
    except TimeError as error:
        raise typer.BadParameter(str(error), param_hint="--until") from None
