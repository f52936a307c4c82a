"""What can be wrong with an archive, and what can its user do about it?"""

from collections.abc import Iterable
from pathlib import Path


class ArchiveError(Exception):
    """Its text is one line for the user: what is wrong, and what to do."""


class NoArchiveError(ArchiveError):
    """A directory is not what `shopwatch archive` makes."""

    def __init__(self, directory: Path, why: str) -> None:
        super().__init__(
            f"{directory} {why}; give a directory that `shopwatch archive --out` has written or, with --jsonl, a recording"
        )


class OccupiedError(ArchiveError):
    """A directory has something else in it."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            f"{directory} is not empty, and no archive; give --out a new directory, or an archive"
        )


class ForeignFileError(ArchiveError):
    """A Parquet file lies in an archive that was not written for it; other readers would take it for a part of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} was not written by `shopwatch archive`; move it out of the archive")


class BrokenFileError(ArchiveError):
    """A file of an archive is not any more what was written."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path} {why}; put back the file as it was or, while Kafka still has its records, "
            "archive them into a new directory"
        )


class BrokenManifestError(ArchiveError):
    """The list of what is in an archive cannot be read; ``line`` counts from 1."""

    def __init__(self, path: Path, line: int, why: object) -> None:
        super().__init__(
            f"{path}:{line}: {why}; put back the file as it was, or archive into a new directory"
        )


class OtherSourceError(ArchiveError):
    """An archive is of another Kafka, or of topics with another prefix."""

    def __init__(self, directory: Path, held: str, asked: str) -> None:
        super().__init__(f"{directory} is an archive of {held}, not of {asked}; give --out another directory")


class BusyError(ArchiveError):
    """Somebody else is writing."""

    def __init__(self, directory: Path) -> None:
        super().__init__(
            f"another `shopwatch archive` is writing to {directory}; wait for its end, or stop it"
        )


class RemadeTopicError(ArchiveError):
    """A partition's log is not the one that was archived."""

    def __init__(self, topic: str, partition: int, why: str) -> None:
        super().__init__(
            f"{topic}, partition {partition}, is not the log that was archived: {why}; was the topic made again? "
            "Give --out a new directory"
        )


class UnreadableRecordingError(ArchiveError):
    """A recording is not what its name or its first bytes promise."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(f"{path} cannot be read to its end: {why}; give the file whole, plain or as .gz")


class NoRecordingError(ArchiveError):
    """A recording cannot be opened at all; ``why`` is the system's word for it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} cannot be read ({why}); give a file of JSON lines, plain or as .gz")


class MissingTopicError(ArchiveError):
    """Topics are not there."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(f"these topics are missing: {', '.join(sorted(names))}; is --topic-prefix right?")
