"""From when to when did an alert fire, as far as the compared range sees it?"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from stream.backtest.span import Span
from topics.times import parse_time


class TierOf(NamedTuple):
    """What alerts are matched by: shop, rule and severity."""

    shop: str
    rule: str
    severity: str


class Episode(NamedTuple):
    """An alert from firing to resolving; ``resolved_at`` None if it fires at the end of the range."""

    fired_at: int
    tier: TierOf
    alert_id: str
    resolved_at: int | None
    version: str
    """The policy's that it fired under."""
    metric: str | None

    def begin_in(self, span: Span) -> int:
        """When it begins in the range: one that fired before has its beginning there."""
        return max(self.fired_at, span.begin)

    def end_in(self, span: Span) -> int:
        """From when on it does not fire any more; one that fires at the end goes on for a millisecond beyond it."""
        return span.end + 1 if self.resolved_at is None else self.resolved_at

    def lasts_in(self, span: Span) -> int:
        """How long it fires within the range."""
        return self.end_in(span) - self.begin_in(span)


def episodes(alerts: Iterable[Mapping[str, Any]]) -> Sequence[Episode]:
    """Of documents (DESIGN 6), in the order of firing."""
    return sorted(map(_episode, alerts))


def _episode(alert: Mapping[str, Any]) -> Episode:
    resolved = alert["resolved_at"]
    return Episode(
        parse_time(alert["fired_at"]),
        TierOf(alert["shop_id"], alert["rule"], alert["severity"]),
        alert["alert_id"],
        None if resolved is None else parse_time(resolved),
        alert["policy_version"],
        alert["metric"],
    )
