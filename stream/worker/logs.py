"""What does a worker log?  Little: a broker that is away must not fill a disk with one sentence."""

import logging
import sys

from stream.worker.clock import elapsed_s

SILENCE_S = 60.0
"""The libraries try again many times a second while a broker is away, and say so each time; one of a kind a minute tells as much."""


NO_NEWS = ("Group Coordinator Request failed",)
"""How messages begin that say only that something is not there yet: a Kafka that has just been started chooses the group's
coordinator when it is first asked for it.  One that stays away the worker tells of itself."""


class Sparing(logging.Filter):
    """Lets a message of one template, logger and level through once in SILENCE_S, and what is no news never."""

    def __init__(self) -> None:
        super().__init__()
        self._passed: dict[tuple[str, int, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to let it through."""
        if str(record.msg).startswith(NO_NEWS):
            return False
        kind, now = (record.name, record.levelno, str(record.msg)), elapsed_s()
        before = self._passed.get(kind)
        if before is not None and now - before < SILENCE_S:
            return False
        self._passed[kind] = now
        return True


def log_to_stderr() -> None:
    """Warnings and errors of the libraries, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(Sparing())
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # What aiokafka says of connections lost and found (its client and its connections log under this name) the worker
    # says itself, once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    for part in ("consumer", "producer", "admin"):
        logging.getLogger(f"aiokafka.{part}").setLevel(logging.ERROR)


def say(text: str) -> None:
    """A line for whoever looks after the worker."""
    sys.stderr.write(f"shopwatch worker: {text}\n")
    sys.stderr.flush()


class _OneLine(logging.Formatter):
    """Stack traces of libraries are theirs; the reason for an end is written by `ending`."""

    def format(self, record: logging.LogRecord) -> str:
        """Everything in one line."""
        return " ".join(super().format(record).split())

    def formatException(self, ei: object) -> str:  # noqa: N802, ARG002 - logging's name
        """Nothing: the message names the error."""
        return ""
