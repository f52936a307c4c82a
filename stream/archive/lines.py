"""How is a file of JSON lines read as a recording?"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from stream.archive.errors import NoRecordingError, UnreadableRecordingError
from stream.archive.gaps import Gap
from stream.archive.recorded import Block, Recorded, blocks_of
from stream.archive.unpacking import BROKEN, lines_of, unpacked
from topics.inputs import MAX_VALUE_BYTES

_PART = 1 << 20


class Lines:
    """One partition, 0; raises NoRecordingError where there is no such file, UnreadableRecordingError where it is damaged."""

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
            for number, line in enumerate(lines_of(file, MAX_VALUE_BYTES), 1):
                yield Recorded(None, None, line, partition, number, 0)

    def blocks(self, partition: int) -> Iterator[Block]:
        """Of lines."""
        return blocks_of(self.read(partition))

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
            except OSError as error:
                raise NoRecordingError(self._path, error.strerror or str(error)) from None
            try:
                yield unpacked(raw, stack)
            except (OSError, *BROKEN) as error:
                raise UnreadableRecordingError(self._path, error) from None
