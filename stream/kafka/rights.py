"""What does Kafka not let us do?  aiokafka says so with errors that look like those of a broker that is in trouble."""

from collections.abc import Sequence

from aiokafka.errors import (
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from stream.kafka.errors import DeniedError

_THINGS: tuple[tuple[type[Exception], str], ...] = (
    (TopicAuthorizationFailedError, "topic"),
    (GroupAuthorizationFailedError, "group"),
    (TransactionalIdAuthorizationFailed, "transactional id"),
)

_SENTENCE = "Unable to get coordinator id for "
"""How aiokafka's admin client names a group."""


def denied(error: BaseException) -> DeniedError | None:
    """What an error of aiokafka's says we may not do; None: it says something else."""
    thing = next((thing for kind, thing in _THINGS if isinstance(error, kind)), None)
    if thing is None:
        return None
    names = _names(error.args[0] if error.args else "")
    return DeniedError(f"{thing}{'s' * (len(names) > 1)} {', '.join(names)}".rstrip())


def _names(told: object) -> Sequence[str]:
    """Of a name, a set of names, or a sentence of aiokafka's with a group's name in it."""
    several = sorted(told) if isinstance(told, set | frozenset) else [told]
    return [str(name).removeprefix(_SENTENCE) for name in several]
