"""What does a policy say that a tier of it hangs on, and in what do two policies differ there?

Settings are named as in the file, ``rules.late_shipping.critical.below`` without what names rule and severity: ``below``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import NamedTuple

from stream.backtest.span import metrics_of, version_at
from stream.policy.digests import meaning
from stream.policy.durations import duration_text
from stream.policy.spec import Exemption, Metric, Number, PolicySet, Rule, Score, Tier, Version

TIER = "tier"
"""Stands for all settings of a tier that is not there."""

LINES = ("below", "above")
CLEARING = ("clear_at", "keep_firing_for")
OF_TIER = frozenset({*LINES, *CLEARING, "min_orders", "min_bad", "bad_above", "for", "penalty", "forecast"})
OF_RULE = frozenset({"metric", "score", "window", "pane"})
_NOTHING = "-"


class Setting(NamedTuple):
    """One in which two policies differ, as text; ``-`` where one does not have it."""

    name: str
    baseline: str
    candidate: str


class Spec(NamedTuple):
    """A tier as it is in force at an instant."""

    version: Version
    rule: Rule
    tier: Tier


def spec_at(policy: PolicySet, rule: str, severity: str, t: int) -> Spec | None:
    """What ``policy`` says of the tier at ``t``; None if there is none then."""
    version = version_at(policy, t)
    found = version.rules.get(rule) if version else None
    tiers = found.tiers if found else ()
    tier = next((tier for tier in tiers if tier.severity == severity), None)
    return Spec(version, found, tier) if version and found and tier else None


def differing(
    baseline: PolicySet, candidate: PolicySet, before: Spec | None, after: Spec | None
) -> list[Setting]:
    """All settings in which the two differ, the tier's own first."""
    if before is None or after is None:
        return [] if before is after else [Setting(TIER, _is_there(before), _is_there(after))]
    old, new = dict(_settings(baseline, before)), dict(_settings(candidate, after))
    return [
        Setting(name, old.get(name, _NOTHING), new.get(name, _NOTHING))
        for name in dict.fromkeys([*old, *new])
        if old.get(name, _NOTHING) != new.get(name, _NOTHING)
    ]


def all_differing(baseline: PolicySet, candidate: PolicySet, t: int) -> list[Setting]:
    """All settings of all tiers in which the two differ at ``t``, each once and by its whole name."""
    old, new = _tiers_at(baseline, t), _tiers_at(candidate, t)
    found: dict[Setting, None] = {}
    for rule, severity in dict.fromkeys([*old, *new]):
        for setting in differing(baseline, candidate, old.get((rule, severity)), new.get((rule, severity))):
            found[setting._replace(name=_whole_name(rule, severity, setting.name))] = None
    return list(found)


def _tiers_at(policy: PolicySet, t: int) -> Mapping[tuple[str, str], Spec]:
    version = version_at(policy, t)
    return {
        (rule.name, tier.severity): Spec(version, rule, tier)
        for rule in (version.rules.values() if version else ())
        for tier in rule.tiers
        if version
    }


def _whole_name(rule: str, severity: str, name: str) -> str:
    if name == TIER:
        return f"rules.{rule}.{severity}"
    if name in OF_TIER:
        return f"rules.{rule}.{severity}.{name}"
    return f"rules.{rule}.{name}" if name in OF_RULE else name


def _is_there(spec: Spec | None) -> str:
    return "none" if spec is None else "there"


def _settings(policy: PolicySet, spec: Spec) -> Iterator[tuple[str, str]]:
    """Every setting with its value; exemptions with their content behind the name, so that a change of it shows."""
    version, rule, tier = spec
    yield from _of_tier(tier)
    yield from (("metric", rule.metric or _NOTHING), ("score", rule.score or _NOTHING))
    yield from (("window", duration_text(rule.window)), ("pane", duration_text(rule.pane)))
    if rule.score is not None:
        yield f"scores.{rule.score}", _score_text(version.scores[rule.score])
    for name in metrics_of(version, rule):
        for key, value in _of_metric(version.metrics[name]):
            yield f"metrics.{name}.{key}", value
    yield "keep", duration_text(version.keep)
    for exemption in policy.exemptions:
        if exemption.metrics & set(metrics_of(version, rule)):
            yield f"exemptions.{exemption.id}", _exemption_text(exemption)


def _of_tier(tier: Tier) -> Iterator[tuple[str, str]]:
    for name in ("below", "above", "clear_at"):
        yield name, _number(getattr(tier, name))
    for name in ("min_orders", "min_bad", "bad_above"):
        value = getattr(tier, name)
        yield name, _NOTHING if value is None else str(value)
    yield from (("for", duration_text(tier.hold)), ("keep_firing_for", duration_text(tier.keep_firing)))
    yield "penalty", str(tier.penalty).lower()
    yield "forecast", _NOTHING if tier.forecast is None else duration_text(tier.forecast)


def _of_metric(metric: Metric) -> Iterator[tuple[str, str]]:
    for each in fields(metric):
        value = getattr(metric, each.name)
        if each.name in {"lag", "pickup_within", "resolve_within"}:
            yield each.name, _NOTHING if value is None else duration_text(value)
        elif isinstance(value, frozenset):
            yield each.name, ", ".join(sorted(value)) or "none"
        elif each.name != "name":
            yield each.name, "all" if value is None else str(value).lower()


def _score_text(score: Score) -> str:
    """Parts by weight; points and least numbers behind them where they are other than the default."""
    parts = [f"{part.weight} {part.metric} from {part.min_orders} on" for part in score.parts]
    points = [str(meaning(part.points)) for part in score.parts if part.points]
    missing = "" if score.missing is None else f"; missing {score.missing}"
    return "; ".join([", ".join(parts), *points]) + missing


def _exemption_text(exemption: Exemption) -> str:
    content: Mapping[str, object] = {
        each.name: meaning(getattr(exemption, each.name)) for each in fields(exemption)
    }
    return ", ".join(
        f"{name} {value}" for name, value in content.items() if value is not None and name != "id"
    )


def _number(number: Number | None) -> str:
    return _NOTHING if number is None else number.text
