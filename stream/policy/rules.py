"""How are the rules of a policy file read?  ``[rules.NAME]`` and its tiers (SEMANTICS R1, S3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from stream.policy.kinds import KINDS
from stream.policy.spec import Metric, Number, Rule, Score, Tier
from stream.policy.tables import Table
from stream.policy.values import (
    Reader,
    at_least_zero,
    duration,
    flag,
    length,
    listed,
    nearest,
    number,
    rate,
    shown,
    text,
    whole,
)
from stream.policy.windows import WINDOW_KEYS, read_window

_COUNTS = frozenset({"min_orders", "min_bad", "bad_above"})
_TIMERS = frozenset({"for", "keep_firing_for", "penalty"})
_AHEAD = frozenset({"forecast"})
_THRESHOLDS = ("below", "above")


@dataclass(frozen=True, slots=True)
class _Subject:
    """What a rule is about, as far as it is known: the keys for it, its tiers' word and how their numbers are read."""

    keys: frozenset[str]
    counts: frozenset[str]
    ahead: frozenset[str]
    word: str | None
    rates: str
    reader: Reader[Number]


def read_rules(
    document: Table, metrics: Mapping[str, Metric | None], scores: Mapping[str, Score]
) -> dict[str, Rule]:
    """Every rule of the file by its name."""
    return {name: _read_rule(name, table, metrics, scores) for name, table in document.named_tables("rules")}


def _read_rule(
    name: str, table: Table, metrics: Mapping[str, Metric | None], scores: Mapping[str, Score]
) -> Rule:
    own = table.without_tables()  # any table in it is a tier, also one that is called as a key is
    if "score" in own:
        subject, window, pane = _of_score(own, scores)
        metric, score = None, own.text_at("score")
    else:
        subject, window, pane = _of_metric(own, metrics)
        metric, score = own.text_at("metric"), None
    _check_keys(own, subject)
    return Rule(name, metric, score, window, pane, _read_tiers(table, own, subject))


def _of_score(table: Table, scores: Mapping[str, Score]) -> tuple[_Subject, int, int]:
    for key in ("metric", *sorted(WINDOW_KEYS)):
        if key in table:
            message = f"{table.name_of(key)} stands beside a score"
            table.note(key, message, "leave it out: a score takes the place of metric, window and pane")
    name = reference(table, "score", scores)
    score = None if name is None else scores[name]
    subject = _Subject(
        frozenset({"score", "metric"}) | WINDOW_KEYS, frozenset(), frozenset(), "below", "a score", number
    )
    return subject, score.window if score else 1, score.pane if score else 1


def _of_metric(table: Table, metrics: Mapping[str, Metric | None]) -> tuple[_Subject, int, int]:
    if "metric" not in table:
        table.missing("metric", "write the name of a metric or of a score")
    name = reference(table, "metric", metrics)
    metric = None if name is None else metrics[name]
    window, pane = read_window(table, [metric] if metric else [])
    keys = frozenset({"metric"}) | WINDOW_KEYS
    if metric is None:
        return _Subject(keys, _COUNTS, _AHEAD, None, "a metric", at_least_zero), window, pane
    beyond_all = metric.kind == "return" and metric.anchor == "requested"
    reader = at_least_zero if beyond_all else rate
    ahead = _AHEAD if metric.kind == "on_time_ship" else frozenset[str]()
    return _Subject(keys, _COUNTS, ahead, KINDS[metric.kind].beyond, metric.kind, reader), window, pane


def reference(table: Table, key: str, known: Mapping[str, object]) -> str | None:
    """The name at ``key`` if it is one of ``known``; that it is not, is noted."""
    name = table.take(key, text)
    if name is None or name in known:
        return name
    table.note(
        key,
        f"{table.name_of(key)} is {shown(name)}, and there is no {key} of this name",
        nearest(name, known),
    )
    return None


def _check_keys(table: Table, subject: _Subject) -> None:
    allowed = subject.keys | subject.counts | _TIMERS
    for key, value in table.values.items():
        if key in allowed:
            continue
        if key in {*_THRESHOLDS, "clear_at"}:
            remedy = "write it in a tier, such as warning = { " + f"{key} = {shown(value)}" + " }"
            table.note(key, f"{table.name_of(key)} stands on the rule itself", remedy)
        else:
            _refuse(table, key, subject, allowed)


