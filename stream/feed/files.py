"""How is a file of lines read, however long, plain or compressed, or from standard input?"""

import gzip
import io
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from stream.feed.errors import UnreadableFileError

STDIN = Path("-")
_GZIP = b"\x1f\x8b"
_BROKEN = (gzip.BadGzipFile, zlib.error, EOFError)


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
            while line := self.stream.readline(limit + 2):
                ended = line.endswith(b"\n")
                yield line.removesuffix(b"\n")[: limit + 1]
                if not ended and len(line) == limit + 2:
                    self._skip_to_next_line()
        except _BROKEN as error:
            raise UnreadableFileError(self.name, error) from None

    def _skip_to_next_line(self) -> None:
        while (part := self.stream.readline(1 << 20)) and not part.endswith(b"\n"):
            pass

    @contextmanager
    def text(self) -> Iterator[io.TextIOWrapper]:
        """All of it as UTF-8 text, line ends as they are; raises UnreadableFileError."""
        wrapper = io.TextIOWrapper(self.stream, "utf-8-sig", newline="")
        try:
            yield wrapper
        except (*_BROKEN, UnicodeDecodeError) as error:
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
        stream: IO[bytes] = raw
        if raw.peek(len(_GZIP)).startswith(_GZIP):
            stream = cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=raw)))
        yield Source(name, stream, size, raw)
