"""`shopwatch api`: what merchants see over HTTP, the live page and what it is made of; and the tokens that open it."""

import asyncio
import signal
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from aiokafka import AIOKafkaConsumer

from stream.admin.cluster import Cluster
from stream.admin.errors import AdminError
from stream.cli.connecting import once_kafka_answers
from stream.cli.first import Told, first_of, told_to_stop
from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, TopicPrefix, address
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import CommandError, errors_in_one_line, say
from stream.kafka.access import Access as Kafka
from stream.kafka.errors import RefusedError
from stream.worker.bulk import reader
from stream.worker.clock import now_ms
from stream.worker.settings import Settings, Topics

try:
    from stream.merchant.api.access import Access
    from stream.merchant.api.app import Parts, make_app
    from stream.merchant.api.documents import Clock
    from stream.merchant.api.following import ALERTS, RATES, Following, MadeAnewError
    from stream.merchant.api.numbers import Numbers
    from stream.merchant.api.page import read_files
    from stream.merchant.api.serving import (
        AddressError,
        listen,
        make_server,
        numbers_served,
        raise_limit,
        serve,
    )
    from stream.merchant.api.shops import Shops
    from stream.merchant.api.streams import Streams
    from stream.merchant.api.tokens import TokenFileError, Tokens, digest_of, line_of, new_token
except ModuleNotFoundError as error:
    if error.name not in ("fastapi", "uvicorn", "starlette"):
        raise
    say("api", f"{error.name} is missing: install the extra, `pip install 'shopwatch[api]'`")
    raise SystemExit(1) from None

COMMAND = "api"
_say = partial(say, COMMAND)

Address = tuple[str, int]

LOOK_S = 2.0
"""A file of tokens that has changed is noticed this late; SIGHUP has it read at once."""

app = typer.Typer(
    invoke_without_command=True, help="Serve merchants over HTTP: JSON, a live page; or make a token for it."
)


class ClockName(Enum):
    """What the events' times have to do with the present."""

    REAL = "real"
    EVENTS = "events"


@app.callback()
def api(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: typer.Context,
    tokens: Annotated[
        Path | None,
        typer.Option(
            envvar="SHOPWATCH_API_TOKENS", help="Who may see what, as TOML; `api token` makes its lines."
        ),
    ] = None,
    http: Annotated[
        str,
        typer.Option(envvar="SHOPWATCH_API_HTTP", help="Where to serve: HOST:PORT; port 0 takes a free one."),
    ] = "127.0.0.1:8080",
    metrics_http: Annotated[
        str | None,
        typer.Option(
            envvar="SHOPWATCH_API_METRICS_HTTP",
            help="Serve /metrics, to whoever asks: HOST:PORT; without a host on loopback only.",
        ),
    ] = None,
    clock: Annotated[
        ClockName,
        typer.Option(
            envvar="SHOPWATCH_API_CLOCK",
            help="Whether the events are of the present (real), or a recording's (events), never old.",
        ),
    ] = ClockName.REAL,
    streams: Annotated[
        int,
        typer.Option(envvar="SHOPWATCH_API_STREAMS", min=1, help="So many streams are open at most."),
    ] = 20_000,
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    topic_prefix: TopicPrefix = "",
) -> None:
    """Serve the API and the page, until told to stop (SIGTERM)."""
    if context.invoked_subcommand is not None:
        return
    if tokens is None:
        raise typer.BadParameter(
            "name the file of tokens; `shopwatch api token` makes its lines", param_hint="--tokens"
        )
    served = address("--http", http)
    measured = None if metrics_http is None else address("--metrics-http", metrics_http)
    quiet_libraries()
    raise_limit()
    known = Tokens(tokens)
    with errors_in_one_line(COMMAND, AdminError, AddressError, MadeAnewError, RefusedError):
        _read(known)
        service = _Api(bootstrap, topic_prefix, known, clock.value, streams)
        ended_by = asyncio.run(service.run(served, measured))
    raise typer.Exit(130 if ended_by == signal.SIGINT else 0)


