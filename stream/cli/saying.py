"""How does a command speak of what goes wrong?  In one line, on standard error, under its own name."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

import typer
from aiokafka.errors import KafkaError

from stream.kafka.errors import DeniedError, RefusedError, SilentError
from stream.kafka.rights import denied
from stream.ops.logs import Form, Level, new_log, settled
from stream.worker.clock import now_ms


class CommandError(Exception):
    """Its text is one line for the user: what is wrong, and what to do."""


def printable(text: str) -> str:
    """``text`` on one line that no terminal obeys: what cannot be printed is shown as its code."""
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)


SERVICES = frozenset({"api", "notify"})
"""Commands that run for months: who collects what they say is told as the worker tells it (`stream.ops.logs`)."""


def say(command: str, text: str, level: Level = "info", stream: TextIO | None = None) -> None:
    """A line of ``command`` for whoever started it; what cannot be printed is shown as its code.  Default: on standard error."""
    if command in SERVICES and (form := _form()) == "json":
        log = new_log(command, form, now_ms, stream)
        {"info": log.info, "warning": log.warning, "error": log.error}[level](text)
        return
    out = stream or sys.stderr
    out.write(f"shopwatch {command}: {printable(text)}\n")
    out.flush()


def _form() -> Form:
    """That of the environment, where `stream.cli.main` has put that of a file."""
    told = os.environ.get("SHOPWATCH_LOG", "auto")
    return settled("json" if told == "json" else "console" if told == "console" else "auto")


@contextmanager
def errors_in_one_line(command: str, *kinds: type[Exception]) -> Iterator[None]:
    """Errors of ``kinds``, of Kafka and of files end the command with one line and exit code 1."""
    by_kafka = (RefusedError, DeniedError, SilentError)
    expected: tuple[type[Exception], ...] = (CommandError, *by_kafka, OSError, *kinds)
    try:
        yield
    except BrokenPipeError:  # whoever read our output has enough of it: `main` ends quietly
        raise
    except KafkaError as error:
        say(command, str(denied(error) or f"Kafka failed: {error}"), "error")
    except expected as error:
        say(command, str(error), "error")
    else:
        return
    raise typer.Exit(1)
