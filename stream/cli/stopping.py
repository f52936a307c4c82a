"""How does a command that is told to end, end at once wherever it stands, and leave nothing behind?"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Self

import typer

from stream.cli.first import ENOUGH
from stream.cli.saying import say


class StoppedError(SystemExit):
    """Somebody said that it is enough, by the signal ``number``; nobody who handles errors on the way is meant.

    An event loop ends with it too, which it would not with a BaseException of our own.
    """

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number


class Signals:
    """Within the ``with``, those that say that it is enough are heard: at once where they are raised, else never too early.

    What tidies up is so never interrupted, nor what renames several files.
    """

    def __init__(self) -> None:
        self._told: int | None = None
        self._raised = False

    def __enter__(self) -> Self:
        # Whoever is started with one of them ignored (nohup) goes on ignoring it.
        heard = [number for number in ENOUGH if signal.getsignal(number) is not signal.SIG_IGN]
        self._before = {number: signal.signal(number, self._hear) for number in heard}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def raised(self) -> Iterator[None]:
        """Raises StoppedError as soon as one comes, or if one has come already."""
        try:
            self._raised = True
            if self._told is not None:
                raise StoppedError(self._told)
            yield
        finally:
            self._raised = False

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        self._told = number
        if self._raised:
            self._raised = False
            raise StoppedError(number)


@contextmanager
def folder_for_once(command: str) -> Iterator[Path]:
    """A new folder, gone with all that is in it at the end of the ``with``, whatever ends it but SIGKILL.

    Ctrl-C, SIGTERM and the terminal's end are said in one line, and end ``command``; event loops are run within the ``with``.
    """
    try:
        with (
            Signals() as signals,
            TemporaryDirectory(prefix="shopwatch-") as folder,
            signals.raised(),
        ):
            yield Path(folder)
    except StoppedError as stopped:
        say(command, "stopped")
        raise typer.Exit(128 + stopped.number) from None
