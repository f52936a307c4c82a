"""How does a process end that cannot go on?  At once, with one line that says why.

Whatever was not committed is read again by whoever takes over, so the quickest end is also the cleanest (DESIGN 8).
"""

import os
from collections.abc import Awaitable
from typing import NoReturn, Protocol

from stream.worker.errors import WorkerError

REFUSED = 1
"""Exit code of a start that was refused: doing the same again will not help."""

DIED = 70
"""Exit code of a process that met something unexpected (EX_SOFTWARE): starting it again is right."""


class Ending(Protocol):
    """Ends the process; never returns."""

    def __call__(self, reason: str, code: int = DIED) -> NoReturn:
        """End it; ``reason`` is one line."""
        ...


def end_process(reason: str, code: int = DIED) -> NoReturn:
    """Write ``shopwatch worker: reason`` as the last line on standard error and end, without any clean-up."""
    line = " ".join(reason.split())
    os.write(2, f"shopwatch worker: {line}\n".encode("utf-8", "replace"))
    os._exit(code)


class EndWell(Protocol):
    """Ends the process that has done what it was to do; never returns."""

    def __call__(self, summary: str) -> NoReturn:
        """End it; ``summary`` is one line."""
        ...


def end_well(summary: str) -> NoReturn:
    """Print ``summary`` and end with 0.  All is committed, and what Faust still has running cannot hold us up."""
    os.write(1, f"shopwatch worker: {summary}\n".encode("utf-8", "replace"))
    os._exit(0)


def reason_of(doing: str, error: BaseException) -> str:
    """One line for an error that nobody expected."""
    text = str(error)
    return f"{doing}: {type(error).__name__}: {text}" if text else f"{doing}: {type(error).__name__}"


async def guarded(task: Awaitable[None], doing: str, end: Ending) -> None:
    """Run a task to its end, or end the process: nobody else would look at its exception."""
    try:
        await task
    except WorkerError as error:
        end(str(error), REFUSED)
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends the process
        end(reason_of(doing, error))
