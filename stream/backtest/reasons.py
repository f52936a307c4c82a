"""Why did an alert change?  What both policies saw at the instant at which they parted, and which settings parted them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from stream.backtest.comparing import Change
from stream.backtest.conditions import Condition, Counted, beyond, good_share, unmet
from stream.backtest.settings import CLEARING, LINES, OF_TIER, TIER, Setting, Spec, differing, spec_at
from stream.policy.durations import duration_text
from stream.policy.spec import PolicySet, Tier

What = Literal["fires", "resolves"]

_SETTINGS: Mapping[Condition, Sequence[str]] = {
    "line": (*LINES, "bad_above"),
    "min_orders": ("min_orders", "bad_above"),
    "min_bad": ("min_bad", "bad_above"),
    "bad_above": ("bad_above", *LINES),
    "score": LINES,
}
"""What a condition is set by."""


class Seen(NamedTuple):
    """What a policy saw of a shop and a tier at an instant."""

    state: str
    good: int | None
    bad: int | None
    counted: int | None
    rate: float | None
    threshold: float | None
    headroom: int | None
    score: float | None

    @property
    def counts(self) -> Counted:
        """As far as there are any."""
        return Counted(self.good or 0, self.bad or 0, self.counted or 0, self.score)

    @property
    def rate_text(self) -> str:
        """The rate, or the score.  Digits are cut: what is below a line is never said to be at it."""
        if self.score is not None:
            return f"a score of {self.score:g}"
        if self.rate is None:
            return "no score" if self.counted is None else "no rate"
        whole, part = divmod(round(self.rate * 1_000_000) // 100, 100)
        return f"{whole}.{part:02} %"


class Question(NamedTuple):
    """Where two policies part over an alert: one ``does`` something at ``at`` which the other does not do then."""

    what: What
    at: int
    by_candidate: bool
    """Whether it is the candidate that does it."""


@dataclass(frozen=True, slots=True)
class Why:
    """The answer."""

    question: Question
    baseline: Seen | None
    """None: it has no such tier at that instant."""
    candidate: Seen | None
    settings: Sequence[Setting]
    """Those that parted them; the nearest first."""
    sentence: str


def questions(change: Change) -> Sequence[Question]:
    """At which instants the two part: over the firing, over the resolving, or both."""
    old, new, found = change.baseline, change.candidate, list[Question]()
    if old is None or new is None:
        mine = old or new
        return () if mine is None else (Question("fires", mine.fired_at, new is not None),)
    if change.fires_later:
        first = min(old, new, key=lambda episode: episode.fired_at)
        found.append(Question("fires", first.fired_at, first is new))
    if old.resolved_at != new.resolved_at:
        # One that fires at the end of the range has not resolved in it.
        resolved = [episode for episode in (old, new) if episode.resolved_at is not None]
        first = min(resolved, key=lambda episode: episode.resolved_at or 0)
        found.append(Question("resolves", first.resolved_at or 0, first is new))
    return found


def seen(rates: Mapping[str, Any] | None, rule: str, severity: str) -> Seen | None:
    """Of a document of the topic ``rates`` what concerns a tier."""
    for of_rule in rates["rules"] if rates else ():
        if of_rule["rule"] == rule:
            for tier in of_rule["tiers"]:
                if tier["severity"] == severity:
                    return Seen(*(tier[name] for name in Seen._fields))
    return None


class Side(NamedTuple):
    """One policy at the instant that is asked for."""

    name: str
    spec: Spec | None
    seen: Seen | None


def why(  # noqa: PLR0913, PLR0917 - both policies, and what each saw
    change: Change,
    question: Question,
    baseline: PolicySet,
    candidate: PolicySet,
    before: Seen | None,
    after: Seen | None,
) -> Why:
    """The answer to one of `questions`."""
    _, rule, severity = change.tier
    old = Side("baseline", spec_at(baseline, rule, severity, question.at), before)
    new = Side("candidate", spec_at(candidate, rule, severity, question.at), after)
    doing, other = (new, old) if question.by_candidate else (old, new)
    settings = differing(baseline, candidate, old.spec, new.spec)
    wanted = _still_firing(other, doing) if question.what == "resolves" else _not_firing(other)
    chosen = _chosen(settings, wanted, counts_differ=_counts(doing) != _counts(other))
    return Why(question, before, after, chosen, _sentence(question, doing, other, settings, change))


def _counts(side: Side) -> Counted | None:
    return side.seen.counts if side.seen else None


def _not_firing(side: Side) -> Collection[str]:
    """The settings by which ``side`` does not fire at the instant."""
    if side.spec is None or side.seen is None:
        return (TIER,)
    if side.seen.state == "firing":  # it has fired before, and holds on
        return CLEARING
    if side.seen.state == "pending":
        return ("for",)
    version, rule, tier = side.spec
    conditions = unmet(rule, tier, side.seen.counts, good=good_share(version, rule))
    return [name for condition in conditions for name in _SETTINGS[condition]]


def _still_firing(side: Side, doing: Side) -> Collection[str]:
    """The settings by which ``side`` does not resolve at the instant at which ``doing`` does."""
    if side.spec is None or side.seen is None:
        return (TIER,)
    version, rule, tier = side.spec
    good, counts = good_share(version, rule), side.seen.counts
    if not unmet(rule, tier, counts, good=good):
        return (*LINES, "bad_above", "clear_at", *_too_few(doing))
    if tier.clear_at is not None and _is_beyond(side.spec, counts, good=good):
        return ("clear_at", *_too_few(doing))
    return ("keep_firing_for",)


def _too_few(doing: Side) -> Collection[str]:
    """Where it resolves because there is too little to judge by, what says how much that is."""
    few = doing.spec and doing.seen and doing.seen.counts.counted < doing.spec.tier.min_orders
    return ("min_orders",) if few else ()


def _is_beyond(spec: Spec, counts: Counted, *, good: bool) -> bool:
    """Whether it is not clear yet."""
    if spec.tier.clear_at is None:
        return False
    if spec.rule.score is not None:
        return counts.score is not None and counts.score < spec.tier.clear_at.value
    return beyond(spec.tier.clear_at, counts, good=good)


def _chosen(settings: Sequence[Setting], wanted: Collection[str], *, counts_differ: bool) -> list[Setting]:
    """Of the settings that differ those that are wanted; and where other counts were seen, those that counting hangs on."""
    names = set(wanted)
    if counts_differ:
        names |= {setting.name for setting in settings} - OF_TIER | {"penalty"}
    chosen = [setting for setting in settings if setting.name in names]
    return chosen or list(settings)


# -- in words


def _sentence(
    question: Question, doing: Side, other: Side, settings: Sequence[Setting], change: Change
) -> str:
    """What the one did, and why the other did not."""
    done = _fired(doing) if question.what == "fires" else _resolved(doing)
    left = _did_not_fire(other) if question.what == "fires" else _did_not_resolve(other)
    said = [f"the {doing.name} {question.what}: {done}", f"the {other.name} does not: {left}"]
    if change.beside is not None:
        said.append("that alert is already a match of another one")
    elif not settings and doing.seen and other.seen:
        said.append("the settings of this instant are the same; an earlier version or alert parted the two")
    return "; ".join(said)


def _fired(side: Side) -> str:
    if side.spec is None or side.seen is None:
        return "by another version"
    tier, counts = side.spec.tier, side.seen.counts
    if tier.bad_above is not None and counts.bad > tier.bad_above:
        return f"{_rate(side.seen)} is more than {tier.bad_above} bad"
    held = f", for {duration_text(tier.hold)}" if tier.hold else ""
    return f"{_rate(side.seen)} is {_line(tier)}{held}"


def _resolved(side: Side) -> str:
    if side.spec is None or side.seen is None:
        return "it has no such tier any more"
    tier, counts = side.spec.tier, side.seen.counts
    held = f", for {duration_text(tier.keep_firing)}" if tier.keep_firing else ""
    if side.spec.rule.score is None and counts.counted < tier.min_orders:
        return f"{_rate(side.seen)} are fewer than min_orders, {tier.min_orders}{held}"
    return f"{_rate(side.seen)} is {_cleared(tier)}{held}"


def _did_not_fire(side: Side) -> str:
    if side.spec is None or side.seen is None:
        return "it has no such tier then"
    version, rule, tier = side.spec
    if side.seen.state == "firing":
        return f"it has been firing since before, at {_rate(side.seen)} now"
    if side.seen.state == "pending":
        return f"{_rate(side.seen)} is {_line(tier)}, but not yet for {duration_text(tier.hold)}"
    conditions = unmet(rule, tier, side.seen.counts, good=good_share(version, rule))
    said = [_lacking(condition, side.seen, tier) for condition in conditions]
    return " and ".join(said) or f"{_rate(side.seen)}, and it has fired and resolved before"


def _did_not_resolve(side: Side) -> str:
    if side.spec is None or side.seen is None:
        return "it has no such tier then"
    version, rule, tier = side.spec
    good, counts = good_share(version, rule), side.seen.counts
    if side.seen.state != "firing":
        return f"it has resolved before, at {_rate(side.seen)} now"
    if not unmet(rule, tier, counts, good=good):
        return f"{_rate(side.seen)} is still {_line(tier)}"
    if _is_beyond(side.spec, counts, good=good):
        return f"{_rate(side.seen)} is not yet {_cleared(tier)}"
    return f"{_rate(side.seen)} is {_cleared(tier)}, but not yet for {duration_text(tier.keep_firing)}"


def _lacking(condition: Condition, seen: Seen, tier: Tier) -> str:
    if condition == "min_orders":
        return f"{_rate(seen)} are fewer than min_orders, {tier.min_orders}"
    if condition == "min_bad":
        return f"{_rate(seen)} are fewer bad than min_bad, {tier.min_bad}"
    if condition == "bad_above":
        return f"{_rate(seen)} is not more than {tier.bad_above} bad"
    return f"{_rate(seen)} is not {_line(tier)}"


def _line(tier: Tier) -> str:
    if tier.below is not None:
        return f"below {tier.below.text}"
    return f"above {tier.above.text}" if tier.above is not None else f"more than {tier.bad_above} bad"


def _cleared(tier: Tier) -> str:
    return "clear" if tier.clear_at is None else f"clear at {tier.clear_at.text}"


def _rate(seen: Seen) -> str:
    """With what it is the rate of."""
    if seen.counted is None:
        return seen.rate_text
    if seen.rate is None:
        return f"{seen.counted} counted"
    return f"{seen.rate_text} ({seen.good} good, {seen.bad} bad of {seen.counted})"
