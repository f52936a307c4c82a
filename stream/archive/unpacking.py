"""How are the lines of a file read, however long, plain or compressed?"""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from io import BufferedReader
from typing import IO, cast

BROKEN = (gzip.BadGzipFile, zlib.error, EOFError)
"""What reading a file that was compressed with gzip, and is damaged or cut off, raises."""

_GZIP = b"\x1f\x8b"
_PART = 1 << 20


def unpacked(raw: BufferedReader, stack: ExitStack) -> IO[bytes]:
    """Its bytes, decompressed until ``stack`` is closed if its first ones are those of gzip."""
    if raw.peek(len(_GZIP)).startswith(_GZIP):
        return cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=raw)))
    return raw


def lines_of(file: IO[bytes], limit: int) -> Iterator[bytes]:
    """The lines without their ends; of one longer than ``limit`` bytes the first ``limit + 1``, so that it can be told."""
    longest = limit + 2
    for line in iter(partial(file.readline, longest), b""):
        if line.endswith(b"\n"):
            yield line[:-1]
        else:
            yield line[: limit + 1]
            if len(line) == longest:
                _skip_to_next_line(file)


def _skip_to_next_line(file: IO[bytes]) -> None:
    while (part := file.readline(_PART)) and not part.endswith(b"\n"):
        pass
