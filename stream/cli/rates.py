"""`shopwatch rates`: how do the shops stand?"""

import asyncio
from collections.abc import Iterable
from typing import Annotated

import orjson
import typer
from rich.table import Table

from stream.admin.errors import AdminError
from stream.cli.latest import CompactedTopic, decoded
from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, Json, TopicPrefix
from stream.cli.saying import CommandError, errors_in_one_line
from stream.cli.tables import new_table, number, print_table, time
from topics.rates import Rates

COMMAND = "rates"

Shop = Annotated[str | None, typer.Argument(help="This shop only; default: all.", show_default=False)]


def rates(
    shop: Shop = None,
    as_json: Json = False,  # noqa: FBT002 - a flag
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    topic_prefix: TopicPrefix = "",
) -> None:
    """Show the latest rates of each shop, rule by rule and tier by tier, in the order of their ids."""
    topic = CompactedTopic(COMMAND, "rates", bootstrap, topic_prefix)
    with errors_in_one_line(COMMAND, AdminError):
        values = _of(shop, asyncio.run(topic.latest()).values)
        read = [(decoded("rates", value, Rates), value) for value in values]
        if as_json:
            for _, value in read:
                typer.echo(orjson.dumps(orjson.loads(value)))
        else:
            print_table(rates_table(document for document, _ in read), "no rates")


def _of(shop: str | None, values: dict[bytes, bytes]) -> list[bytes]:
    if shop is None:
        return [values[key] for key in sorted(values)]
    found = values.get(shop.encode("utf-8", "surrogateescape"))
    if found is None:
        raise CommandError(f"nothing is known of shop {shop}; `shopwatch rates` lists those that are known")
    return [found]


def rates_table(documents: Iterable[Rates]) -> Table:
    """How they look to a person."""
    right = ("good", "bad", "counted", "rate", "line", "headroom")
    table = new_table("shop", "rule", "window", "severity", "state", right=right)
    table.add_column("as of", overflow="fold")
    for document in documents:
        for rule in document.rules:
            for tier in rule.tiers:
                table.add_row(
                    document.shop_id,
                    rule.rule,
                    rule.window or "",
                    tier.severity,
                    tier.state,
                    number(tier.good),
                    number(tier.bad),
                    number(tier.counted),
                    number(tier.rate if tier.score is None else tier.score),
                    number(tier.threshold),
                    number(tier.headroom),
                    time(document.as_of),
                )
    return table
