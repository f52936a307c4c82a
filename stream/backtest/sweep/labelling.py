"""What was there to be found in one part of a timeline, and of which alerts can that speak?

Either incidents that were given, or the matured cohorts that ended beyond the line of the policy before anything is varied;
what these are, `stream.backtest.cohorts` says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np

from stream.backtest.cohorts import Day
from stream.backtest.columns.lines import BREACH, Lines
from stream.backtest.columns.pairs import Pairs, places
from stream.backtest.columns.points import Points, starts_of
from stream.backtest.columns.tracks import Compiled, Windows
from stream.backtest.incidents import Incident
from stream.backtest.span import Span, day_begin, day_ends, metrics_of, zone_of
from stream.backtest.timeline.rows import I32, I64, Flags, Rows
from stream.engine.rules import RateTier, TierKey
from stream.policy.spec import PolicySet, Version


class Found(NamedTuple):
    """Incidents that alerts of one tier can fit, by shop and then by beginning."""

    number: I64
    """Among all incidents of the part."""
    shop: I32
    begins: I64
    ends: I64


@dataclass(frozen=True, slots=True)
class Told:
    """On which days which shops' cohorts of one tier have matured."""

    begins: I64
    ends: I64
    """By day."""
    matured: Flags
    """By shop, then by day."""

    def speaks_of(self, shop: I32, at: I64) -> Flags:
        """Whether it can tell if an alert that fires then is right."""
        if not len(self.ends):
            return np.zeros(len(at), np.bool_)
        day = np.minimum(np.searchsorted(self.ends, at, "right"), len(self.ends) - 1)
        inside: Flags = (self.begins[day] <= at) & (at < self.ends[day])
        return inside & self.matured[shop, day]


class PartLabels(Protocol):
    """Of one part."""

    @property
    def ends(self) -> I64:
        """Of every incident."""
        ...

    def incidents(self, key: TierKey, version: Version) -> Found:
        """Those that an alert can be about that the tier fires under ``version``."""
        ...

    def told(self, key: TierKey) -> Told | None:
        """Of which of its alerts they can speak; None: of all, for the incidents were given, and are all there are."""
        ...


# -- given


@dataclass(slots=True)
class Given:
    """Incidents of the part's shops and of the span that one of the ``tiers`` of some policy can be about."""

    ends: I64
    _all: Sequence[Incident]
    _rows: I64
    _known: dict[tuple[TierKey, frozenset[str]], Found] = field(default_factory=dict)

    def incidents(self, key: TierKey, version: Version) -> Found:
        """By rule, severity and metric, where an incident names them."""
        metrics = _metrics(version, key[0])
        known = self._known.get((key, metrics))
        if known is None:
            about = np.array([_about(each, key, metrics) for each in self._all], np.bool_)
            rows = self._rows[about]
            known = Found(rows[:, 0], rows[:, 1].astype(np.int32), rows[:, 2], rows[:, 3])
            self._known[key, metrics] = known
        return known

    def told(self, key: TierKey) -> None:  # noqa: ARG002 - of whatever tier
        """They can speak of every alert."""
        return


def given(
    incidents: Sequence[Incident],
    policies: Iterable[PolicySet],
    tiers: frozenset[TierKey],
    windows: Windows,
    span: Span,
) -> Given:
    """What an alert of ``tiers`` can be about, under any of ``policies``."""
    numbers = {name: number for number, name in enumerate(windows.part.shops)}
    can = {
        (key, _metrics(version, key[0]))
        for policy in policies
        for version in policy.versions
        for key in tiers
        if key[0] in version.rules
    }
    mine = [
        each
        for each in incidents
        if each.shop_id in numbers
        and each.begins <= span.end
        and each.ends >= span.begin
        and any(_about(each, *one) for one in can)
    ]
    mine.sort(key=lambda each: (numbers[each.shop_id], each.begins))
    rows = np.array(
        [(number, numbers[each.shop_id], each.begins, each.ends) for number, each in enumerate(mine)],
        np.int64,
    ).reshape(len(mine), 4)
    return Given(rows[:, 3], mine, rows)


def _about(incident: Incident, key: TierKey, metrics: frozenset[str]) -> bool:
    if incident.rule not in {None, key[0]} or incident.severity not in {None, key[1]}:
        return False
    return incident.metric is None or incident.metric in metrics


def _metrics(version: Version, rule: str) -> frozenset[str]:
    """By name and by kind, those that the rule counts."""
    names = metrics_of(version, version.rules[rule])
    return frozenset(word for name in names for word in (name, version.metrics[name].kind))


# -- matured cohorts


@dataclass(frozen=True, slots=True)
class Matured:
    """What ended beyond the line."""

    ends: I64
    _incidents: Mapping[TierKey, Found]
    _told: Mapping[TierKey, Told]

    def incidents(self, key: TierKey, version: Version) -> Found:  # noqa: ARG002 - of whatever version
        """Those of its own line."""
        return self._incidents[key]

    def told(self, key: TierKey) -> Told:
        """The days whose cohorts have matured."""
        return self._told[key]


