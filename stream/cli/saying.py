"""How does a command speak of what goes wrong?  In one line, on standard error, under its own name."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from aiokafka.errors import KafkaError


class CommandError(Exception):
    """Its text is one line for the user: what is wrong, and what to do."""


def say(command: str, text: str) -> None:
    """A line of ``command`` for whoever started it; what cannot be printed is shown as its code."""
    line = "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)
    sys.stderr.write(f"shopwatch {command}: {line}\n")
    sys.stderr.flush()


@contextmanager
def errors_in_one_line(command: str, *kinds: type[Exception]) -> Iterator[None]:
    """Errors of ``kinds``, of Kafka and of files end the command with one line and exit code 1."""
    expected: tuple[type[Exception], ...] = (CommandError, OSError, *kinds)
    try:
        yield
    except BrokenPipeError:  # whoever read our output has enough of it: `main` ends quietly
        raise
    except KafkaError as error:
        say(command, f"Kafka failed: {error}")
    except expected as error:
        say(command, str(error))
    else:
        return
    raise typer.Exit(1)
