"""What does a policy do, in plain words?"""

from collections.abc import Collection, Iterable, Iterator
from decimal import Context, Decimal
from fractions import Fraction
from textwrap import indent
from zoneinfo import ZoneInfo

from stream.policy.durations import duration_words
from stream.policy.instants import local_text
from stream.policy.kinds import ALL_FAULTS, ALL_REASONS, ALL_REFUND_KINDS, KINDS, KindTraits
from stream.policy.spec import Exemption, Metric, PolicySet, Rule, Score, ScorePart, Tier, Version

_LANGUAGES = {"en": "English", "zh": "Chinese"}
_EXACT = Context(prec=200)
_PLACED = {
    "decided": "when it is decided",
    "due": "when it is due",
    "paid": "when the order was paid",
    "shipped": "when the order is shipped",
    "requested": "when it was paid, and a request when it is made",
}
_DATED = {
    "paid": "payment",
    "due": "promised ship time",
    "shipped": "shipping",
    "requested": "request",
    "decided": "verdict",
}
_REGION_OF = {"ship_from": "ship-from", "ship_to": "ship-to", "either": "ship-from or ship-to"}


def describe(policy_set: PolicySet) -> str:
    """Every version, metric, rule, score and exemption in sentences; local times are of the version named with them."""
    count = len(policy_set.versions)
    head = f"Policy {policy_set.name}, {count} version{'' if count == 1 else 's'}."
    parts = [head, *map(_version, policy_set.versions)]
    if policy_set.exemptions:
        zone = ZoneInfo(policy_set.versions[-1].time_zone)
        said = "\n".join(indent(_exemption(each, zone), "  ") for each in policy_set.exemptions)
        parts.append(f"Exemptions, for all versions (times of {zone.key}, both ends included):\n{said}")
    return "\n\n".join(parts) + "\n"


def _version(version: Version) -> str:
    since = local_text(version.effective_from, ZoneInfo(version.time_zone))
    languages = _and(_LANGUAGES[language] for language in version.languages)
    head = (
        f"Version {version.version}, in force since {since} ({version.time_zone}). Messages are in {languages}; "
        f"what happens more than {duration_words(version.keep)} after an order's payment counts for nothing."
    )
    said = [_metric(metric) for metric in version.metrics.values()]
    said += [_score(score, version) for score in version.scores.values()]
    said += [_rule(rule, version) for rule in version.rules.values()]
    return "\n".join([head, *(indent(each, "  ") for each in said)])


def _metric(metric: Metric) -> str:
    traits = KINDS[metric.kind]
    return f"Metric {metric.name}: the share of {traits.unit} {traits.share} ({metric.kind}). " + " ".join(
        _options(metric, traits)
    )


def _options(metric: Metric, traits: KindTraits) -> Iterator[str]:
    yield f"Goods: {_and(sorted(metric.goods))}."
    if "pickup_within" in traits.options:
        yield f"The first scan has to come within {duration_words(metric.pickup_within)} of shipping."
    if metric.resolve_within is not None:
        yield f"A request has to be resolved within {duration_words(metric.resolve_within)}."
    if "kinds" in traits.options:
        yield from _requests(metric)
    if metric.promise_reasons != ALL_REASONS:
        reasons = _or(sorted(metric.promise_reasons))
        yield (
            f"A new promise counts only if its reason is {reasons}."
            if reasons
            else "A new promise never counts."
        )
    if metric.retroactive_promises:
        yield "A new promise counts even if it comes after the old one has passed."
    yield f"Each counts {_PLACED[metric.anchor]}{_lag(metric.lag)}."


def _requests(metric: Metric) -> Iterator[str]:
    if metric.kinds != ALL_REFUND_KINDS:
        yield f"Only requests whose kind is {_or(sorted(metric.kinds))} count."
    if metric.reasons is not None:
        yield f"Only requests whose reason is {_or(sorted(metric.reasons))} count."
    if metric.faults != ALL_FAULTS:
        yield f"Only requests whose fault is with {_or(sorted(metric.faults))} count."


def _lag(lag: int) -> str:
    return f", leaving out the last {_every(lag)}" if lag else ""


def _rule(rule: Rule, version: Version) -> str:
    name = rule.score or rule.metric
    what = f"the {'score' if rule.score else 'metric'} {name}"
    metric = version.metrics.get(rule.metric or "")
    head = (
        f"Rule {rule.name}: {what} over the last {_every(rule.window)}, moving on every {_every(rule.pane)}."
    )
    tiers = [_tier(tier, KINDS[metric.kind] if metric else None) for tier in rule.tiers]
    return "\n".join([head, *(indent(tier, "  ") for tier in tiers)])


def _every(length: int) -> str:
    """``length`` behind "every" or "the last": ``hour``, ``30 days``."""
    return duration_words(length).removeprefix("1 ")


def _tier(tier: Tier, traits: KindTraits | None) -> str:
    """One tier; ``traits`` are of its metric's kind, None for a score."""
    fires = ", or ".join([*_by_threshold(tier, traits), *_by_count(tier, traits)])
    held = f", and this has lasted {duration_words(tier.hold)}" if tier.hold else ""
    said = f"{tier.severity} fires when {fires}{_ahead(tier)}{held}. It ends {_end(tier, traits)}."
    return said + (" It is a penalty." if tier.penalty else "")