def cohorts(of: Compiled, tiers: frozenset[TierKey], windows: Windows, span: Span, latest: int) -> Matured:
    """What ended beyond the lines of ``of``; ``latest`` is when the last fact of all happened."""
    zone = zone_of(of.policy)
    days = [Day(max(day_begin(end, zone), span.begin), end) for end in day_ends(span, zone)]
    found: list[tuple[TierKey, I64]] = []
    told: dict[TierKey, Told] = {}
    for key in sorted(tiers):
        mine = [day for day in days if _counts(of, key, day, latest)]
        matured, beyond = _days(of, key, mine, windows, latest)
        begins, ends = (np.array([day[side] for day in mine], np.int64) for side in (0, 1))
        told[key] = Told(begins, ends, matured)
        found.append((key, _runs(mine, beyond)))
    by_tier, before = {}, 0
    for key, runs in found:
        index = np.arange(before, before + len(runs), dtype=np.int64)
        by_tier[key] = Found(index, runs[:, 0].astype(np.int32), runs[:, 1], runs[:, 2])
        before += len(runs)
    ends_ = [runs[:, 2] for _, runs in found]
    return Matured(np.concatenate(ends_) if ends_ else np.zeros(0, np.int64), by_tier, told)


def _counts(of: Compiled, key: TierKey, day: Day, latest: int) -> bool:
    """Whether there was such a tier, on a metric, on that day, and the day lies far enough back."""
    tier, version = _tier(of, key, day)
    if tier is None or version is None or tier.rule.metric is None:
        return False
    return day.end <= latest - version.metrics[tier.rule.metric].lag


def _tier(of: Compiled, key: TierKey, day: Day) -> tuple[RateTier | None, Version | None]:
    number = of.version_at(day.end - 1)
    tier = of.tiers[number].get(key) if number >= 0 else None
    return (tier, of.of(number)) if isinstance(tier, RateTier) else (None, None)


def _days(
    of: Compiled, key: TierKey, days: Sequence[Day], windows: Windows, latest: int
) -> tuple[Flags, Flags]:
    """By shop and day: whether the cohort has matured, and whether it ended beyond the line."""
    shops = len(windows.part.shops)
    matured, beyond = np.zeros((shops, len(days)), np.bool_), np.zeros((shops, len(days)), np.bool_)
    grown: dict[tuple[str, bool], _Grown] = {}
    for number, day in enumerate(days):
        tier, _ = _tier(of, key, day)
        if tier is not None and tier.rule.metric is not None:
            what = (tier.rule.metric, tier.tier.penalty)
            if what not in grown:
                grown[what] = _Grown(windows.rows(what[0]), shops, latest, penalty=what[1])
            counts, is_open = grown[what].between(day.end - tier.rule.window, day.end)
            matured[:, number] = ~is_open
            beyond[:, number] = ~is_open & (Lines(counts).classes(tier) == BREACH)
    return matured, beyond


class _Grown:
    """What became of the units of one metric, in the order of their places."""

    def __init__(self, rows: Rows, shops: int, latest: int, *, penalty: bool) -> None:
        counts = ~rows.spared if penalty else np.ones(len(rows.at), np.bool_)
        decided = counts & (rows.at <= latest)
        is_open = counts & (rows.at > latest) & ((rows.good > 0) | (rows.bad > 0) | (rows.counted > 0))
        first = int(rows.place.min()) if len(rows.place) else 0
        self._pairs = Pairs(first, int(rows.place.max()) if len(rows.place) else 0, shops)
        self._shops = np.arange(shops, dtype=np.int32)
        key = self._pairs.pack(rows.shop[decided], rows.place[decided])
        by = np.argsort(key, kind="stable")
        self._decided = key[by]
        self._open = np.sort(self._pairs.pack(rows.shop[is_open], rows.place[is_open]))
        columns = (rows.good, rows.bad, rows.counted)
        self._so_far = [
            np.concatenate([[0], np.cumsum(column[decided][by], dtype=np.int64)]) for column in columns
        ]

    def between(self, begin: int, end: int) -> tuple[Points, Flags]:
        """Of each shop what is placed from ``begin`` on and before ``end``, and whether anything there is still open."""
        bounds = [
            self._pairs.pack(self._shops, np.full(len(self._shops), at, np.int64)) for at in (begin, end)
        ]
        first, after = (places(self._decided, bound) for bound in bounds)
        good, bad, counted = ((so_far[after] - so_far[first]).astype(np.int32) for so_far in self._so_far)
        none = np.zeros(0, np.int32)
        at = np.full(len(self._shops), end, np.int64)
        is_open: Flags = places(self._open, bounds[0]) != places(self._open, bounds[1])
        return Points(
            self._shops, at, good, bad, counted, none, none.astype(np.int64), starts_of(self._shops)
        ), is_open


def _runs(days: Sequence[Day], beyond: Flags) -> I64:
    """Shop, beginning and end of every stretch of days beyond the line, without a gap between them."""
    found = [
        (shop, days[first].begin, days[last].end - 1)
        for shop in np.flatnonzero(beyond.any(axis=1)).tolist()
        for first, last in _stretches(days, np.flatnonzero(beyond[shop]).tolist())
    ]
    return np.array(found, np.int64).reshape(len(found), 3)


def _stretches(days: Sequence[Day], numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if days[last].end != days[number].begin:
            yield first, last
            first = number
        last = number
    yield first, last
