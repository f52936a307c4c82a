"""`shopwatch explain`: what is the story of an alert, a shop or an order?"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from enum import Enum
from typing import Annotated

import orjson
import typer

from stream.cli.connecting import asking, once_kafka_answers
from stream.cli.explain.kafka import Alerts, Found, Topics
from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, Json, TopicPrefix
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import CommandError, errors_in_one_line, printable
from stream.engine.ledger import order_key
from stream.merchant.explain.alert import alert_story
from stream.merchant.explain.alert_lines import alert_lines
from stream.merchant.explain.documents import Document, alert_document, order_document, shop_document
from stream.merchant.explain.order import order_story
from stream.merchant.explain.order_lines import order_lines
from stream.merchant.explain.shop import shop_story
from stream.merchant.explain.shop_lines import shop_lines
from stream.worker.errors import WorkerError
from stream.worker.observer import Observer
from stream.worker.preflight import check_topics
from stream.worker.settings import Settings
from topics.fields import MAX_ID_BYTES

COMMAND = "explain"

Lines = Iterable[str]


class What(Enum):
    """What an id is of."""

    ALERT = "alert"
    SHOP = "shop"


def explain(  # noqa: PLR0913, PLR0917 - one parameter an option
    name: Annotated[str, typer.Argument(metavar="ALERT_ID|SHOP", help="An alert, or a shop.")],
    order: Annotated[
        str | None, typer.Argument(metavar="ORDER", help="An order of the shop.", show_default=False)
    ] = None,
    as_what: Annotated[
        What | None,
        typer.Option("--as", help="Where an id is that of an alert and of a shop: which is meant."),
    ] = None,
    as_json: Json = False,  # noqa: FBT002 - a flag
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    topic_prefix: TopicPrefix = "",
) -> None:
    """Tell in plain words why an alert fired and how it ended, how a shop stands, or what befell an order."""
    if order is not None and as_what is What.ALERT:
        raise typer.BadParameter("an order is one of a shop: leave ORDER or --as", param_hint="--as")
    settings = asking(COMMAND, bootstrap, topic_prefix)
    with errors_in_one_line(COMMAND, WorkerError):
        _check_ids(name, order)
        lines, document = asyncio.run(_told(settings, name, order, as_what))
        if as_json:
            typer.echo(orjson.dumps(document))
        else:
            for line in lines:
                typer.echo(printable(line))


def _check_ids(*names: str | None) -> None:
    """Raise CommandError for what no id can be."""
    for name in filter(None, names):
        try:
            length = len(name.encode())
        except UnicodeEncodeError:
            raise CommandError(f"{name!r} is not UTF-8, and all ids are") from None
        if length > MAX_ID_BYTES:
            raise CommandError(f"{name[:40]!r}... has {length} bytes, and no id has more than {MAX_ID_BYTES}")


async def _told(
    settings: Settings, name: str, order: str | None, as_what: What | None
) -> tuple[Lines, Document]:
    async with _topics(settings) as topics:
        alerts = await topics.alerts()
        place = None if order is not None or as_what is What.SHOP else alerts.place_of(name)
        if place is None:
            if as_what is What.ALERT:
                raise CommandError(
                    f"there is no alert {name}; `shopwatch alerts --json` lists those that there are"
                )
            return await _shop(topics, alerts, name, order)
        if as_what is None and (alerts.knows(name) or await topics.has_rates(name)):
            raise CommandError(
                f"{name} is the id of an alert and of a shop; say which with --as alert or --as shop"
            )
        return await _alert(topics, alerts, place, name)


@asynccontextmanager
async def _topics(settings: Settings) -> AsyncIterator[Topics]:
    """Once Kafka answers; raises a WorkerError where topics are missing."""
    quiet_libraries()
    observer = await once_kafka_answers(COMMAND, settings.bootstrap, lambda: Observer(settings).__aenter__())
    try:
        yield Topics(settings, await check_topics(settings, observer))
    finally:
        await observer.close()


async def _alert(topics: Topics, alerts: Alerts, place: int, name: str) -> tuple[Lines, Document]:
    alert = alerts.get(place, name)
    wanted = {piece.order_id for piece in alert.evidence}
    (found,) = await topics.look(alerts, alert.shop_id, [place], wanted)
    story = alert_story(found.known(), alert)
    return alert_lines(story), alert_document(story)


async def _shop(topics: Topics, alerts: Alerts, name: str, order: str | None) -> tuple[Lines, Document]:
    found = await topics.find(alerts, name, [] if order is None else [order])
    if found is None:
        raise CommandError(_unknown(topics, name, order))
    if order is not None and order_key(name, order) not in found.ledger.orders:
        raise CommandError(_no_order(found, name, order))
    known = found.known()
    if order is None:
        story = shop_story(known)
        return shop_lines(story), shop_document(story)
    told = order_story(known, order)
    return order_lines(told), order_document(told)


def _unknown(topics: Topics, name: str, order: str | None) -> str:
    if topics.nothing_judged:
        return "the ledger has no clock: no worker has judged anything here; is --topic-prefix right?"
    if order is None:
        return f"nothing is known of an alert or a shop {name}; `shopwatch alerts` and `shopwatch rates` list those that are known"
    return f"nothing is known of shop {name}; `shopwatch rates` lists those that are known"


def _no_order(found: Found, name: str, order: str) -> str:
    named = [
        alert.alert_id for alert, _ in found.alerts if any(each.order_id == order for each in alert.evidence)
    ]
    if named or order_key(name, order) in found.ledger.let_go:
        also = f"; it was evidence of alert {named[0]}" if named else ""
        return f"order {order} of shop {name} was let go, for nothing of it can count any more{also}"
    return (
        f"nothing is known of order {order} of shop {name}: no fact of it was read, or it was let go when nothing of it "
        "could count any more"
    )
