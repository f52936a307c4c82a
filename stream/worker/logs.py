"""What does a worker log?  Little: a broker that is away, or a producer gone mad, must not fill a disk with one sentence."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from stream.ops.logs import Log
from stream.worker.clock import elapsed_s
from stream.worker.dead_letters import Origin
from stream.worker.transport import Record

SILENCE_S = 60.0
"""The libraries try again many times a second while a broker is away, and say so each time; one of a kind a minute tells as much."""

NO_NEWS = ("Group Coordinator Request failed",)
"""How messages begin that say only that something is not there yet: a Kafka that has just been started chooses the group's
coordinator when it is first asked for it.  One that stays away the worker tells of itself."""

READ_BY_THEN = frozenset({"wrong_partition", "from_the_future", "too_old"})
"""Reasons of dead letters whose key is known to be a shop; any other's may be whatever its producer took for one."""


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


class Libraries(logging.Handler):
    """Hands what the libraries say to the worker's log, one line each; their stack traces stay with them."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log
        self.addFilter(Sparing())

    def emit(self, record: logging.LogRecord) -> None:
        """One line; the reason for an end is written by `ending`."""
        text = " ".join(record.getMessage().split())
        tell = self._log.error if record.levelno >= logging.ERROR else self._log.warning
        tell(text, logger=record.name)


def take_libraries(log: Log) -> None:
    """From here on warnings and errors of the libraries are lines of ``log``."""
    logging.basicConfig(level=logging.WARNING, handlers=[Libraries(log)])
    # What aiokafka says of connections lost and found (its client and its connections log under this name) the worker
    # says itself, once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    for part in ("consumer", "producer", "admin"):
        logging.getLogger(f"aiokafka.{part}").setLevel(logging.ERROR)


@dataclass(slots=True)
class DeadLetters:
    """Tells of dead letters: the first of a topic and reason at once, then one a minute, with how many came in between."""

    log: Log
    elapsed_s: Callable[[], float] = elapsed_s
    _told: dict[tuple[str, str], float] = field(default_factory=dict)
    _untold: dict[tuple[str, str], int] = field(default_factory=dict)

    def __call__(self, origin: Origin, record: Record, reason: str) -> None:
        """``record``, of ``origin``, goes to the dead letters for ``reason``."""
        kind, now = (origin.topic, reason), self.elapsed_s()
        if now - self._told.get(kind, -SILENCE_S) < SILENCE_S:
            self._untold[kind] = self._untold.get(kind, 0) + 1
            return
        self._told[kind] = now
        bound: dict[str, object] = {**origin._asdict(), "offset": record.offset}
        if reason in READ_BY_THEN and record.key is not None:
            bound["shop"] = record.key.decode()
        if before := self._untold.pop(kind, 0):
            bound["untold_before"] = before
        self.log.warning(f"a record is kept as a dead letter: {reason}", reason=reason, **bound)