def _refuse(table: Table, key: str, subject: _Subject, allowed: frozenset[str]) -> None:
    if key in _COUNTS:
        remedy = "leave it out: how many orders a part needs, the score says itself"
        table.note(key, f"{table.name_of(key)} does not go with {subject.rates}", remedy)
    elif key == "forecast":
        message = f"{table.name_of(key)} does not go with {subject.rates}"
        table.note(key, message, "leave it out: only a tier on an on_time_ship metric looks ahead")
    else:
        table.note(key, f"{table.name_of(key)} is no key that is known here", nearest(key, allowed))


def _read_tiers(table: Table, own: Table, subject: _Subject) -> tuple[Tier, ...]:
    names = [name for name in table.values if name not in own]
    if not names:
        word = subject.word or "below"
        table.note(None, f"{table.label} has no tier", f"add one, such as warning = {{ {word} = 0.90 }}")
    defaults = _Options.read(own, _NONE)
    tiers = [child for name in names if (child := table.table(name))]
    return tuple(_read_tier(name, tier, subject, defaults) for name, tier in zip(names, tiers, strict=True))


@dataclass(frozen=True, slots=True)
class _Options:
    """What may stand on the rule for all its tiers, a tier's own winning."""

    min_orders: int
    min_bad: int | None
    bad_above: int | None
    hold: int
    keep_firing: int
    penalty: bool

    @classmethod
    def read(cls, table: Table, outer: "_Options") -> "_Options":
        return cls(
            table.take("min_orders", whole(1), outer.min_orders),
            table.take("min_bad", whole(0), outer.min_bad),
            table.take("bad_above", whole(0), outer.bad_above),
            table.take("for", duration, outer.hold),
            table.take("keep_firing_for", duration, outer.keep_firing),
            table.take("penalty", flag, default=outer.penalty),
        )


_NONE = _Options(1, None, None, 0, 0, penalty=False)


def _read_tier(severity: str, table: Table, subject: _Subject, defaults: _Options) -> Tier:
    table.check_name(severity)
    allowed = {*_THRESHOLDS, "clear_at"} | subject.counts | subject.ahead | _TIMERS
    for key in table.values:
        if key not in allowed:
            _refuse(table, key, subject, frozenset(allowed))
    options = _Options.read(table, defaults)
    below, above = (table.take(key, subject.reader) for key in _THRESHOLDS)
    clear_at = table.take("clear_at", subject.reader)
    _check_threshold(table, subject, options)
    _check_clear_at(table, below, above, clear_at)
    return Tier(
        severity=severity,
        below=below,
        above=above,
        clear_at=clear_at or below or above,
        min_orders=options.min_orders,
        min_bad=options.min_bad,
        bad_above=options.bad_above,
        hold=options.hold,
        keep_firing=options.keep_firing,
        penalty=options.penalty,
        forecast=table.take("forecast", length) if "forecast" in subject.ahead else None,
    )


def _check_threshold(table: Table, subject: _Subject, options: _Options) -> None:
    """Exactly one threshold, and the word of the kind (SEMANTICS R1, U8); none only with ``bad_above``."""
    given = [key for key in _THRESHOLDS if key in table]
    word = subject.word or "below"
    if len(given) == 2:
        table.note(
            "above",
            f"{table.label} has both below and above",
            f"leave one of them; {subject.rates} takes {word}",
        )
    elif given and subject.word not in {None, given[0]}:
        message = f"{table.name_of(given[0])} does not go with {subject.rates}"
        table.note(given[0], message, f"write {word}")
    elif not given and not (subject.counts and (options.bad_above is not None or "bad_above" in table)):
        other = " or bad_above = 5" if subject.counts else ""
        table.note(None, f"{table.label} has no threshold", f"give it one, such as {word} = 0.90{other}")


def _check_clear_at(
    table: Table, below: Number | None, above: Number | None, clear_at: Number | None
) -> None:
    if clear_at is None:
        return
    if not any(key in table for key in _THRESHOLDS):
        table.note(
            "clear_at",
            f"{table.name_of('clear_at')} has no threshold to go with",
            f"add {listed(_THRESHOLDS)}",
        )
    if below and clear_at.value < below.value:
        message = f"{table.name_of('clear_at')} is {clear_at.text}, beyond the threshold of {below.text}"
        table.note("clear_at", message, f"write {below.text} or more")
    if above and clear_at.value > above.value:
        message = f"{table.name_of('clear_at')} is {clear_at.text}, beyond the threshold of {above.text}"
        table.note("clear_at", message, f"write {above.text} or less")