@app.command()
def token(
    shop: Annotated[list[str] | None, typer.Option("--shop", help="A shop that it opens; repeat it.")] = None,
    ops: Annotated[bool, typer.Option("--ops", help="It opens all shops.")] = False,  # noqa: FBT002 - a flag
    name: Annotated[str | None, typer.Option(help="Whose it is, for whoever reads the file.")] = None,
    append: Annotated[
        Path | None,
        typer.Option("--append", help="Write the line at the end of this file; print the token alone."),
    ] = None,
) -> None:
    """Make a token, and the line for the file of tokens, which has its hash only: the token is shown this once."""
    if bool(shop) == ops:
        raise typer.BadParameter("give either --shop (repeat it), or --ops")
    made = new_token()
    line = line_of(digest_of(made), shop or (), ops=ops, name=name)
    if append is None:
        typer.echo(f"token: {made}\nline:  {line}")
        return
    with errors_in_one_line(COMMAND):
        before = append.read_bytes() if append.exists() else b""
        with append.open("a", encoding="utf-8") as file:
            begun = bool(before) and not before.endswith(b"\n")
            file.write("\n" * begun + line + "\n")
    typer.echo(made)


class _Api:
    """One process of it."""

    def __init__(self, bootstrap: Kafka, prefix: str, tokens: Tokens, clock: Clock, most: int) -> None:
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._tokens = tokens
        self._clock = clock
        self._most = most
        self._access = Access(tokens, now_ms)

    async def run(self, served: Address, measured: Address | None) -> int | None:
        """Until a signal; which one.  Raises CommandError where it comes before anything could be served, and AddressError."""
        with told_to_stop() as told, listen(*served) as listening, ExitStack() as stack:
            partitions = await self._partitions(told)
            shops = Shops(partitions)
            following = Following(self._consumer, self._topics(), shops, now_ms, _say)
            streams = Streams(shops, most=self._most)
            if measured:
                stack.enter_context(numbers_served(*measured, Numbers(shops, streams, following.health)))
            parts = Parts(shops, following.health, self._access, streams, self._clock, read_files(), _say)
            over = asyncio.Event()
            host, port = listening.getsockname()[:2]
            _say(
                f"serving http://{f'[{host}]' if ':' in host else host}:{port}/ for {len(self._tokens)} tokens"
            )
            await first_of(
                serve(make_server(make_app(parts), self._most), listening, over),
                following.run(),
                streams.run(),
                self._reread(streams),
                _say_when_ready(following),
                _stop(told, streams, over),
            )
        return told.signal

    async def _partitions(self, told: Told) -> int:
        """How many the topics have; an address that is taken, and a wrong file, are told before Kafka is asked."""
        asking = asyncio.ensure_future(self._asked())
        stopping = asyncio.ensure_future(told.wait())
        await asyncio.wait((asking, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not asking.done():
            asking.cancel()
            raise CommandError(f"stopped before Kafka at {self._bootstrap} answered")
        counts = asking.result()
        if counts[ALERTS] != counts[RATES]:
            raise CommandError(
                f"alerts has {counts[ALERTS]} partitions, rates {counts[RATES]}: a shop would not be in the same one of both; "
                "make the topics anew with `shopwatch topics create --partitions N`"
            )
        return counts[ALERTS]

    async def _asked(self) -> Mapping[str, int]:
        cluster = Cluster(self._bootstrap, self._prefix)
        async with await once_kafka_answers(COMMAND, self._bootstrap, cluster.open):
            return await cluster.partitions([ALERTS, RATES])

    def _topics(self) -> Mapping[str, str]:
        return {topic: self._prefix + topic for topic in (ALERTS, RATES)}

    def _consumer(self) -> AIOKafkaConsumer:
        return reader(Settings(policies=(), bootstrap=self._bootstrap, topics=Topics(self._prefix)))

    async def _reread(self, streams: Streams) -> NoReturn:
        """Take the file of tokens again when it has changed, or on SIGHUP; whose token is gone is shown no more."""
        told = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, told.set)
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), LOOK_S)
            told.clear()
            try:
                if self._tokens.read_if_changed():
                    _say(f"{self._tokens.path} was read again: {len(self._tokens)} tokens")
            except TokenFileError as error:
                for line in error.lines:
                    _say(f"{line}; what it said before holds", "warning")
            streams.end_those(self._access.lost_by)


async def _say_when_ready(following: Following) -> NoReturn:
    await following.all_read.wait()
    shops = following.shops
    _say(f"ready: {len(shops):,} shops, {shops.alerts:,} alerts, {len(shops.firing):,} of them firing")
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


async def _stop(told: Told, streams: Streams, over: asyncio.Event) -> NoReturn:
    """Tell those who follow to come back, and the server to end, which ends all of it."""
    await told.wait()
    streams.end_all()
    over.set()
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


def _read(tokens: Tokens) -> None:
    try:
        tokens.read()
    except TokenFileError as error:
        for line in error.lines:
            _say(line, "error")
        raise typer.Exit(1) from None
    if not tokens:
        _say(
            f"{tokens.path} has no tokens: nobody can see anything; `shopwatch api token` makes a line for it",
            "warning",
        )