def _ahead(tier: Tier) -> str:
    if tier.forecast is None:
        return ""
    return f", or would be so within {duration_words(tier.forecast)} if nothing more were shipped"


def _by_threshold(tier: Tier, traits: KindTraits | None) -> Iterator[str]:
    threshold = tier.below or tier.above
    if threshold is None:
        return
    side = "less than" if tier.below else "more than"
    if traits is None:
        yield f"the score is {side} {_plain(threshold.value)}"
        return
    bad = f" and at least {tier.min_bad} of them are bad" if tier.min_bad else ""
    of = f"at least {tier.min_orders}" if tier.min_orders > 1 else "all"
    yield f"{side} {_percent(threshold.value)} of {of} {traits.unit} were {traits.share}{bad}"


def _by_count(tier: Tier, traits: KindTraits | None) -> Iterator[str]:
    if tier.bad_above is not None and traits:
        yield f"more than {tier.bad_above} {traits.unit} are bad, however few there are"


def _end(tier: Tier, traits: KindTraits | None) -> str:
    kept = f", and this has lasted {duration_words(tier.keep_firing)}" if tier.keep_firing else ""
    if tier.clear_at is None:
        return f"when that is over{kept}"
    side = "or more" if tier.below else "or less"
    level = _percent(tier.clear_at.value) if traits else _plain(tier.clear_at.value)
    otherwise = f", or with too few {traits.unit} to judge" if traits else ", or with no score"
    return f"at {level} {side}{otherwise}{kept}"


def _score(score: Score, version: Version) -> str:
    missing = "is left out" if score.missing is None else f"has {_plain(score.missing)} points"
    parts = "\n".join(f"  {_part(part, version)}" for part in score.parts)
    return (
        f"Score {score.name}: the weighted mean over the last {_every(score.window)}, moving on every "
        f"{_every(score.pane)}, of these; a part with too few {missing}.\n{parts}"
    )


def _part(part: ScorePart, version: Version) -> str:
    traits = KINDS[version.metrics[part.metric].kind]
    least = f", if at least {part.min_orders} {traits.unit} are counted" if part.min_orders > 1 else ""
    return f"{part.metric} with the weight {_plain(part.weight)}: {_points(part, traits)}{least}."


def _points(part: ScorePart, traits: KindTraits) -> str:
    if part.points is None:
        return "the share itself" if traits.beyond == "below" else "one less the share"
    return ", ".join(f"{_plain(points)} points at {_percent(rate)}" for rate, points in part.points)


def _exemption(exemption: Exemption, zone: ZoneInfo) -> str:
    conditions = " and ".join(_conditions(exemption, zone))
    published = exemption.published_at
    known = "" if published is None else f" It holds from {local_text(published, zone)} on."
    which = f" {conditions}" if conditions else ""
    metrics = _and(sorted(exemption.metrics))
    return f"{exemption.id}: for {metrics}, orders{which} {_effect(exemption, zone)}.{known}"


def _conditions(exemption: Exemption, zone: ZoneInfo) -> Iterator[str]:
    if exemption.start is not None or exemption.end is not None:
        yield f"whose {_DATED[exemption.anchor]} lies {_range(exemption, zone)}"
    if exemption.regions is not None:
        yield f"whose {_REGION_OF[exemption.region_of]} region lies in {_or(sorted(exemption.regions))}"
    if exemption.goods is not None:
        yield f"whose goods are {_or(sorted(exemption.goods))}"
    if exemption.categories is not None:
        yield f"whose category is {_or(sorted(exemption.categories))}"


def _range(exemption: Exemption, zone: ZoneInfo) -> str:
    start = None if exemption.start is None else local_text(exemption.start, zone)
    end = None if exemption.end is None else _last(exemption.end, zone)
    if start and end:
        return f"between {start} and {end}"
    return f"not before {start}" if start else f"not after {end}"


def _last(end: int, zone: ZoneInfo) -> str:
    """The end of a range; a whole second that is included is written as such (SEMANTICS T6)."""
    return local_text(end - 999 if end % 1000 == 999 else end, zone)


def _effect(exemption: Exemption, zone: ZoneInfo) -> str:
    if exemption.by is not None:
        return f"have {duration_words(exemption.by)} longer"
    if exemption.until is not None:
        return f"have until {local_text(exemption.until, zone)}"
    return {
        "drop": "count on neither side",
        "count_good": "count as good where they would be bad",
        "forgive": "count on neither side where they would be bad",
        "penalty_only": "count on neither side of tiers that are penalties",
    }[exemption.effect]


def _percent(share: Fraction) -> str:
    return f"{_plain(share * 100)} %"


def _plain(number: Fraction) -> str:
    """A decimal in digits, without zeros that say nothing."""
    exact = _EXACT.divide(Decimal(number.numerator), Decimal(number.denominator))
    return f"{exact.normalize(_EXACT):f}"


def _and(words: Iterable[str]) -> str:
    return _joined(list(words), "and")


def _or(words: Iterable[str]) -> str:
    return _joined(list(words), "or")


def _joined(words: Collection[str], word: str) -> str:
    *most, last = words or [""]
    return f"{', '.join(most)} {word} {last}" if most else last
