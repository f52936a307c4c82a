"""How far is a long command?  A bar on a terminal, else a line now and then; on standard error either way."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from stream.cli.saying import say

LINES_A_LINE = 100_000
"""Where there is no terminal, so many lines are worth a line."""


class Progress(Protocol):
    """Somebody who is told how far it is: often, and it costs nothing."""

    def reached(self, lines: int, done: int) -> None:
        """So many lines, and so much of the total."""
        ...


@contextmanager
def progress_of(command: str, total: int | None, unit: str = "lines") -> Iterator[Progress]:
    """Of ``command``, shown until the end of the ``with``; ``total`` is None where nobody knows, ``unit`` what is counted.

    What is written to standard error meanwhile, stands above the bar.
    """
    if not sys.stderr.isatty():
        yield _Plain(command, unit)
        return
    console = Console(stderr=True)
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[lines]} " + unit),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=console, transient=True) as bar:
        yield _Shown(bar, total)


class _Shown:
    def __init__(self, bar: Bar, total: int | None) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=total, lines=0)

    def reached(self, lines: int, done: int) -> None:
        if lines % 100 == 0:
            self._bar.update(self._task, completed=done, lines=lines)


class _Plain:
    def __init__(self, command: str, unit: str) -> None:
        self._command = command
        self._unit = unit

    def reached(self, lines: int, _done: int) -> None:
        if lines % LINES_A_LINE == 0:
            say(self._command, f"{lines} {self._unit}")
