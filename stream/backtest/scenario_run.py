"""Does a policy do what its tests expect?  Each test is replayed by the engine that runs live."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from zoneinfo import ZoneInfo

from stream.backtest.replay import replay
from stream.backtest.scenario import COUNTS, Check, Expected, Scenario, Suite
from stream.policy.durations import duration_text
from stream.policy.instants import local_text
from topics.times import parse_time


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one test; ``differences`` is empty if that is what was expected, else a line each."""

    scenario: Scenario
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Got:
    """An alert that came."""

    shop: str
    rule: str
    severity: str
    fired_at: int
    resolved_at: int | None
    resolved_because: str | None
    counts: Mapping[str, int | None]

    @classmethod
    def of(cls, document: Mapping[str, object]) -> "_Got":
        """An alert of the topic ``alerts``."""
        resolved_at = cast("str | None", document["resolved_at"])
        at_fire = cast("Mapping[str, int | None]", document["at_fire"])
        return cls(
            shop=str(document["shop_id"]),
            rule=str(document["rule"]),
            severity=str(document["severity"]),
            fired_at=parse_time(str(document["fired_at"])),
            resolved_at=None if resolved_at is None else parse_time(resolved_at),
            resolved_because=cast("str | None", document["resolved_because"]),
            counts={key: at_fire[key] for key in COUNTS},
        )

    def answers(self, expected: Expected) -> bool:
        """It is the alert that was expected."""
        same = all(
            getattr(self, key) == getattr(expected, key)
            for key in ("shop", "rule", "severity", "fired_at", "resolved_at")
        )
        because = expected.resolved_because in {None, self.resolved_because}
        return (
            same
            and because
            and all(value in {None, self.counts[key]} for key, value in expected.counts.items())
        )

    def fires(self, check: Check) -> bool:
        """It fires at the instant of the check, in its shop."""
        ended = self.resolved_at is not None and self.resolved_at <= check.at
        return self.shop == check.shop and self.fired_at <= check.at and not ended


def run(suite: Suite) -> Iterator[Outcome]:
    """The outcome of each test, in the order of the file."""
    zone = ZoneInfo(suite.policy.versions[-1].time_zone)
    for scenario in suite.scenarios:
        replayed = replay(suite.policy, scenario.events, scenario.until)
        got = [_Got.of(alert) for alert in replayed.alerts]
        words = _Words(scenario.start, zone)
        yield Outcome(scenario, tuple(_differences(scenario, got, replayed.end_ms, words)))


def _differences(scenario: Scenario, got: Sequence[_Got], end: int | None, words: "_Words") -> Iterator[str]:
    if scenario.expected is not None:
        yield from _of_alerts(scenario.expected, got, words)
    for check in scenario.checks:
        yield from _of_check(check, got, end, words)


def _of_alerts(expected: Sequence[Expected], got: Sequence[_Got], words: "_Words") -> Iterator[str]:
    """Exactly what was expected has to come, and nothing else."""
    rest = list(got)
    for each in expected:
        answer = next((alert for alert in rest if alert.answers(each)), None)
        if answer is None:
            yield f"expected {words.alert(each)}"
        else:
            rest.remove(answer)
    yield from (f"got      {words.alert(alert)}" for alert in rest)


def _of_check(check: Check, got: Sequence[_Got], end: int | None, words: "_Words") -> Iterator[str]:
    at = words.time(check.at)
    if end is None or check.at > end:
        yield f"at {at} nothing is decided yet: the events end before it; write until"
        return
    firing = sorted(f"{alert.rule}.{alert.severity}" for alert in got if alert.fires(check))
    if firing != sorted(check.firing):
        wanted = ", ".join(sorted(check.firing)) or "silence"
        yield f"expected at {at} of {check.shop}: {wanted}"
        yield f"got      at {at} of {check.shop}: {', '.join(firing) or 'silence'}"


@dataclass(frozen=True, slots=True)
class _Words:
    """How alerts and times are told: as the test writes them, and as the calendar does."""

    start: int
    zone: ZoneInfo

    def time(self, at: int) -> str:
        """``2d (2024-03-03 00:00:00)``."""
        offset = duration_text(at - self.start) if at >= self.start else f"-{duration_text(self.start - at)}"
        return f"{offset} ({local_text(at, self.zone)})"

    def alert(self, alert: Expected | _Got) -> str:
        """All that is known of it."""
        resolved = (
            "still firing" if alert.resolved_at is None else f"resolved at {self.time(alert.resolved_at)}"
        )
        because = f", {alert.resolved_because}" if alert.resolved_because else ""
        counts = "".join(f", {count} {key}" for key, count in alert.counts.items() if count is not None)
        named = f"{alert.rule}.{alert.severity} of {alert.shop}"
        return f"{named}, fired at {self.time(alert.fired_at)}, {resolved}{because}{counts}"
