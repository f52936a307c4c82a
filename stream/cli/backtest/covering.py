"""Does an archive hold all that a question needs?"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stream.archive.gaps import Gap
from stream.archive.recorded import Recording
from stream.archive.recording import open_archive
from stream.backtest.span import MAX_AHEAD_MS
from stream.cli.saying import CommandError, say
from topics.times import rfc3339


@dataclass(frozen=True, slots=True)
class Opened:
    """What is to be read, and what of the range that is asked for was never archived."""

    recording: Recording
    name: str
    unarchived: Sequence[Gap] = ()

    def must_cover(self, first: int, latest: int) -> None:
        """``first`` and ``latest`` are the times of the events that were read.

        Raises CommandError where an end of the range was not archived.  Gaps are times of recording, the range is one of
        events: where events of a gap's time were read, nothing lacks.
        """
        for gap in self.unarchived:
            if gap.offsets is None and (latest < gap.begin_ms or first >= gap.end_ms):
                begin, end = rfc3339(gap.begin_ms), rfc3339(gap.end_ms)
                raise CommandError(
                    f"{self.name} has half of the range only: nothing is archived from {begin} to {end}; "
                    "archive that too, or compare less"
                )


def first_read(span_begin: int | None, reach: int) -> int | None:
    """From when on it must be read, so that what is judged in the range can hang on nothing before; None: from the beginning."""
    return None if span_begin is None else max(span_begin - reach - MAX_AHEAD_MS, 0)


def covering(  # noqa: PLR0913 - what is asked, and of what
    command: str, path: Path, name: str, span: tuple[int, int] | None, begin: int | None, *, kept: bool = True
) -> Opened:
    """The archive at ``path`` from ``begin`` on, with a line for each gap; ``span`` None: all that it has.

    Not ``kept`` is one made for this question alone, of all that could be read.  Raises ArchiveError, and CommandError for one
    that was stopped half-way: of some shops it has everything, of others nothing, of others orders without their shippings.
    """
    recording = open_archive(path, begin, None)
    if kept and recording.unfinished:
        raise CommandError(
            f"{name} was stopped half-way ({recording.unfinished[0]}); run the same `shopwatch archive` again"
        )
    for gap in recording.gaps:
        # What was never archived before the range is nobody's mistake: windows begin empty there, and the docs say so.
        if gap.offsets is not None or span is None or gap.end_ms > span[0]:
            say(command, str(gap))
    return Opened(recording, name, () if span is None else open_archive(path, span[0], span[1] + 1).gaps)
