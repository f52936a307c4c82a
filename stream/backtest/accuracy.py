"""How right are a policy's alerts, and how much did they find?  Precision, recall and lead time against labels.

An alert *fits* an incident of its shop (and of its rule, metric, severity, where the incident names one) if it fires at some
instant from the incident's beginning until so long after its end as what went wrong can still make it fire.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from stream.backtest.cohorts import Day, Matured
from stream.backtest.episodes import Episode, TierOf
from stream.backtest.incidents import Incident
from stream.backtest.span import Span, lag, metrics_of
from stream.policy.spec import PolicySet, Version


@dataclass(frozen=True, slots=True)
class Labels:
    """What there was to find, and which alerts it can speak of.

    ``days`` are those that matured cohorts have; None: the incidents were given, and are all there are.
    """

    incidents: Sequence[Incident]
    days: Mapping[tuple[str, str, str], Sequence[Day]] | None

    @classmethod
    def of_cohorts(cls, matured: Matured) -> "Labels":
        """By default: what ended beyond the line."""
        return cls(matured.incidents, matured.days)

    def speak_of(self, episode: Episode) -> bool:
        """Whether they can tell if it is right: of cohorts, whether that of the day on which it fired has matured."""
        if self.days is None:
            return True
        known = self.days.get((episode.tier.shop, episode.tier.rule, episode.tier.severity), ())
        return any(day.begin <= episode.fired_at < day.end for day in known)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of one policy; a share is None where there is nothing to take it of."""

    judged: int
    """Alerts that fired within the range and of which labels can speak."""
    right: int
    """Of these, alerts that fit an incident."""
    incidents: int
    """Within the range."""
    found: int
    """Of these, incidents that an alert fits."""
    delay_ms: int | None
    """From an incident's beginning to the first alert that fits; the (lower) median of those found."""
    lead_ms: int | None
    """From that alert to the incident's end."""

    @property
    def precision(self) -> float | None:
        """The share of alerts that are right."""
        return self.right / self.judged if self.judged else None

    @property
    def recall(self) -> float | None:
        """The share of incidents that are found."""
        return self.found / self.incidents if self.incidents else None


def accuracy(episodes: Sequence[Episode], policy: PolicySet, labels: Labels, span: Span) -> Accuracy:
    """How ``policy``, whose alerts are ``episodes``, does against ``labels``."""
    fitting = _Fitting(policy, given=labels.days is None, span=span)
    of_shop: dict[str, list[Episode]] = {}
    for episode in episodes:
        of_shop.setdefault(episode.tier.shop, []).append(episode)
    incidents = [each for each in labels.incidents if each.begins <= span.end and each.ends >= span.begin]
    right: set[Episode] = set()
    firsts: list[tuple[Incident, Episode]] = []
    for incident in incidents:
        fits = [each for each in of_shop.get(incident.shop_id, ()) if fitting.fits(each, incident)]
        right.update(fits)
        if fits:
            firsts.append((incident, min(fits)))
    judged = [each for each in episodes if each.fired_at >= span.begin and labels.speak_of(each)]
    return Accuracy(
        judged=len(judged),
        right=sum(episode in right for episode in judged),
        incidents=len(incidents),
        found=len(firsts),
        delay_ms=_median([first.fired_at - incident.begins for incident, first in firsts]),
        lead_ms=_median([incident.ends - first.fired_at for incident, first in firsts]),
    )


def _median(values: Sequence[int]) -> int | None:
    return median_low(values) if values else None


@dataclass(frozen=True, slots=True)
class _Fitting:
    policy: PolicySet
    given: bool
    span: Span

    def fits(self, episode: Episode, incident: Incident) -> bool:
        """Whether the alert is about the incident."""
        tier, version = episode.tier, self._version(episode)
        if incident.rule not in (None, tier.rule) or incident.severity not in (None, tier.severity):
            return False
        if incident.metric is not None and incident.metric not in _metrics(version, tier):
            return False
        until = incident.ends + self._after(version, tier)
        return episode.fired_at <= until and episode.end_in(self.span) > incident.begins

    def _version(self, episode: Episode) -> Version:
        return next(each for each in self.policy.versions if each.version == episode.version)

    def _after(self, version: Version, tier: TierOf) -> int:
        """So long after an incident's end it can still make the tier fire.

        What went wrong at its end is in the window after the metric's lag, for the window's length, and a breach has to last.
        A matured cohort's end is already that of its window.
        """
        rule = version.rules[tier.rule]
        hold = next(each.hold for each in rule.tiers if each.severity == tier.severity)
        return hold + lag(version, rule) + (rule.window if self.given else 0)


def _metrics(version: Version, tier: TierOf) -> set[str]:
    """By name and by kind, those that the tier's rule counts."""
    names = metrics_of(version, version.rules[tier.rule])
    return {*names, *(version.metrics[name].kind for name in names)}
