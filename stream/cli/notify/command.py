"""`shopwatch notify`: who delivers the alerts, and how do operators hold, release or drop what is to be delivered?"""

import asyncio
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated

import orjson
import typer
from aiokafka import AIOKafkaProducer
from aiokafka.errors import ProducerFenced

from stream.admin.cluster import Cluster
from stream.admin.errors import AdminError
from stream.cli.connecting import once_kafka_answers
from stream.cli.first import first_of, told_to_stop
from stream.cli.latest import CompactedTopic
from stream.cli.notify.setting import COMMAND, NOTIFICATIONS, Setup
from stream.cli.notify.standing import standing_of
from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, Json, TopicPrefix, address
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import CommandError, errors_in_one_line, say
from stream.kafka.access import Access
from stream.kafka.errors import RefusedError
from stream.policy.durations import milliseconds
from stream.worker.clock import now_ms
from stream.worker.ledger import UnreadableClockError
from stream.worker.transaction import NotWrittenError
from topics.notifications import Action
from topics.notifications import Command as Order

try:
    from stream.cli.notify.counting import Counted
    from stream.cli.notify.host import Host, TakenOverError
    from stream.cli.notify.serving import served
    from stream.merchant.notify.addresses import parse_network
    from stream.merchant.notify.chat import ChatSender, is_usable
    from stream.merchant.notify.reading import SubscriptionError, read_subscriptions, surroundings_of
    from stream.merchant.notify.records import COMMAND_KEY, UnreadableNotificationError, encode
    from stream.merchant.notify.subscriptions import Book
    from stream.merchant.notify.webhook import WebhookSender
except ModuleNotFoundError as _error:
    if _error.name not in ("aiohttp", "apprise"):
        raise
    say(COMMAND, f"{_error.name} is missing: install the extra, `pip install 'shopwatch[notify]'`")
    raise SystemExit(1) from None

_say = partial(say, COMMAND)

LOCAL_SERVICES = ("json", "form", "xml")
"""Apprise's ways to any host: where networks are allowed, an operator knows what he does."""

NAME_THREADS = 256
"""Names are looked up in threads, and a dead name server holds one for long: others' names must not wait for it."""

EXPECTED = (
    AdminError,
    RefusedError,
    UnreadableNotificationError,
    UnreadableClockError,
    NotWrittenError,
)

app = typer.Typer(
    invoke_without_command=True,
    help="Deliver alerts to those whom they concern: webhooks, chats, mail. Hold, release or drop what waits.",
)

Subscriptions = Annotated[
    Path | None,
    typer.Option(
        envvar="SHOPWATCH_NOTIFY_SUBSCRIPTIONS",
        exists=True,
        dir_okay=False,
        help="Who is told what, and where: TOML, see docs/notify.md.",
    ),
]
Networks = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-network",
        envvar="SHOPWATCH_NOTIFY_ALLOW_NETWORK",
        metavar="CIDR",
        help="Webhooks may go to this network, though it is not public; repeat it.",
    ),
]
AllowHttp = Annotated[
    bool,
    typer.Option(
        "--allow-http",
        envvar="SHOPWATCH_NOTIFY_ALLOW_HTTP",
        help="Webhooks may have URLs without encryption.",
    ),
]
Why = Annotated[str, typer.Option(help="What is said of it by `notify status`.")]


@app.callback()
def notify(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    subscriptions: Subscriptions = None,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    group: Annotated[
        str,
        typer.Option(envvar="SHOPWATCH_NOTIFY_GROUP", help="Notifiers of one group share the partitions."),
    ] = "shopwatch-notify",
    topic_prefix: TopicPrefix = "",
    allow_network: Networks = None,
    allow_http: AllowHttp = False,  # noqa: FBT002 - a flag
    from_beginning: Annotated[  # noqa: FBT002 - a flag
        bool,
        typer.Option(
            "--from-beginning",
            help="A new group tells of the alerts that are there, too, not only of new ones.",
        ),
    ] = False,
    http: Annotated[
        str | None,
        typer.Option(
            envvar="SHOPWATCH_NOTIFY_HTTP",
            help="Serve /livez, /readyz and /metrics: HOST:PORT; without a host on loopback only.",
        ),
    ] = None,
    session_timeout: Annotated[
        str,
        typer.Option(
            envvar="SHOPWATCH_NOTIFY_SESSION_TIMEOUT", help="A notifier silent for so long is replaced."
        ),
    ] = "20s",
) -> None:
    """Deliver, until told to stop (SIGTERM)."""
    if context.invoked_subcommand is not None:
        return
    if subscriptions is None:
        raise typer.BadParameter("name the file that says who is told what", param_hint="--subscriptions")
    networks = [_network(text) for text in allow_network or ()]
    served_at = None if http is None else address("--http", http)
    session_ms = milliseconds(session_timeout)
    if not session_ms:
        raise typer.BadParameter(
            f"{session_timeout!r} is not a duration such as 20s", param_hint="--session-timeout"
        )
    quiet_libraries()
    with errors_in_one_line(COMMAND, *EXPECTED):
        book = _book(subscriptions, networks, allow_http=allow_http)
        setup = Setup(bootstrap, topic_prefix, group, from_beginning, session_ms)
        number = asyncio.run(_run(setup, book, networks, served_at))
    raise typer.Exit(130 if number == signal.SIGINT else 0)


