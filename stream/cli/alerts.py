"""`shopwatch alerts`: which alerts are there?"""

import asyncio
from collections.abc import Iterable
from typing import Annotated

import orjson
import typer
from rich.table import Table

from stream.admin.errors import AdminError
from stream.cli.latest import CompactedTopic, decoded
from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, Json, TopicPrefix
from stream.cli.saying import errors_in_one_line
from stream.cli.tables import new_table, number, print_table, time
from topics.alerts import Alert

COMMAND = "alerts"

Follow = Annotated[bool, typer.Option("--follow", help="Then go on, and show each change as it comes.")]


def alerts(
    as_json: Json = False,  # noqa: FBT002 - a flag
    follow: Follow = False,  # noqa: FBT002 - a flag
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    topic_prefix: TopicPrefix = "",
) -> None:
    """Show the latest state of each alert, in the order of their firing."""
    topic = CompactedTopic(COMMAND, "alerts", bootstrap, topic_prefix)
    with errors_in_one_line(COMMAND, AdminError):
        asyncio.run(_show(topic, as_json=as_json, follow=follow))


async def _show(topic: CompactedTopic, *, as_json: bool, follow: bool) -> None:
    latest = await topic.latest()
    known = sorted(
        map(_read, latest.values.values()), key=lambda entry: (entry[0].fired_at, entry[0].alert_id)
    )
    if as_json:
        for _, value in known:
            typer.echo(_one_line(value))
    else:
        print_table(alerts_table(alert for alert, _ in known), "no alerts")
    if follow:
        async for _, changed in topic.changes(latest):
            if changed is not None:
                typer.echo(_one_line(changed) if as_json else sentence(_read(changed)[0]))


def _read(value: bytes) -> tuple[Alert, bytes]:
    return decoded("alerts", value, Alert), value


def _one_line(value: bytes) -> bytes:
    return orjson.dumps(orjson.loads(value))


def sentence(alert: Alert) -> str:
    """An alert that fired or resolved, on one line."""
    at = alert.fired_at if alert.resolved_at is None else alert.resolved_at
    message = " ".join(alert.message.split())
    return f"{time(at)} {alert.state} {alert.severity} {alert.rule} {alert.shop_id}: {message}"


def alerts_table(alerts: Iterable[Alert]) -> Table:
    """How they look to a person."""
    table = new_table(
        "fired", "resolved", "because", "shop", "rule", "severity", right=("bad", "of", "rate", "now")
    )
    for alert in alerts:
        table.add_row(
            time(alert.fired_at),
            time(alert.resolved_at),
            alert.resolved_because or "",
            alert.shop_id,
            alert.rule,
            alert.severity,
            number(alert.at_fire.bad),
            number(alert.at_fire.counted),
            number(alert.at_fire.rate if alert.at_fire.score is None else alert.at_fire.score),
            number(alert.latest.rate if alert.latest.score is None else alert.latest.score),
        )
    return table
