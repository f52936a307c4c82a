"""How is a file of lines read, however long, plain or compressed, or from standard input?"""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from stream.archive.unpacking import BROKEN, lines_of, unpacked
from stream.feed.errors import UnreadableFileError

STDIN = Path("-")


@dataclass(frozen=True, slots=True)
class Source:
    """An open file: its bytes decompressed, and how far it is read for whoever waits."""

    name: str
    stream: IO[bytes]
    size: int | None
    """In bytes as it lies on the disk; None: unknown, it comes through a pipe."""
    _raw: IO[bytes]

    @property
    def position(self) -> int:
        """How many of ``size`` are read."""
        return self._raw.tell()

    def lines(self, limit: int) -> Iterator[bytes]:
        """The lines without their ends; of one longer than ``limit`` bytes the first ``limit + 1``, so that it can be told.

        Raises UnreadableFileError.
        """
        try:
            yield from lines_of(self.stream, limit)
        except BROKEN as error:
            raise UnreadableFileError(self.name, error) from None

    @contextmanager
    def text(self) -> Iterator[io.TextIOWrapper]:
        """All of it as UTF-8 text, line ends as they are; raises UnreadableFileError."""
        wrapper = io.TextIOWrapper(self.stream, "utf-8-sig", newline="")
        try:
            yield wrapper
        except (*BROKEN, UnicodeDecodeError) as error:
            raise UnreadableFileError(self.name, error) from None
        finally:
            wrapper.detach()


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """``path``, or standard input for ``-``; that it is compressed with gzip is seen by its first bytes."""
    with ExitStack() as stack:
        given = sys.stdin.buffer if path == STDIN else stack.enter_context(path.open("rb"))
        raw = cast("io.BufferedReader", given)
        size = os.fstat(raw.fileno()).st_size if raw.seekable() else None
        name = "standard input" if path == STDIN else str(path)
        yield Source(name, unpacked(raw, stack), size, raw)
