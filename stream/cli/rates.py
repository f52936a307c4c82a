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
from topics.rates import Rates, TierRates

COMMAND = "rates"

AHEAD = ("breach at", "to save")
"""Columns: if nothing more ships (SEMANTICS P1, P2)."""

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
    """How they look to a person; what lies ahead has columns only where something does."""
    rows = [(each, rule, tier) for each in documents for rule in each.rules for tier in rule.tiers]
    ahead = any(tier.breach_at is not None for _, _, tier in rows)
    right = ("good", "bad", "counted", "rate", "line", "headroom", *(AHEAD if ahead else ()))
    table = new_table("shop", "rule", "window", "severity", "state", right=right)
    table.add_column("as of", overflow="fold")
    for document, rule, tier in rows:
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
            *(_outlook(tier) if ahead else ()),
            time(document.as_of),
        )
    return table


def _outlook(tier: TierRates) -> tuple[str, str]:
    """When the tier is in breach if nothing more ships, and how many orders prevent it."""
    if tier.breach_at is None:
        return "", ""
    return time(tier.breach_at), "too late" if tier.to_save is None else str(tier.to_save)
