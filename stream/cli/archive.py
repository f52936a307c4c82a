"""`shopwatch archive`: what Kafka has recorded is kept as Parquet files, to be judged again and again."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from stream.cli.connecting import once_kafka_answers
from stream.cli.first import first_of, told_to_stop
from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, TopicPrefix
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import errors_in_one_line, say
from stream.kafka.access import Access
from stream.worker.clock import now_ms
from topics.catalogue import INPUTS
from topics.times import TimeError, parse_time, rfc3339

COMMAND = "archive"

try:
    from stream.archive.collecting import Collecting, Result
    from stream.archive.errors import ArchiveError
    from stream.archive.keeping import Keeper
    from stream.archive.log import Kafka, connected
    from stream.archive.manifest import Place, Source
    from stream.archive.ranges import Range
except ModuleNotFoundError as _error:
    say(COMMAND, f"it needs {_error.name}: install shopwatch[backtest]")
    sys.exit(1)

RECORDS_A_LINE = 100_000
"""Where there is no terminal, so many records are worth a line."""

From = Annotated[
    str, typer.Option("--from", help="What was recorded from this time on: RFC 3339 with an offset.")
]
To = Annotated[
    str,
    typer.Option("--to", help="And before this time; what lies ahead is left for later."),
]
Out = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="A new directory, or an archive that is to be added to.")
]


def archive(
    begin: From, end: To, out: Out, bootstrap: Bootstrap = DEFAULT_BOOTSTRAP, topic_prefix: TopicPrefix = ""
) -> None:
    """Read orders, ships, pickups and refunds, by the time of recording, into Parquet files; what is there already is not read again.

    What Kafka had deleted before is told, here and by whoever reads the archive. Stopped, it goes on when it is run again.
    """
    times = _times(begin, end)
    with errors_in_one_line(COMMAND, ArchiveError):
        asyncio.run(_archive(times, out, bootstrap, topic_prefix))


def _times(begin: str, end: str) -> Range:
    now, first, after = now_ms(), _instant(begin, "--from"), _instant(end, "--to")
    if first >= after:
        raise typer.BadParameter(f"{end} is not after --from {begin}", param_hint="--to")
    if first >= now:
        raise typer.BadParameter(f"{begin} lies ahead, nothing is recorded yet", param_hint="--from")
    return first, min(after, now)


def _instant(text: str, option: str) -> int:
    try:
        return parse_time(text)
    except TimeError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


async def _archive(times: Range, out: Path, bootstrap: Access, prefix: str) -> None:
    quiet_libraries()
    with told_to_stop() as told:
        async with AsyncExitStack() as stack:
            run = _Run(times, out, bootstrap, prefix, stack)
            await first_of(run.to_its_end(), told.wait())
        run.summarize(stopped=told.signal is not None)
    if told.signal is not None:
        raise typer.Exit(128 + told.signal)


class _Run:
    """One run of the command; ``stack`` closes what it opens."""

    def __init__(
        self, times: Range, out: Path, bootstrap: Access, prefix: str, stack: AsyncExitStack
    ) -> None:
        self._times = times
        self._out = out
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._stack = stack
        self._collecting: Collecting | None = None

    async def to_its_end(self) -> None:
        """Wait for Kafka, and read all."""
        kafka = await once_kafka_answers(COMMAND, self._bootstrap, self._connect)
        source = Source(kafka.cluster, self._prefix)
        keeper = self._stack.enter_context(Keeper(self._out, source))
        teller = self._stack.enter_context(_told(self._bootstrap))
        self._collecting = Collecting(kafka, keeper, self._times, teller)
        await self._collecting.run()

    async def _connect(self) -> Kafka:
        return await self._stack.enter_async_context(connected(self._bootstrap, self._prefix, INPUTS))

    def summarize(self, *, stopped: bool) -> None:
        """What was added, and what lacks; of a run that was stopped, that it goes on when it is run again."""
        result = Result() if self._collecting is None else self._collecting.result
        counts = ", ".join(f"{topic} {result.added.get(topic, 0)}" for topic in INPUTS)
        added = (
            f"added {sum(result.added.values())} records ({counts}) in {result.files} files to {self._out}"
        )
        if stopped:
            typer.echo(f"shopwatch archive: stopped; {added}; run it again to go on")
            return
        for gap in result.gaps:
            say(COMMAND, str(gap))
        begin, end = map(rfc3339, self._times)
        whole = f"; gaps: {len(result.gaps)}" if result.gaps else ""
        typer.echo(f"shopwatch archive: {added}, which has what was recorded from {begin} to {end}{whole}")


@contextmanager
def _told(bootstrap: Access) -> Iterator["_Teller"]:
    """Whoever waits is told until the end of the ``with``: by a bar on a terminal, else by a line now and then."""
    if not sys.stderr.isatty():
        yield _Teller(bootstrap)
        return
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[records]} records"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Bar(bootstrap, bar)


class _Teller:
    """Tells in lines."""

    def __init__(self, bootstrap: Access) -> None:
        self._bootstrap = bootstrap
        self._records = 0
        self._said = False

    def planned(self, offsets: int) -> None:
        """How much there is to do."""
        if offsets > RECORDS_A_LINE:
            say(COMMAND, f"about {offsets} records are to be read")

    def reached(self, records: int, _offsets: int) -> None:
        """How much of it is done."""
        before, self._records = self._records, self._records + records
        if before // RECORDS_A_LINE < self._records // RECORDS_A_LINE:
            say(COMMAND, f"{self._records} records")

    def waiting(self) -> None:
        """Kafka does not answer; said once."""
        if not self._said:
            say(COMMAND, f"Kafka at {self._bootstrap} does not answer any more; waiting for it")
        self._said = True

    def is_open(self, place: Place, offset: int) -> None:
        """Some of what is there may not be read yet."""
        say(
            COMMAND,
            f"{place.topic}, partition {place.partition}: a transaction that has not ended hides what lies from "
            f"offset {offset} on; run it again when it has",
        )


class _Bar(_Teller):
    """Tells by a bar."""

    def __init__(self, bootstrap: Access, bar: Progress) -> None:
        super().__init__(bootstrap)
        self._bar = bar
        self._task = bar.add_task("", total=None, records=0)

    def planned(self, offsets: int) -> None:
        """The bar's length."""
        self._bar.update(self._task, total=offsets)

    def reached(self, records: int, offsets: int) -> None:
        """The bar grows."""
        self._records += records
        self._bar.update(self._task, advance=offsets, records=self._records)
