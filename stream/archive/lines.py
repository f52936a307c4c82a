"""How is a file of JSON lines read as a recording?"""

import gzip
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, cast

from stream.archive.errors import UnreadableRecordingError
from stream.archive.gaps import Gap
from stream.archive.recorded import Recorded
from topics.inputs import MAX_VALUE_BYTES

_GZIP = b"\x1f\x8b"
_BROKEN = (OSError, zlib.error, EOFError)  # of which gzip's own is an OSError
_PART = 1 << 20


class Lines:
    """One partition, 0; raises UnreadableRecordingError where there is no such file."""

    gaps: Sequence[Gap] = ()

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = str(path)
        with self._opened():
            pass

    def partitions(self) -> Sequence[int]:
        """The only one."""
        return (0,)

    def read(self, partition: int, shops: frozenset[bytes] | None = None) -> Iterator[Recorded]:  # noqa: ARG002 - no keys
        """Every line, a blank one too; whose it is cannot be seen without reading the event.

        Of a line longer than any value of the contract comes a byte more than that, so that it can be told.
        """
        with self._opened() as file:
            for number, line in enumerate(_lines(file), 1):
                yield Recorded(None, None, line, partition, number, 0)

    def fingerprint(self) -> str:
        """Of the lines: compressed or not, they are the same."""
        digest = hashlib.blake2b(digest_size=32)
        with self._opened() as file:
            for part in iter(partial(file.read, _PART), b""):
                digest.update(part)
        return digest.hexdigest()

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        with ExitStack() as stack:
            try:
                raw = stack.enter_context(self._path.open("rb"))
                if not raw.peek(len(_GZIP)).startswith(_GZIP):
                    yield raw
                else:
                    yield cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=raw)))
            except _BROKEN as error:
                raise UnreadableRecordingError(self._path, error) from None


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    limit = MAX_VALUE_BYTES + 2
    for line in iter(partial(file.readline, limit), b""):
        if line.endswith(b"\n"):
            yield line[:-1]
        else:
            yield line[: MAX_VALUE_BYTES + 1]
            if len(line) == limit:
                _skip_to_next_line(file)


def _skip_to_next_line(file: IO[bytes]) -> None:
    while (part := file.readline(_PART)) and not part.endswith(b"\n"):
        pass
