"""What has been archived, and what was lost?  JSON lines, one added whenever something is known; a torn last one is not there."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from stream.archive.errors import BrokenManifestError, NoArchiveError
from stream.archive.layout import MANIFEST, place_of
from stream.archive.ranges import Range

FORMAT = 1
"""Another number, other lines."""


class Place(NamedTuple):
    """A partition of a topic, by its name in the contract."""

    topic: str
    partition: int


class Source(Struct, frozen=True, tag="source"):
    """The first line: where all of it comes from."""

    cluster: str
    """Kafka's own name for itself."""
    prefix: str
    format: int = FORMAT


class Asked(Struct, frozen=True, tag="asked"):
    """Somebody wants this; of a time that lies ahead, as much as had passed."""

    begin_ms: int
    end_ms: int
    partitions: Mapping[str, int]
    """How many each topic has."""


class File(Struct, frozen=True):
    """A Parquet file: the records of one day, of a run of offsets."""

    date: str
    records: int
    bytes: int
    digest: str
    """BLAKE2b of its bytes."""
    earliest_ms: int
    latest_ms: int


class Run(Struct, frozen=True, tag="run"):
    """Offsets that have been read, the last of them not included: every record that is there is in ``files``."""

    topic: str
    partition: int
    first: int
    after: int
    last: tuple[int, int] | None
    """Offset and time of the last record; None: there is none, but for what Kafka writes for itself."""
    files: Sequence[File]

    def paths(self) -> Sequence[str]:
        """Those of ``files`` within the archive."""
        return [
            place_of(self.topic, file.date, self.partition, self.first, self.after) for file in self.files
        ]


class Lost(Struct, frozen=True, tag="lost"):
    """Offsets that had gone when they were to be read, and when their records may have been written."""

    topic: str
    partition: int
    first: int
    after: int
    begin_ms: int
    end_ms: int


class Read(Struct, frozen=True, tag="read"):
    """All that was recorded in this time has been read, and lies from offset ``first`` on and before ``after``, but for what is lost.

    One without length says where a time begins.
    """

    topic: str
    partition: int
    first: int
    after: int
    begin_ms: int
    end_ms: int


Entry = Source | Asked | Run | Lost | Read

_decoder: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)
encode = msgspec.json.encode


class Manifest:
    """What the entries say together."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.asked: list[Asked] = []
        self.runs: dict[Place, list[Run]] = defaultdict(list)
        self.lost: dict[Place, list[Lost]] = defaultdict(list)
        self.reads: dict[Place, list[Read]] = defaultdict(list)

    def take(self, entry: Entry) -> None:
        """One that comes after all others."""
        if isinstance(entry, Run):
            self.runs[_place(entry)].append(entry)
        elif isinstance(entry, Lost):
            self.lost[_place(entry)].append(entry)
        elif isinstance(entry, Read):
            self.reads[_place(entry)].append(entry)
        elif isinstance(entry, Asked):
            self.asked.append(entry)

    def known(self, place: Place) -> Iterable[Range]:
        """Offsets of which is known what becomes of them."""
        yield from ((run.first, run.after) for run in self.runs[place])
        yield from ((lost.first, lost.after) for lost in self.lost[place])

    def files(self) -> set[str]:
        """All that belong to the archive, within it."""
        return {path for runs in self.runs.values() for run in runs for path in run.paths()}


def _place(entry: Run | Lost | Read) -> Place:
    return Place(entry.topic, entry.partition)


def read_manifest(directory: Path) -> Manifest:
    """That of an archive; raises ArchiveError."""
    try:
        data = (directory / MANIFEST).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise NoArchiveError(directory, _what_it_is(directory)) from None
    except OSError as error:
        raise NoArchiveError(directory, f"cannot be read: {error}") from None
    return manifest_of(directory, data)


def manifest_of(directory: Path, data: bytes) -> Manifest:
    """What ``data``, its contents, says; raises ArchiveError."""
    path = directory / MANIFEST
    *lines, _torn = data.split(b"\n")
    if not lines:
        raise NoArchiveError(
            directory, f"holds nothing yet, for the first line of its {MANIFEST} is not there"
        )
    source = _entry(path, 1, lines[0])
    if not isinstance(source, Source) or source.format != FORMAT:
        raise BrokenManifestError(path, 1, "it is not the first line of an archive that this version knows")
    manifest = Manifest(source)
    for number, line in enumerate(lines[1:], 2):
        manifest.take(_entry(path, number, line))
    return manifest


def _entry(path: Path, number: int, line: bytes) -> Entry:
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BrokenManifestError(path, number, error) from None


def _what_it_is(directory: Path) -> str:
    if not directory.exists():
        return "is not there"
    if not directory.is_dir():
        return "is no directory"
    return f"is no archive, for it has no {MANIFEST}"
