"""Where lies what was recorded?"""

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from stream.archive.collecting import Collecting
from stream.archive.keeping import Keeper
from stream.archive.log import Kafka, connected
from stream.archive.manifest import Source
from stream.archive.recording import open_jsonl
from stream.backtest.known import Progress
from stream.backtest.span import Span
from stream.cli.backtest.choices import COMMAND
from stream.cli.backtest.covering import Opened, covering, first_read
from stream.cli.collecting import CollectingTeller
from stream.cli.connecting import once_kafka_answers
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import CommandError
from stream.cli.stopping import folder_for_once
from stream.kafka.access import Access
from stream.worker.clock import now_ms
from topics.catalogue import INPUTS


@dataclass(frozen=True, slots=True)
class Where:
    """Exactly one of the three."""

    archive: Path | None
    jsonl: Path | None
    bootstrap: Access | None
    prefix: str

    def check(self) -> None:
        """Raises CommandError."""
        if sum(place is not None for place in (self.archive, self.jsonl, self.bootstrap)) != 1:
            raise CommandError("give one of --archive DIR, --jsonl FILE and --bootstrap HOST:PORT")


@contextmanager
def opened(where: Where, span: Span | None, reach: int, progress: Progress) -> Iterator[Opened]:
    """What there is for ``span``, from so far before it on that what is judged in it can hang on that; None: all there is.

    Raises ArchiveError and CommandError.
    """
    begin = first_read(None if span is None else span.begin, reach)
    if where.jsonl is not None:
        yield Opened(open_jsonl(where.jsonl), where.jsonl.name)
    elif where.archive is not None:
        yield covering(COMMAND, where.archive, where.archive.resolve().name, span, begin)
    elif where.bootstrap is not None:
        with folder_for_once(COMMAND) as folder:
            archive = folder / "archive"
            asyncio.run(_collect(where.bootstrap, where.prefix, archive, begin or 0, progress))
            yield covering(
                COMMAND, archive, f"{where.bootstrap} {where.prefix}".strip(), span, begin, kept=False
            )


async def _collect(bootstrap: Access, prefix: str, archive: Path, begin: int, progress: Progress) -> None:
    """What Kafka has recorded from ``begin`` until now, into an archive for once."""
    quiet_libraries()
    async with AsyncExitStack() as stack:

        async def connect() -> Kafka:
            return await stack.enter_async_context(connected(bootstrap, prefix, INPUTS))

        kafka = await once_kafka_answers(COMMAND, bootstrap, connect)
        keeper = stack.enter_context(Keeper(archive, Source(kafka.cluster, prefix)))
        teller = CollectingTeller(COMMAND, bootstrap, progress)
        await Collecting(kafka, keeper, (begin, now_ms()), teller).run()
