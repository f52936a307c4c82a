"""From when to when are two policies compared, and how far beyond that must be read?"""

from collections.abc import Iterator
from typing import NamedTuple
from zoneinfo import ZoneInfo

from stream.policy.durations import UNITS
from stream.policy.instants import instant, moment_of, zoned_text
from stream.policy.spec import PolicySet, Rule, Version
from topics.times import rfc3339

MAX_AHEAD_MS = UNITS["d"]
"""An event is dated at most so long after it was recorded (the worker's ``--max-ahead``, as it is by default)."""


class Span(NamedTuple):
    """What is compared: from ``begin`` to ``end``, both included."""

    begin: int
    end: int

    def __str__(self) -> str:
        return f"from {rfc3339(self.begin)} to {rfc3339(self.end)}"

    def local(self, zone: str) -> str:
        """The same for people of ``zone``."""
        begin, end = (zoned_text(at, ZoneInfo(zone)) for at in self)
        return f"from {begin} to {end}"

    @property
    def days(self) -> float:
        """How long it is."""
        return (self.end + 1 - self.begin) / UNITS["d"]


def reach(policy: PolicySet) -> int:
    """How long before an instant there may be a fact that what is judged at it hangs on.

    An order's facts count for ``keep`` after its payment (SEMANTICS F5), what follows from them stays in a window for its
    length and its lag (W2), and a tier may have been pending or clear for ``for`` and ``keep_firing_for`` (R6).
    """
    return max(version.keep for version in policy.versions) + max(
        (
            rule.window + lag(version, rule) + tier.hold + tier.keep_firing
            for version in policy.versions
            for rule in version.rules.values()
            for tier in rule.tiers
        ),
        default=0,
    )


def lag(version: Version, rule: Rule) -> int:
    """Of the metric of ``rule``, or the longest of its score's."""
    return max(version.metrics[name].lag for name in metrics_of(version, rule))


def metrics_of(version: Version, rule: Rule) -> tuple[str, ...]:
    """What ``rule`` counts: a metric, or all those of its score."""
    if rule.metric is not None:
        return (rule.metric,)
    return tuple(part.metric for part in version.scores[rule.score or ""].parts)


def version_at(policy: PolicySet, t: int) -> Version | None:
    """The version in force at ``t``; None before the first (SEMANTICS V1)."""
    return next((version for version in reversed(policy.versions) if version.effective_from <= t), None)


def zone_of(policy: PolicySet) -> str:
    """The time zone whose days are meant: that of the newest version."""
    return policy.versions[-1].time_zone


def day_ends(span: Span, zone: str) -> Iterator[int]:
    """The midnights of ``zone`` after the beginning, up to the end."""
    place = ZoneInfo(zone)
    at = _midnight_after(span.begin, place)
    while at <= span.end:
        yield at
        at = _midnight_after(at, place)


def day_begin(end: int, zone: str) -> int:
    """When the day that ends at the midnight ``end`` began."""
    place = ZoneInfo(zone)
    return _midnight(end - 1, place)


def date_of(at: int, zone: str) -> str:
    """The day of ``zone`` that ``at`` lies in: ``2024-01-31``."""
    return moment_of(at, ZoneInfo(zone)).date().isoformat()


def _midnight(at: int, zone: ZoneInfo) -> int:
    local = moment_of(at, zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None, fold=0)
    return instant(local, zone)


def _midnight_after(at: int, zone: ZoneInfo) -> int:
    # No day is longer than 26 hours, and none shorter than 22.
    next_day = _midnight(at + 26 * UNITS["h"], zone)
    before = _midnight(next_day - 1, zone)
    return before if before > at else next_day
