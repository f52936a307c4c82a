"""`shopwatch verify`: are the alerts that workers wrote those of a replay, and where not, why?"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import orjson
import typer

from stream.admin.cluster import Cluster
from stream.admin.errors import AdminError
from stream.cli.connecting import asking, once_kafka_answers
from stream.cli.options import DEFAULT_BOOTSTRAP, Bootstrap, Json, TopicPrefix
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import CommandError, errors_in_one_line, say
from stream.cli.stopping import folder_for_once
from stream.cli.worker import ClockName, PartitionerName
from stream.kafka.access import Access
from stream.policy.durations import milliseconds
from stream.worker.errors import WorkerError
from stream.worker.partitioner import belongs_by
from topics.catalogue import OF_WORKERS

COMMAND = "verify"

try:
    from stream.archive.errors import ArchiveError
    from stream.archive.recorded import Recording
    from stream.backtest.errors import BacktestError, UnknownShopError
    from stream.backtest.known import Progress
    from stream.backtest.span import MAX_AHEAD_MS, reach
    from stream.backtest.verify.arrival import Run
    from stream.backtest.verify.documents import Answer, is_explained, whole
    from stream.backtest.verify.left import Left
    from stream.backtest.verify.verifying import Asked
    from stream.backtest.verify.verifying import verify as verify_partition
    from stream.cli.backtest.choices import ArchiveDir, From, Shops, To, range_of, shops_of
    from stream.cli.backtest.progress import shown
    from stream.cli.verify.kafka import Events, Outputs, count_of
    from stream.cli.verify.tables import show
except ModuleNotFoundError as _error:
    say(COMMAND, f"it needs {_error.name}: install shopwatch[backtest]")
    sys.exit(1)

EXPLAINED = 3
"""Exit code where alerts differ, and each is explained."""
UNEXPLAINED = 4
"""Exit code where one is not."""

Lateness = Annotated[str, typer.Option(help="The worker's: how much older than the newest an event may be.")]
ClockOption = Annotated[ClockName, typer.Option(help="The worker's: whether time goes on when all is read.")]
Partitioner = Annotated[PartitionerName, typer.Option(help="The worker's: how producers choose a partition.")]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where it is read."""

    bootstrap: Access
    prefix: str
    archive: Path | None

    @property
    def name(self) -> str:
        return f"{self.bootstrap} {self.prefix}".strip()


def verify(  # noqa: PLR0913, PLR0917 - one parameter an option
    bootstrap: Bootstrap = DEFAULT_BOOTSTRAP,
    archive: ArchiveDir = None,
    begin: From = None,
    end: To = None,
    shops: Shops = None,
    lateness: Lateness = "10s",
    clock: ClockOption = ClockName.REAL,
    partitioner: Partitioner = PartitionerName.MURMUR2,
    as_json: Json = False,  # noqa: FBT002 - a flag
    topic_prefix: TopicPrefix = "",
) -> None:
    """Replay what was recorded under the policies that were in force, and compare with the alerts, field by field.

    It writes nothing to Kafka and notifies nobody. Exit code 0: all are equal; 3: each difference is explained; 4: one is not.
    """
    lateness_ms = milliseconds(lateness)
    if lateness_ms is None:
        raise typer.BadParameter(
            f"{lateness!r} is not a duration such as 10s or 1d12h", param_hint="--lateness"
        )
    place = _Place(bootstrap, topic_prefix, archive)
    with errors_in_one_line(COMMAND, AdminError, ArchiveError, BacktestError, WorkerError):
        asked = Asked(*range_of(begin, end), shops_of(shops))
        answer = _answer(place, asked, _Ran(lateness_ms, clock, partitioner))
        for gap in answer.gaps:
            say(COMMAND, str(gap))
        if as_json:
            typer.echo(orjson.dumps(whole(answer)))
        else:
            show(answer)
    if answer.differing:
        raise typer.Exit(EXPLAINED if is_explained(answer.differing) else UNEXPLAINED)


@dataclass(frozen=True, slots=True)
class _Ran:
    """What the worker had been told."""

    lateness_ms: int
    clock: ClockName
    partitioner: PartitionerName

    def on(self, partitions: int) -> Run:
        belongs = belongs_by(self.partitioner.value, partitions)
        return Run(self.lateness_ms, self.clock is ClockName.REAL, belongs)


def _answer(place: _Place, asked: Asked, ran: _Ran) -> Answer:
    quiet_libraries()
    with folder_for_once(COMMAND) as folder, shown() as progress:
        lefts, recording, partitions = asyncio.run(_read(place, asked, folder / "archive", progress))
        return _verify(place, lefts, recording, ran.on(partitions), asked, progress)


async def _read(
    place: _Place, asked: Asked, folder: Path, progress: Progress
) -> tuple[Sequence[Left], Recording, int]:
    """What workers left, what they had read, and how many partitions there are; ``folder`` is to be made."""
    partitions = await _partitions(place)
    outputs = Outputs(asking(COMMAND, place.bootstrap, place.prefix), partitions)
    await outputs.read_clocks()
    events = Events(place.bootstrap, place.prefix, place.archive, _begin(asked, outputs), progress)
    recording = await events.collect(folder, outputs.latest_ms)
    await outputs.read_the_rest()
    return outputs.left(), recording, partitions


async def _partitions(place: _Place) -> int:
    """How many all topics have; a topic that is not there is not asked for by name, which could make it."""
    cluster = Cluster(place.bootstrap, place.prefix)
    async with await once_kafka_answers(COMMAND, place.bootstrap, cluster.open) as opened:
        return count_of(await opened.partitions(OF_WORKERS))


def _begin(asked: Asked, outputs: Outputs) -> int:
    """From when on is to be read what was recorded: as far before the range as what is judged in it can hang on."""
    if asked.begin is None:
        return 0
    far = max(reach(in_force.policy) for left in outputs.left() for in_force in left.policies)
    return max(asked.begin - far - MAX_AHEAD_MS, 0)


def _verify(  # noqa: PLR0913, PLR0917 - all that was read, and what is to be done with it
    place: _Place, lefts: Sequence[Left], recording: Recording, run: Run, asked: Asked, progress: Progress
) -> Answer:
    found = [verify_partition(left, recording, run, asked, progress) for left in lefts]
    known = {shop for one in found for shop in one.shops}
    if asked.shops is not None and (missing := sorted(asked.shops - known)):
        raise UnknownShopError(missing, place.name)
    if all(one.decided is None for one in found):
        raise CommandError("no partition has decided anything yet; wait until the worker's clock moves")
    return Answer(place.name, lefts, found, recording.gaps)
