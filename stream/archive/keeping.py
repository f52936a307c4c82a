"""How is something added to an archive, so that it is in it whole or not at all?

A file is written aside and renamed, and belongs to the archive as soon as the manifest names it.  Whatever a killed run left that
the manifest does not name is deleted by the next.
"""

import fcntl
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from stream.archive.errors import BusyError, ForeignFileError, NoArchiveError, OccupiedError, OtherSourceError
from stream.archive.layout import ASIDE, DAY, MANIFEST, date_of, files_in, is_empty, place_of
from stream.archive.manifest import (
    Asked,
    Entry,
    File,
    Lost,
    Manifest,
    Place,
    Read,
    Run,
    Source,
    encode,
    manifest_of,
)
from stream.archive.parquet import digest_of, parquet_of


class Keeper:
    """The only one who writes to the archive, from the beginning to the end of its ``with``; raises ArchiveError."""

    def __init__(self, directory: Path, source: Source) -> None:
        self.directory = directory
        self._file = _opened(directory)
        try:
            _locked(directory, self._file)
            self.manifest = self._begun(source)
            self._delete_leftovers()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def ask(self, asked: Asked) -> None:
        """Note what is wanted, unless it was already."""
        if asked not in self.manifest.asked:
            self._add(asked)

    def begin(self, place: Place, offset: int, begin_ms: int) -> None:
        """Note that nothing recorded from ``begin_ms`` on lies before ``offset``, but for what is lost."""
        self.read(place, (offset, offset), (begin_ms, begin_ms))

    def read(self, place: Place, offsets: tuple[int, int], times: tuple[int, int]) -> None:
        """Note that all recorded in ``times`` is kept, unless one note says so already."""
        begin, end = times
        if not any(
            read.begin_ms <= begin and end <= read.end_ms for read in self.manifest.reads.get(place, ())
        ):
            self._add(Read(*place, *offsets, *times))

    def lose(self, place: Place, offsets: tuple[int, int], times: tuple[int, int]) -> None:
        """Note that they had gone."""
        self._add(Lost(*place, *offsets, *times))

    def keep(self, place: Place, offsets: tuple[int, int], records: Sequence[Any]) -> int:
        """All of Kafka's ``records`` with these offsets, in their order; returns the number of files."""
        files = [
            self._written(place, offsets, date, each) for date, each in sorted(_by_date(records).items())
        ]
        last = (records[-1].offset, records[-1].timestamp) if records else None
        self._add(Run(*place, *offsets, last, files))
        return len(files)

    def _written(self, place: Place, offsets: tuple[int, int], date: str, records: Sequence[Any]) -> File:
        times, data = [record.timestamp for record in records], parquet_of(records)
        _write(self.directory / place_of(place.topic, date, place.partition, *offsets), data)
        return File(date, len(records), len(data), digest_of(data), min(times), max(times))

    def _add(self, entry: Entry) -> None:
        self._append(entry)
        self.manifest.take(entry)

    def _append(self, entry: Entry) -> None:
        self._file.write(encode(entry) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def _begun(self, source: Source) -> Manifest:
        data = self._file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._file.seek(len(whole))
        self._file.truncate()  # a line that a killed run began is no line
        if whole:
            return _of_source(self.directory, manifest_of(self.directory, whole), source)
        self._append(source)
        return Manifest(source)

    def _delete_leftovers(self) -> None:
        named = self.manifest.files()
        for path, named_so in list(files_in(self.directory)):
            if path not in named and not named_so:
                raise ForeignFileError(self.directory / path)
            if path not in named:
                (self.directory / path).unlink()


def _opened(directory: Path) -> IO[bytes]:
    path = directory / MANIFEST
    with suppress(FileNotFoundError, NotADirectoryError):
        return path.open("r+b")
    if directory.exists() and not directory.is_dir():
        raise NoArchiveError(directory, "is no directory")
    directory.mkdir(parents=True, exist_ok=True)
    if not is_empty(directory):
        raise OccupiedError(directory)
    return path.open("x+b")


def _locked(directory: Path, file: IO[bytes]) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BusyError(directory) from None


def _of_source(directory: Path, manifest: Manifest, source: Source) -> Manifest:
    if manifest.source != source:
        raise OtherSourceError(directory, _told(manifest.source), _told(source))
    return manifest


def _told(source: Source) -> str:
    prefix = f"topics that begin with {source.prefix!r}" if source.prefix else "topics without a prefix"
    return f"Kafka {source.cluster}, {prefix}"


def _by_date(records: Sequence[Any]) -> Mapping[str, Sequence[Any]]:
    dates: dict[int, str] = {}
    found: dict[str, list[Any]] = defaultdict(list)
    for record in records:
        day = record.timestamp // DAY
        if day not in dates:
            dates[day] = date_of(record.timestamp)
        found[dates[day]].append(record)
    return found


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(path.name + ASIDE)
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def counted(manifest: Manifest) -> Mapping[str, int]:
    """How many records of each topic are kept."""
    counts: dict[str, int] = defaultdict(int)
    for place, runs in manifest.runs.items():
        counts[place.topic] += sum(file.records for run in runs for file in run.files)
    return counts
