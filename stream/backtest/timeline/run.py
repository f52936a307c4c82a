"""How is the verdict timeline of a recording made, or found where it was kept?  The first pass, partition by partition."""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple, Protocol

from stream.archive.errors import ArchiveError
from stream.archive.recorded import Recording
from stream.backtest.timeline.files import WHOLE, PartNote, read_timeline, write_part, write_whole
from stream.backtest.timeline.key import timeline_key
from stream.backtest.timeline.part import made
from stream.backtest.timeline.rows import Timeline
from stream.policy.spec import PolicySet

KEPT = 8
"""So many timelines are kept beside an archive; of older ones the one not asked for longest goes first."""


class Task(NamedTuple):
    """The first pass over one partition; what it needs can be sent to another process."""

    policy: PolicySet
    recording: Recording
    partition: int
    last: int | None
    directory: Path


class Spoiled(NamedTuple):
    """Why a partition could not be read: an error of the archive, as text, for errors do not travel well."""

    text: str


class Spread(Protocol):
    """Has the tasks done, somewhere, and hands out what came of them as they are done."""

    def __call__(
        self, do: Callable[[Task], PartNote | Spoiled], tasks: Sequence[Task]
    ) -> Iterator[PartNote | Spoiled]:
        """In any order."""
        ...


@dataclass(frozen=True, slots=True)
class Processes:
    """On this machine, so many at a time; a single task is done in this very process."""

    jobs: int = 0
    """0: as many as there are processors."""

    def __call__(
        self, do: Callable[[Task], PartNote | Spoiled], tasks: Sequence[Task]
    ) -> Iterator[PartNote | Spoiled]:
        """As they are done."""
        jobs = min(self.jobs or os.cpu_count() or 1, len(tasks))
        if jobs <= 1:
            yield from map(do, tasks)
            return
        with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
            for done in as_completed([pool.submit(do, task) for task in tasks]):
                yield done.result()


def first_pass(task: Task) -> PartNote | Spoiled:
    """Read one partition and write its part of the timeline."""
    try:
        with _no_collecting():
            blocks = task.recording.blocks(task.partition)
            found = made(task.policy, task.partition, blocks, task.last)
        return write_part(task.directory, task.partition, found)
    except ArchiveError as error:
        return Spoiled(str(error))


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Nothing that is read holds a circle, and the collector would look at all of it again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _silent(_done: int, _of: int) -> None:
    """Nobody is told."""


@contextmanager
def timeline(  # noqa: PLR0913 - what is read, where it is kept, and how
    policy: PolicySet,
    recording: Recording,
    kept: Path | None,
    *,
    last: int | None = None,
    spread: Spread | None = None,
    progress: Callable[[int, int], None] = _silent,
) -> Iterator[Timeline]:
    """The verdict timeline of ``recording`` up to ``last``: the one that lies in ``kept`` or, if none does, a new one, which is put there.

    Where nothing can be kept (None, or a place that cannot be written), it is made in a temporary directory, and is gone
    afterwards.  ``progress`` is told how many partitions are read, and of how many.  Raises ArchiveError.
    """
    key = timeline_key(policy, recording.fingerprint(), last)
    found = None if kept is None else kept / key
    if found is not None and (found / WHOLE).exists():
        _touch(found)
        yield read_timeline(found)
        return
    with _workshop(kept) as (shop, lasting):
        directory = shop / "new"
        directory.mkdir()
        tasks = [Task(policy, recording, each, last, directory) for each in recording.partitions()]
        notes = _all_parts(tasks, spread or Processes(), progress)
        write_whole(directory, notes)
        if lasting and found is not None:
            directory = _put(directory, found)
        yield read_timeline(directory)


def _all_parts(
    tasks: Sequence[Task], spread: Spread, progress: Callable[[int, int], None]
) -> Sequence[PartNote]:
    notes: list[PartNote] = []
    progress(0, len(tasks))
    for done in spread(first_pass, tasks):
        if isinstance(done, Spoiled):
            raise ArchiveError(done.text)
        notes.append(done)
        progress(len(notes), len(tasks))
    return sorted(notes, key=lambda note: note.partition)


@contextmanager
def _workshop(kept: Path | None) -> Iterator[tuple[Path, bool]]:
    """A directory to write in, beside what is kept if that can be, and whether it is there."""
    if kept is not None:
        try:
            kept.mkdir(parents=True, exist_ok=True)
            workshop = Path(tempfile.mkdtemp(prefix="making-", dir=kept))
        except OSError:
            pass
        else:
            try:
                yield workshop, True
            finally:
                shutil.rmtree(workshop, ignore_errors=True)
            return
    with tempfile.TemporaryDirectory(prefix="shopwatch-timeline-") as place:
        yield Path(place), False


def _put(made_: Path, found: Path) -> Path:
    """Into its place, at once and whole; if somebody else was quicker, theirs is the same."""
    try:
        made_.rename(found)
    except OSError:
        if not (found / WHOLE).exists():
            return made_
    others = sorted(
        (each for each in found.parent.iterdir() if (each / WHOLE).exists() and each != found),
        key=lambda each: (each / WHOLE).stat().st_mtime,
        reverse=True,
    )
    for old in others[KEPT - 1 :]:
        shutil.rmtree(old, ignore_errors=True)
    return found


def _touch(found: Path) -> None:
    """It was asked for; a place that cannot be written stays as it is."""
    try:
        (found / WHOLE).touch()
    except OSError:
        return


def beside(archive: Path) -> Path:
    """Where the timelines of an archive, or of a file of JSON lines, are kept."""
    return archive.with_name(f"{archive.name}.timelines")
