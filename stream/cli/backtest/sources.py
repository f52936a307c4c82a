"""Where lies what was recorded, and is all of it there that the question needs?"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from stream.archive.collecting import Collecting
from stream.archive.gaps import Gap
from stream.archive.keeping import Keeper
from stream.archive.log import Kafka, connected
from stream.archive.manifest import Source
from stream.archive.recorded import Recording
from stream.archive.recording import open_archive, open_jsonl
from stream.backtest.known import Known, Progress
from stream.backtest.span import MAX_AHEAD_MS, Span
from stream.cli.backtest.choices import COMMAND
from stream.cli.collecting import CollectingTeller
from stream.cli.connecting import once_kafka_answers
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import CommandError, say
from stream.worker.clock import now_ms
from topics.catalogue import INPUTS
from topics.times import rfc3339


@dataclass(frozen=True, slots=True)
class Where:
    """Exactly one of the three."""

    archive: Path | None
    jsonl: Path | None
    bootstrap: str | None
    prefix: str

    def check(self) -> None:
        """Raises CommandError."""
        if sum(place is not None for place in (self.archive, self.jsonl, self.bootstrap)) != 1:
            raise CommandError("give one of --archive DIR, --jsonl FILE and --bootstrap HOST:PORT")


@dataclass(frozen=True, slots=True)
class Opened:
    """What is to be read, and what of the range that is compared was never archived."""

    recording: Recording
    name: str
    unarchived: Sequence[Gap]

    def must_cover(self, known: Known) -> None:
        """Raises CommandError where an end of the range was not archived.

        Gaps are times of recording, the range is one of events: where events of a gap's time were read, nothing lacks.
        """
        for gap in self.unarchived:
            if gap.offsets is None and (known.latest < gap.begin_ms or known.first >= gap.end_ms):
                begin, end = rfc3339(gap.begin_ms), rfc3339(gap.end_ms)
                raise CommandError(
                    f"{self.name} has half of the range only: nothing is archived from {begin} to {end}; "
                    "archive that too, or compare less"
                )


@contextmanager
def opened(where: Where, span: Span | None, reach: int, progress: Progress) -> Iterator[Opened]:
    """What there is for ``span``, from so far before it on that what is judged in it can hang on that; None: all there is.

    Raises ArchiveError and CommandError.
    """
    begin = None if span is None else max(span.begin - reach - MAX_AHEAD_MS, 0)
    if where.jsonl is not None:
        yield Opened(open_jsonl(where.jsonl), where.jsonl.name, ())
    elif where.archive is not None:
        yield _archive(where.archive, where.archive.resolve().name, begin, span)
    elif where.bootstrap is not None:
        with TemporaryDirectory(prefix="shopwatch-") as folder:
            archive = Path(folder) / "archive"
            asyncio.run(_collect(where.bootstrap, where.prefix, archive, begin or 0, progress))
            yield _archive(archive, f"{where.bootstrap} {where.prefix}".strip(), begin, span)


def _archive(path: Path, name: str, begin: int | None, span: Span | None) -> Opened:
    recording = open_archive(path, begin, None)
    for gap in recording.gaps:
        # What was never archived before the range is nobody's mistake: windows begin empty there, and the docs say so.
        if gap.offsets is not None or span is None or gap.begin_ms >= span.begin:
            say(COMMAND, str(gap))
    return Opened(recording, name, () if span is None else open_archive(path, span.begin, span.end + 1).gaps)


async def _collect(bootstrap: str, prefix: str, archive: Path, begin: int, progress: Progress) -> None:
    """What Kafka has recorded from ``begin`` until now, into an archive for once."""
    quiet_libraries()
    async with AsyncExitStack() as stack:

        async def connect() -> Kafka:
            return await stack.enter_async_context(connected(bootstrap, prefix, INPUTS))

        kafka = await once_kafka_answers(COMMAND, bootstrap, connect)
        keeper = stack.enter_context(Keeper(archive, Source(kafka.cluster, prefix)))
        teller = CollectingTeller(COMMAND, bootstrap, progress)
        await Collecting(kafka, keeper, (begin, now_ms()), teller).run()
