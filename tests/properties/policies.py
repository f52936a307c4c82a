"""Which policies are tried?  TOML that is always right, short windows, everything that SEMANTICS has.

Times lie on a grid of half hours from `BEGINS` on, so that things coincide; now and then one is a millisecond beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.properties.dice import DICE, Dice

BEGINS = datetime(2024, 1, 1, tzinfo=UTC)
STEPS = 96
SHANGHAI = "Asia/Shanghai"

ANCHORS = {
    "on_time_ship": ("paid", "due", "decided", "shipped"),
    "pickup_anomaly": ("paid", "due", "decided", "shipped"),
    "return": ("paid", "due", "decided", "requested"),
    "after_sales": ("paid", "due", "decided", "requested"),
}
BELOW = {"on_time_ship", "after_sales"}
GOODS = ("physical", "virtual", "presale", "custom")
REASONS = ("delay_report_approved", "buyer_agreed", "platform")
REGIONS = ("610100", "610112", "620000", "620503", "440100", "SP", "0")
_RATES = ("0", "0.25", "0.34", "0.5", "0.60", "0.667", "0.75", "0.9", "1", "1.0")
# What is a breach soon, besides.
_EASY = {"below": ("0.75", "0.9", "1", "1.0"), "above": ("0", "0.2", "0.25", "0.34")}
_KINDS = ("on_time_ship", *ANCHORS)
# Panes of rules divide these and the lags of metrics; a window without a pane has a default that does.
_PANES = ("30m", "1h", "2h")
_WINDOWS = ("4h", "6h", "10h", "12h", "1d")
_LAGS = ("0s", "2h", "4h")


@dataclass(frozen=True)
class Bare:
    """Text that stands in TOML as it is: a number or a time."""

    text: str


def toml(value: Any) -> str:
    """``value`` in TOML."""
    if isinstance(value, Bare):
        return value.text
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return str(value)


def table(head: str, entries: Mapping[str, Any]) -> str:
    """A table of TOML."""
    return "\n".join([head, *(f"{key} = {toml(value)}" for key, value in entries.items())])


def instants(dice: Dice, first: int = -4, last: int = STEPS) -> datetime:
    """A time on the grid, or one beside it."""
    beside = dice.one((0, 0, 0, 0, 0, 0, 1, -1))
    return BEGINS + timedelta(minutes=30 * dice.whole(first, last), milliseconds=beside)


def written(dice: Dice, zone: str, first: int = -4, last: int = STEPS) -> Bare:
    """A time in one of the ways of writing it."""
    moment = instants(dice, first, last)
    precision = "milliseconds" if moment.microsecond or dice.chance(50) else "seconds"
    if dice.chance(30):
        return Bare(moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec=precision))
    return Bare(moment.astimezone(ZoneInfo(SHANGHAI)).isoformat(timespec=precision))


@dataclass(frozen=True)
class Shape:
    """What goes through all versions of a policy."""

    kinds: Mapping[str, str]
    zone: str


@dataclass(frozen=True)
class File:
    """One version as tables; ``exemptions`` are of all of them."""

    metrics: Mapping[str, dict[str, Any]]
    scores: Mapping[str, dict[str, Any]]
    rules: Mapping[str, dict[str, Any]]
    exemptions: list[dict[str, Any]] = field(default_factory=list)


def _metric(dice: Dice, kind: str) -> dict[str, Any]:
    entries: dict[str, Callable[[], Any]] = {
        "goods": lambda: sorted({*dice.some(GOODS), "physical"} if dice.chance(70) else dice.some(GOODS)),
        "lag": lambda: dice.one(_LAGS),
        "promise_reasons": lambda: dice.some(REASONS),
        "retroactive_promises": lambda: dice.chance(70),
    }
    required: dict[str, Any] = {"kind": kind}
    if kind == "on_time_ship":
        entries["anchor"] = lambda: dice.one(("decided", "due", "paid", "shipped"))
    elif kind == "pickup_anomaly":
        required["pickup_within"] = dice.one(("2h", "3h", "6h", "90m"))
    else:
        entries["kinds"] = lambda: dice.some(("return", "refund_only"))
        entries["reasons"] = lambda: dice.some(("broken", "size"))
        entries["faults"] = lambda: dice.some(("merchant", "buyer"))
    if kind == "return":
        entries["anchor"] = lambda: dice.one(("requested", "requested", "paid"))
    if kind == "after_sales":
        required["resolve_within"] = dice.one(("2h", "4h", "1h30m"))
    return required | dice.options(entries, 25)


def _timers(dice: Dice) -> dict[str, Callable[[], Any]]:
    return {
        "for": lambda: dice.one(("0s", "30m", "1h", "3h")),
        "keep_firing_for": lambda: dice.one(("0s", "30m", "1h", "5h")),
        "penalty": lambda: dice.chance(70),
    }


def _counts(dice: Dice) -> dict[str, Callable[[], Any]]:
    return {
        "min_orders": lambda: dice.one((1, 2, 2, 3)),
        "min_bad": lambda: dice.one((0, 1, 2, 2)),
        "bad_above": lambda: dice.one((0, 0, 1, 2, 3)),
    }


def _tier(dice: Dice, word: str, rule: Mapping[str, Any], *, of_score: bool) -> dict[str, Any]:
    """A tier whose numbers go together, often one that is soon in breach."""
    if dice.chance(30):
        return {word: Bare(dice.one(_EASY[word][-2:] if word == "below" else _EASY[word][:2]))}
    entries = _timers(dice) if of_score else {**_timers(dice), **_counts(dice)}
    tier = dice.options(entries, 25)
    if not of_score and dice.chance(20):
        return tier if "bad_above" in {**rule, **tier} else tier | {"bad_above": dice.one((0, 0, 1, 2))}
    line, inside = sorted((dice.one(_RATES + _EASY[word] * 3) for _ in range(2)), key=Decimal)
    if word == "above":
        line, inside = inside, line
    return tier | {word: Bare(line)} | ({"clear_at": Bare(inside)} if dice.chance(40) else {})


def _rule(dice: Dice, kinds: Mapping[str, str], scores: Sequence[str]) -> dict[str, Any]:
    of_score = bool(scores) and dice.chance(50)
    if of_score:
        rule: dict[str, Any] = {"score": dice.one(scores), **dice.options(_timers(dice), 10)}
        word = "below"
    else:
        metric = dice.one(sorted(kinds))
        rule = {"metric": metric, **_window(dice), **dice.options({**_timers(dice), **_counts(dice)}, 10)}
        word = "below" if kinds[metric] in BELOW else "above"
    severities = dice.one((("warning",), ("critical",), ("warning", "critical")))
    return rule | {severity: _tier(dice, word, rule, of_score=of_score) for severity in severities}


def _window(dice: Dice) -> dict[str, Any]:
    """A window, and a pane that goes into it and into all lags, or its default."""
    if dice.chance(10):
        return {"window": dice.one(("1h", "4h", "1d", "2d"))}
    return {"window": dice.one(_WINDOWS), "pane": dice.one(_PANES)}


def _score(dice: Dice, kinds: Mapping[str, str]) -> dict[str, Any]:
    entries = {"min_orders": lambda: dice.one((1, 2)), "missing": lambda: dice.one(_MISSING)}
    names = [dice.one(sorted(kinds)) for _ in range(dice.whole(1, 3))]
    return {**_window(dice), **dice.options(entries, 40), "parts": [_part(dice, name) for name in names]}


_MISSING = ("leave_out", 0, 1, Bare("0.5"))


def _part(dice: Dice, metric: str) -> dict[str, Any]:
    """A part; its line of points is strictly rising in the rate."""
    rates = sorted(dice.some(_RATES[:-1]), key=Decimal)
    entries: dict[str, Callable[[], Any]] = {
        "points": lambda: [[Bare(rate), dice.whole(-1, 2)] for rate in rates],
        "min_orders": lambda: dice.one((1, 2)),
    }
    return {"metric": metric, "weight": dice.one((1, 2, 70, Bare("0.3"))), **dice.options(entries, 30)}


def _exemption(dice: Dice, shape: Shape, name: str) -> dict[str, Any]:
    """An exemption whose effect and anchor fit its metrics."""
    effect = dice.one(("drop", "count_good", "forgive", "extend", "penalty_only"))
    with_deadline = [name for name, kind in shape.kinds.items() if kind != "return"]
    if effect == "extend" and not with_deadline:
        effect = "drop"
    names = dice.some(with_deadline if effect == "extend" else sorted(shape.kinds))
    unfit = {"decided"} if effect == "extend" else set()
    fitting = set.intersection(*(set(ANCHORS[shape.kinds[each]]) - unfit for each in names))
    first = dice.whole(-4, STEPS // 4)
    conditions: dict[str, Callable[[], Any]] = {
        "from": lambda: written(dice, shape.zone, first, first),
        "to": lambda: written(dice, shape.zone, first + 1, first + STEPS),
        "published_at": lambda: written(dice, shape.zone),
    }
    rarer: dict[str, Callable[[], Any]] = {
        "regions": lambda: dice.some(REGIONS),
        "region_of": lambda: dice.one(("ship_from", "ship_to", "either")),
        "goods": lambda: dice.some(GOODS),
        "categories": lambda: dice.some(("fresh", "toys")),
    }
    exemption: dict[str, Any] = {
        "id": name,
        "metrics": names,
        "effect": effect,
        "anchor": dice.one(sorted(fitting)),
    }
    exemption |= dice.options(conditions, 45) | dice.options(rarer, 20)
    if effect == "extend":
        by, until = dice.one(("1h", "3h", "12h", "1ms")), written(dice, shape.zone, 4)
        exemption |= {"by": by} if dice.chance(50) else {"until": until}
    return exemption


def _file(dice: Dice, shape: Shape, names: Sequence[str], before: File | None) -> File:
    """A version; of ``before``, the one before it, rules may go on as they were."""
    kinds = dict(shape.kinds)
    if before and len(kinds) > 1 and dice.chance(20):
        kinds.pop(dice.one(sorted(kinds)))
    scores = {"s": _score(dice, kinds)} if dice.chance(40) else {}
    rules = {name: _rule(dice, kinds, sorted(scores)) for name in names}
    kept = before.rules if before else {}
    rules |= {
        name: kept[name]
        for name in names
        if name in kept and kept[name].get("metric") in kinds and dice.chance(40)
    }
    return File({name: _metric(dice, kind) for name, kind in kinds.items()}, scores, rules)


RULES = st.lists(st.sampled_from(("r1", "r2", "r3", "r4")), min_size=1, max_size=4, unique=True)


@st.composite
def policies(draw: st.DrawFn, *, short_keep: bool = True, forecasts: bool = False) -> list[str]:
    """The files of a policy, one or two versions.

    ``short_keep`` lets facts come too late to count (F5); with ``forecasts`` half of the tiers that may look ahead do.
    """
    dice = draw(DICE)
    zone = dice.one(("UTC", SHANGHAI))
    shape = Shape({name: dice.one(_KINDS) for name in ("m1", "m2", "m3")[: dice.whole(1, 3)]}, zone)
    files = [_file(dice, shape, draw(RULES), None)]
    if dice.chance(50):
        files.append(_file(dice, shape, draw(RULES), files[0]))
    for number, each in enumerate(draw(st.lists(DICE, max_size=4))):
        exemption = _exemption(each, shape, f"x{number}")
        # In the first file, in the last, or in both: it is one list (E2).
        for index in {place % len(files) for place in dice.one(((0,), (-1,), (0, -1)))}:
            files[index].exemptions.append(exemption)
    if forecasts:
        for file in files:
            _look_ahead(dice, file)
    starts = [written(dice, zone, -8, 2), written(dice, zone, 12, STEPS // 2)]
    keeps = [dice.one(("30h", "10h")) if short_keep and dice.chance(20) else None for _ in files]
    return [
        _text(str(number), starts[number - 1], zone, file, keeps[number - 1])
        for number, file in enumerate(files, 1)
    ]


def _look_ahead(dice: Dice, file: File) -> None:
    """Give tiers on shipping in time a forecast."""
    for rule in file.rules.values():
        kind = file.metrics.get(rule.get("metric", ""), {}).get("kind")
        for tier in rule.values():
            if isinstance(tier, dict) and kind == "on_time_ship" and dice.chance(60):
                tier["forecast"] = dice.one(("30m", "1h", "3h", "6h", "1d"))


def _text(version: str, start: Bare, zone: str, file: File, keep: str | None) -> str:
    head = {"name": "tried", "version": version, "effective_from": start, "time_zone": zone}
    blocks = [table("[policy]", head | ({"keep": keep} if keep else {}))]
    for kind, tables in (("metrics", file.metrics), ("scores", file.scores), ("rules", file.rules)):
        blocks += [table(f"[{kind}.{name}]", entries) for name, entries in tables.items()]
    blocks += [table("[[exemptions]]", exemption) for exemption in file.exemptions]
    return "\n\n".join(blocks) + "\n"
