"""`shopwatch load`: recordings and data sets become records on Kafka."""

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from stream.admin.cluster import Cluster
from stream.admin.errors import AdminError
from stream.cli.connecting import input_limits, once_kafka_answers, open_producer
from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, TopicPrefix
from stream.cli.progress import Progress, progress_of
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import CommandError, errors_in_one_line, say
from stream.cli.writing import whole_files
from stream.feed.errors import FeedError
from stream.feed.files import Source, opened
from stream.feed.olist import recording
from stream.feed.records import record_of
from stream.feed.sending import Limits, Sending
from stream.kafka.access import Access
from topics.catalogue import INPUTS
from topics.inputs import MAX_VALUE_BYTES

COMMAND = "load"
OLIST = "olist"

What = Annotated[
    list[str],
    typer.Argument(
        metavar="[olist] FILE",
        help="A recording, JSON lines, one event a line; after the word olist a CSV of Olist orders. "
        "Plain or .gz; - is standard input.",
    ),
]
To = Annotated[
    Path | None,
    typer.Option(dir_okay=False, help="With olist: write the recording to this file, and send nothing."),
]


class Lines(NamedTuple):
    """What is to be sent, and how much of it there is."""

    lines: Iterable[bytes]
    source: Source | None
    """Where the lines are read while they are sent; None: all are there."""
    total: int | None
    """Bytes of ``source``, else lines."""


def load(
    what: What, to: To = None, bootstrap: Bootstrap = DEFAULT_BOOTSTRAP, topic_prefix: TopicPrefix = ""
) -> None:
    """Send every line of a recording, or the events of the Olist data set, and wait until Kafka has acknowledged them.

    A line that is no event is reported and sent all the same. The last line says how many went where.
    """
    path, olist = _chosen(what, to)
    with errors_in_one_line(COMMAND, AdminError, FeedError), _lines(path, olist=olist) as lines:
        if to is None:
            asyncio.run(_send(bootstrap, topic_prefix, lines))
        else:
            _write(to, lines.lines)


def _chosen(what: list[str], to: Path | None) -> tuple[Path, bool]:
    olist = what[0] == OLIST
    if len(what) != 1 + olist:
        raise typer.BadParameter("give `olist FILE`, or one FILE", param_hint="[olist] FILE")
    if to is not None and not olist:
        raise typer.BadParameter("a recording needs no other; it goes with olist only", param_hint="--to")
    return Path(what[-1]), olist


@contextmanager
def _lines(path: Path, *, olist: bool) -> Iterator[Lines]:
    with opened(path) as source:
        if olist:
            with source.text() as text:
                lines = recording(text, source.name)
            yield Lines(lines, None, len(lines))
        else:
            yield Lines(source.lines(MAX_VALUE_BYTES), source, source.size)


def _write(to: Path, lines: Iterable[bytes]) -> None:
    count = 0
    with whole_files(COMMAND, to) as (file,):
        for count, line in enumerate(lines, 1):  # noqa: B007 - the last is told
            file.write(line + b"\n")
    typer.echo(f"shopwatch load: wrote {count} events to {to}")


async def _send(bootstrap: Access, prefix: str, lines: Lines) -> None:
    quiet_libraries()
    limits = await _limits(bootstrap, prefix)
    producer = await once_kafka_answers(COMMAND, bootstrap, lambda: open_producer(bootstrap))
    try:
        with progress_of(COMMAND, lines.total) as progress:
            load = _Load(bootstrap, progress)
            sending = Sending(producer, prefix, load.tell_refused, load.tell_waiting, limits)
            await load.send_all(sending, lines)
    finally:
        await producer.stop()
    typer.echo(f"shopwatch load: sent {load.summary(sending)}")
    if sending.refused:
        raise CommandError(
            f"lines that were not sent: {sending.refused}; none longer than 16 MB is, nor than its topic's max.message.bytes"
        )


async def _limits(bootstrap: Access, prefix: str) -> Limits:
    cluster = Cluster(bootstrap, prefix)
    async with await once_kafka_answers(COMMAND, bootstrap, cluster.open) as opened:
        return await input_limits(opened)


class _Load:
    """One loading: what is told meanwhile, and counted."""

    def __init__(self, bootstrap: Access, progress: Progress) -> None:
        self._bootstrap = bootstrap
        self._progress = progress
        self._said = False
        self.no_events = 0

    async def send_all(self, sending: Sending, lines: Lines) -> None:
        """Returns when all is acknowledged."""
        for number, line in enumerate(lines.lines, 1):
            record = record_of(line)
            if record.complaint is not None:
                self.no_events += 1
                say(COMMAND, f"line {number} is no event: {record.complaint}")
            await sending.send(number, record)
            self._progress.reached(number, lines.source.position if lines.source and lines.total else number)
        await sending.finish()

    def tell_refused(self, number: int, why: str) -> None:
        """A line is not sent."""
        say(COMMAND, f"line {number} was not sent: {why}")

    def tell_waiting(self) -> None:
        """Kafka does not take what is sent; said once."""
        if not self._said:
            say(COMMAND, f"Kafka at {self._bootstrap} does not acknowledge what is sent; waiting for it")
        self._said = True

    def summary(self, sending: Sending) -> str:
        """How many went where."""
        counts = ", ".join(f"{topic} {sending.acknowledged[topic]}" for topic in INPUTS)
        return f"{sending.acknowledged.total()} ({counts}); lines that are no events: {self.no_events}"
