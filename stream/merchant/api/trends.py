"""How has a rule's rate moved lately?  A short history of each, of what has been followed since the process began."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from stream.policy.durations import milliseconds
from topics.rates import RuleRates
from topics.times import rfc3339

KEPT = 24
"""So many points a rule: 16 bytes each, so that 100,000 shops with five rules have 190 MB of them at the very most."""

PARTS = 36
"""Within this part of its window the latest rate of a rule counts: what is kept reaches back two thirds of a window."""

WITHOUT_WINDOW = 3_600_000
"""The window of a score is not in the document; milliseconds."""


class Point(Struct, frozen=True):
    """A rate, or a score, and since when it was so."""

    at: str
    value: float


@dataclass(slots=True)
class Trend:
    """Values by their time, at least ``spacing`` milliseconds apart."""

    spacing: int
    _kept: "array[float]" = field(default_factory=lambda: array("d"))
    """Time, value, time, value: an instant in milliseconds is exact in 53 bits."""

    def take(self, at: int, value: float) -> None:
        """At ``at`` it is ``value``; within the spacing, and where time seems to go back, that is the latest point's value."""
        if self._kept and at < self._kept[-2] + self.spacing:
            self._kept[-1] = value
            return
        self._kept.extend((at, value))
        if len(self._kept) > 2 * KEPT:
            del self._kept[:2]

    def points(self) -> Sequence[Point]:
        """The oldest first."""
        return [
            Point(rfc3339(int(at)), value)
            for at, value in zip(self._kept[::2], self._kept[1::2], strict=True)
        ]


def spacing_of(rule: RuleRates) -> int:
    """How far apart the points of a rule are; milliseconds."""
    length = milliseconds(rule.window) if rule.window else None
    return (length or WITHOUT_WINDOW) // PARTS


def measure(rule: RuleRates) -> float | None:
    """The rate of a rule as its first tier counts it, or its score."""
    if not rule.tiers:
        return None
    first = rule.tiers[0]
    return first.rate if first.score is None else first.score
