"""How does a process end that cannot go on?  At once, with one line that says why.

Whatever was not committed is read again by whoever takes over, so the quickest end is also the cleanest (DESIGN 8).
"""

import os
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn, Protocol

from stream.kafka.errors import DeniedError, RefusedError
from stream.kafka.rights import denied
from stream.ops.logs import Log
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


@dataclass(frozen=True, slots=True)
class ProcessEnding:
    """Writes the reason as the last line of ``log`` and ends, without any clean-up."""

    log: Log

    def __call__(self, reason: str, code: int = DIED) -> NoReturn:
        """``error`` is what starting again will not help, ``critical`` what it will."""
        tell = self.log.error if code == REFUSED else self.log.critical
        with suppress(Exception):  # whatever becomes of the line, the process ends
            tell(" ".join(reason.split()))
        os._exit(code)


def end_well(log: Log, summary: str) -> NoReturn:
    """Write ``summary`` to ``log``, which is standard output's, and end with 0.

    All is committed, and what Faust still has running cannot hold us up.
    """
    log.info(summary)
    os._exit(0)


def reason_of(doing: str, error: BaseException) -> str:
    """One line for an error that nobody expected."""
    text, name = str(error), type(error).__name__
    if text.startswith(name):  # aiokafka's say it themselves
        return f"{doing}: {text}"
    return f"{doing}: {name}: {text}" if text else f"{doing}: {name}"


def verdict(doing: str, error: BaseException) -> tuple[str, int]:
    """How an error ends the process: its line, and the exit code."""
    error = denied(error) or error
    if isinstance(error, WorkerError | RefusedError | DeniedError):
        return str(error), REFUSED
    return reason_of(doing, error), DIED


async def guarded(task: Awaitable[None], doing: str, end: Ending) -> None:
    """Run a task to its end, or end the process: nobody else would look at its exception."""
    try:
        await task
    except Exception as error:  # noqa: BLE001 - whatever it is, it ends the process
        end(*verdict(doing, error))
