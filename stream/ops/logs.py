"""What does a service say of itself, and in which form?  JSON lines for machines, sentences for who sits before it.

A line has an ``event``, which is a whole sentence, and what it is bound to: partition, topic, offset, shop.  Never a value of an
event, a password or a token: an event's fields are a customer's, and nobody knows who reads logs.
"""

import os
import sys
from collections.abc import Callable, MutableMapping
from functools import partial
from typing import Any, Literal, Protocol, TextIO

import orjson

from topics.times import rfc3339

Form = Literal["auto", "json", "console"]
"""``auto``: sentences where standard error is a terminal."""

Event = MutableMapping[str, Any]
Level = Literal["info", "warning", "error"]


class Log(Protocol):
    """A line a call: a whole sentence, and what it is bound to beside what the log is bound to already."""

    def bind(self, **bound: object) -> "Log":
        """A log all of whose lines are bound to this, too."""
        ...

    def info(self, event: str, /, **bound: object) -> None:
        """Something has happened as it should."""
        ...

    def warning(self, event: str, /, **bound: object) -> None:
        """Something has not, and it goes on."""
        ...

    def error(self, event: str, /, **bound: object) -> None:
        """It does not go on, and starting it again will not help."""
        ...

    def critical(self, event: str, /, **bound: object) -> None:
        """It does not go on; it is to be started again."""
        ...


class Say(Protocol):
    """A line of a service for whoever runs it: a whole sentence, and whether all is as it should be."""

    def __call__(self, text: str, level: Level = "info", /) -> None:
        """Say it."""
        ...


def settled(form: Form) -> Form:
    """The form that ``auto`` comes to here."""
    return ("console" if sys.stderr.isatty() else "json") if form == "auto" else form


def new_log(service: str, form: Form, now_ms: Callable[[], int], stream: TextIO | None = None) -> Log:
    """A log of ``service`` on ``stream`` (default: standard error), in one write a line, so that threads do not mix."""
    import structlog  # noqa: PLC0415 - it takes a quarter of a second, which only who logs need wait for

    out, console = stream or sys.stderr, settled(form) == "console"
    log: Log = structlog.wrap_logger(
        _Lines(out),
        processors=[
            structlog.processors.add_log_level,
            partial(_sentence, service) if console else partial(_document, service, now_ms),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        context_class=dict,
    )
    return log


class _Lines:
    """Whatever the level is called, a line is a line; and it is out when the call returns, whatever happens then."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def info(self, line: str) -> None:
        """Write it."""
        try:
            self._out.flush()
            os.write(self._out.fileno(), f"{line}\n".encode("utf-8", "replace"))
        except (OSError, ValueError):  # it is broken, or closed: nobody reads it
            return

    warning = error = critical = info


def _document(service: str, now_ms: Callable[[], int], _log: Any, _method: str, event: Event) -> str:
    first = {
        "timestamp": rfc3339(now_ms()),
        "level": event.pop("level"),
        "service": service,
        "event": event.pop("event"),
    }
    return orjson.dumps({**first, **event}, default=str).decode()


def _sentence(service: str, _log: Any, _method: str, event: Event) -> str:
    del event["level"]
    text = f"shopwatch {service}: {event.pop('event')}"
    bound = " ".join(f"{name}={value}" for name, value in event.items())
    line = f"{text} [{bound}]" if bound else text
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in line)
