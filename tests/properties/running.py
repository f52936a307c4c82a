"""How are the properties run?  Settings, and the way from drawn text to what the engine takes."""

import json
from collections.abc import Iterable, Iterator, Sequence

from hypothesis import HealthCheck, settings

from stream.policy.reading import Source, read_policies
from stream.policy.spec import PolicySet
from tests.properties.streams import Event

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

EVERY_RUN = settings(
    max_examples=250, deadline=None, derandomize=True, database=None, suppress_health_check=_SLOW
)
"""The same streams every time, so that a run means the same everywhere."""

FEWER = settings(EVERY_RUN, max_examples=100)
"""The same for what is held against the engine itself."""

LONG = settings(max_examples=5000, deadline=None, suppress_health_check=_SLOW)
"""Other streams every time; what failed once is tried again first."""


def policy_of(texts: Sequence[str]) -> PolicySet:
    """The policy whose files are ``texts``."""
    return read_policies([Source(f"{number}.toml", text) for number, text in enumerate(texts, 1)])


def lines(events: Iterable[Event]) -> Iterator[bytes]:
    """A recording."""
    return (json.dumps(event).encode() for event in events)