@app.command()
def check(
    subscriptions: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="FILE")],
    allow_network: Networks = None,
    allow_http: AllowHttp = False,  # noqa: FBT002 - a flag
) -> None:
    """Say whether a file of subscriptions is right; every mistake is told with its line and what would be right."""
    networks = [_network(text) for text in allow_network or ()]
    with errors_in_one_line(COMMAND):
        book = _book(subscriptions, networks, allow_http=allow_http)
    typer.echo(f"OK {len(book.merchants)} merchants, {len(book.endpoints)} endpoints")


@app.command()
def status(
    as_json: Json = False,  # noqa: FBT002 - a flag
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    topic_prefix: TopicPrefix = "",
) -> None:
    """Show what is held and why, what waits, and which endpoints are in trouble."""
    with errors_in_one_line(COMMAND, *EXPECTED):
        topic = CompactedTopic(COMMAND, NOTIFICATIONS, bootstrap, topic_prefix)
        found = standing_of(asyncio.run(topic.latest()).values)
    if as_json:
        typer.echo(orjson.dumps(found.document()))
        return
    for line in found.lines():
        typer.echo(line)


@app.command()
def hold(why: Why = "", bootstrap: Bootstrap = DEFAULT_BOOTSTRAP, topic_prefix: TopicPrefix = "") -> None:
    """Send nothing to merchants until `release` or `drop`."""
    _order("hold", why, bootstrap, topic_prefix)


@app.command()
def release(bootstrap: Bootstrap = DEFAULT_BOOTSTRAP, topic_prefix: TopicPrefix = "") -> None:
    """Send what is held, and do not hold again for what is wrong now."""
    _order("release", "", bootstrap, topic_prefix)


@app.command()
def drop(bootstrap: Bootstrap = DEFAULT_BOOTSTRAP, topic_prefix: TopicPrefix = "") -> None:
    """Never send what is held and has not been sent yet; go on with what comes."""
    _order("drop", "", bootstrap, topic_prefix)


def _order(action: Action, why: str, bootstrap: Access, prefix: str) -> None:
    """Notifiers that run follow at once, others when they start."""
    quiet_libraries()
    with errors_in_one_line(COMMAND, *EXPECTED):
        asyncio.run(_send(Order(action=action, at=now_ms(), why=why), bootstrap, prefix))
    typer.echo(f"{action}: told; `shopwatch notify status` shows when it is done")


async def _send(order: Order, bootstrap: Access, prefix: str) -> None:
    cluster = Cluster(bootstrap, prefix)
    async with await once_kafka_answers(COMMAND, bootstrap, cluster.open) as opened:
        await opened.partitions([NOTIFICATIONS])
    producer = AIOKafkaProducer(**bootstrap.client(), client_id="shopwatch-notify-order", acks="all")
    await producer.start()
    try:
        await producer.send_and_wait(prefix + NOTIFICATIONS, encode(order), COMMAND_KEY, partition=0)
    finally:
        await producer.stop()


async def _run(
    setup: Setup, book: Book, networks: Sequence[IPv4Network | IPv6Network], served_at: tuple[str, int] | None
) -> int:
    """Until a signal ends it; which one."""
    tally = Counted()
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(NAME_THREADS))
    with told_to_stop() as told:
        async with WebhookSender(now_ms, networks) as webhooks, ChatSender(now_ms) as chats:
            host = Host(setup, book, webhooks, chats, tally, _say, _nobody)
            async with served(served_at, host, tally):
                try:
                    await first_of(told.wait(), host.run())
                except ProducerFenced as error:
                    raise TakenOverError from error
    say(COMMAND, f"stopped: {tally}", stream=sys.stdout)
    return told.signal or 0


def _nobody(_step: str) -> None:
    """Is told of the steps of a transaction."""


def _book(path: Path, networks: Sequence[object], *, allow_http: bool) -> Book:
    services = LOCAL_SERVICES if networks else ()
    try:
        text = path.read_text("utf-8")
        around = surroundings_of(path, partial(is_usable, more_services=services), allow_http=allow_http)
        return read_subscriptions(str(path), text, around)
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8") from None
    except SubscriptionError as error:
        for problem in error.problems:
            _say(str(problem), "error")
        raise typer.Exit(1) from None


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return parse_network(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{error}; write one such as 10.1.0.0/16", param_hint="--allow-network"
        ) from None
