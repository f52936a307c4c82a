"""How is a recording opened, be it an archive or a file of JSON lines?"""

from pathlib import Path

from stream.archive.lines import Lines
from stream.archive.recorded import Recorded, Recording
from stream.archive.stored import Archive

__all__ = ["Archive", "Recorded", "Recording", "open_archive", "open_jsonl"]


def open_archive(path: Path, begin_ms: int | None = None, end_ms: int | None = None) -> Archive:
    """What `shopwatch archive` wrote to ``path``, of it what was recorded from ``begin_ms`` on and before ``end_ms``.

    Raises ArchiveError, already here for whatever can be seen without reading all of it.
    """
    return Archive(path, begin_ms, end_ms)


def open_jsonl(path: Path) -> Recording:
    """A recording of `simulate` or `load`, plain or .gz, as one partition; raises ArchiveError."""
    return Lines(path)
