"""Which series are there from the start, at 0?  Those that are bounded by topics, rules and results."""

from collections.abc import Iterator, Mapping

from stream.ops import catalogue as show
from stream.ops.catalogue import Metric
from stream.ops.watched import Watched
from topics.catalogue import INPUTS

RESULTS = ("joined", "repeated", "late", "dead_letter")
"""What becomes of an event; of a drain's ``after_until`` there is nothing to wait for."""


def expected(watched: Watched) -> Iterator[tuple[Metric, Mapping[str, str]]]:
    """For a worker that watches all this."""
    for topic in INPUTS:
        yield show.BATCHES, {"topic": topic}
        yield show.HOLES, {"topic": topic}
        for result in RESULTS:
            yield show.EVENTS, {"topic": topic, "result": result}
    for rule, severity in watched.tiers:
        yield show.LASTED, {"rule": rule}
        yield show.FLAPS, {"rule": rule, "severity": severity}
        for state in ("firing", "resolved"):
            yield show.ALERTS, {"rule": rule, "severity": severity, "state": state}
