"""How are files written so that there is all of them, or nothing, whatever ends the command meanwhile?"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

import typer

from stream.cli.saying import CommandError, say
from stream.cli.stopping import Signals, StoppedError


class CannotWriteError(CommandError):
    """A file cannot be made, or not to its end."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(f"{path} cannot be written: {error.strerror or error}; nothing of it was kept")


class Draft:
    """What is to become the file at ``path``, hidden beside it: gone with the ``with``, unless it has taken its place.

    All of it raises CannotWriteError.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place = path.resolve()
        self._hidden = self._place.with_name(f".{self._place.name}.{os.getpid()}.part")

    def __enter__(self) -> Self:
        with self._said():
            # A directory; or a device, which renaming would put an end to.
            if self._place.exists() and not self._place.is_file():
                raise OSError("there is something that is no file")
            self._file = self._hidden.open("wb", 1 << 20)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # there is no room: nothing of it is kept anyway
            self._file.close()
        self._hidden.unlink(missing_ok=True)

    def write(self, data: bytes) -> None:
        """The next bytes."""
        try:
            self._file.write(data)
        except OSError as error:
            raise CannotWriteError(self.path, error) from None

    def close(self) -> None:
        """All of it is written."""
        with self._said():
            self._file.close()

    def take_place(self) -> None:
        """It is the file now, in place of what was there."""
        with self._said():
            self._hidden.replace(self._place)

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CannotWriteError(self.path, error) from None


@contextmanager
def whole_files(command: str, *paths: Path) -> Iterator[Sequence[Draft]]:
    """Files that take the places of ``paths`` together when the ``with`` ends well, and are gone if not.

    Raises CannotWriteError.  Ctrl-C, SIGTERM and the terminal's end are said in one line, and end ``command``.
    """
    try:
        with Signals() as signals, ExitStack() as stack:
            drafts = [stack.enter_context(Draft(path)) for path in paths]
            with signals.raised():
                yield drafts
            for draft in drafts:
                draft.close()
            for draft in drafts:
                draft.take_place()
    except StoppedError as stopped:
        say(command, f"stopped; nothing was written to {' and '.join(map(str, paths))}")
        raise typer.Exit(128 + stopped.number) from None


def must_be_writable(path: Path) -> None:
    """Raises CannotWriteError where it cannot even be begun: better known before the work than after it."""
    with Draft(path):
        pass
