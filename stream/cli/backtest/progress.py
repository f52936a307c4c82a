"""How far is a backtest?  A bar on a terminal, silence elsewhere; on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from stream.backtest.known import Progress, Silent


@contextmanager
def shown() -> Iterator[Progress]:
    """Somebody to tell, until the end of the ``with``."""
    if not sys.stderr.isatty():
        yield Silent()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Shown(bar)


class _Shown:
    """A bar for what is done now."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._what = ""
        self._task = TaskID(0)

    def reached(self, what: str, done: int, total: int | None) -> None:
        """A new bar where something else begins."""
        if what != self._what:
            if self._what:
                self._bar.remove_task(self._task)
            self._what, self._task = what, self._bar.add_task(what, total=total)
        text = what if total is not None else f"{done:,} {what}"
        self._bar.update(self._task, completed=done, total=total, description=text)
