"""What became of every unit in the end, and on which days did that end beyond a line?

A *cohort* of a shop and a rule are the units of its metric placed (SEMANTICS U1-U5: by the metric's anchor) in the window
that ends with a day.  It is *matured* once none of them is open any more: official rates are told days later for that reason.
What ended beyond the line, on one day or on several in a row, is an incident.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from stream.backtest.conditions import Counted, breach, good_share
from stream.backtest.incidents import Incident
from stream.backtest.known import Known, Progress
from stream.backtest.span import Span, day_begin, day_ends, version_at, zone_of
from stream.engine.findings import Unit
from stream.engine.verdicts import Verdicts
from stream.engine.view import FOR_EVER
from stream.policy.spec import PolicySet, Rule, Tier, Version


class Grown(NamedTuple):
    """One unit as it is when all that was recorded is known; ``open`` if nothing has decided it."""

    place: int
    good: int
    bad: int
    counted: int
    spared: bool
    open: bool


Cohorts = Mapping[tuple[str, str], Sequence[Grown]]
"""Units by shop and metric, in the order of their places."""


def cohorts(known: Known, policy: PolicySet, progress: Progress) -> Cohorts:
    """Every unit of every metric of ``policy``, each order judged by its own version (SEMANTICS V1)."""
    verdicts, found = Verdicts(policy), dict[tuple[str, str], list[Grown]]()
    for number, shop in enumerate(known.shops, 1):
        for _, order in known.orders(shop):
            now = verdicts.find(order, known.latest)
            for unit in now.units:
                found.setdefault((shop, unit.metric), []).append(_grown(unit, is_open=False))
            # A duty that is still open is one that would be decided if no further fact came.
            if now.pending:
                for unit in verdicts.find(order, FOR_EVER).units:
                    if unit not in now.units:
                        found.setdefault((shop, unit.metric), []).append(_grown(unit, is_open=True))
        progress.reached("cohorts matured", number, len(known.shops))
    for units in found.values():
        units.sort()
    return found


def _grown(unit: Unit, *, is_open: bool) -> Grown:
    return Grown(unit.place, unit.good, unit.bad, unit.counted, unit.spared, is_open)


@dataclass(frozen=True, slots=True)
class Sums:
    """Units of one cohort after the other, to be counted between any two instants."""

    units: Sequence[Grown]
    _places: Sequence[int] = field(init=False)
    _open: Sequence[int] = field(init=False)
    _so_far: Sequence[tuple[int, int, int]] = field(init=False)

    def __post_init__(self) -> None:
        decided = [unit for unit in self.units if not unit.open]
        sums = accumulate(decided, _added, initial=(0, 0, 0))
        object.__setattr__(self, "_places", [unit.place for unit in decided])
        object.__setattr__(self, "_open", [unit.place for unit in self.units if unit.open])
        object.__setattr__(self, "_so_far", list(sums))

    def matured(self, begin: int, end: int) -> Counted | None:
        """What is counted from ``begin`` on and before ``end``; None if something is still open there."""
        if bisect_left(self._open, begin) != bisect_left(self._open, end):
            return None
        first = self._so_far[bisect_left(self._places, begin)]
        last = self._so_far[bisect_left(self._places, end)]
        return Counted(*(after - before for before, after in zip(first, last, strict=True)))


def _added(sums: tuple[int, int, int], unit: Grown) -> tuple[int, int, int]:
    good, bad, counted = sums
    return good + unit.good, bad + unit.bad, counted + unit.counted


class Day(NamedTuple):
    """From midnight to midnight, the last not in it."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Matured:
    """What can be said of the shops' matured rates."""

    incidents: Sequence[Incident]
    days: Mapping[tuple[str, str, str], Sequence[Day]]
    """By shop, rule and severity those whose cohorts have matured, beyond the line or not."""


def matured(grown: Cohorts, policy: PolicySet, span: Span, latest: int) -> Matured:
    """The incidents of ``span`` by the lines of ``policy``; ``latest`` is when the last fact happened.

    Of days that end in ``span``, those count that lie the metric's ``lag`` or more before ``latest``.  Rules on scores have no
    cohorts.
    """
    zone, shops = zone_of(policy), sorted({shop for shop, _ in grown})
    days = [Day(max(day_begin(end, zone), span.begin), end) for end in day_ends(span, zone)]
    sums: dict[tuple[str, str, bool], Sums] = {}
    incidents: list[Incident] = []
    known: dict[tuple[str, str, str], Sequence[Day]] = {}
    for (rule_name, severity), judged in _tiers(policy, days, latest).items():
        for shop in shops:
            told = [(day, found) for day, tier in judged if (found := _counted(grown, sums, shop, day, tier))]
            known[shop, rule_name, severity] = [day for day, _ in told]
            beyond = [day for day, (counted, tier) in told if tier.beyond(counted)]
            incidents += [
                Incident(shop, rule_name, None, severity, run[0].begin, run[-1].end - 1)
                for run in _runs(beyond)
            ]
    return Matured(sorted(incidents), known)


class _Line(NamedTuple):
    """A tier of a rule on a metric."""

    rule: Rule
    tier: Tier
    metric: str
    good: bool

    def beyond(self, counted: Counted) -> bool:
        return breach(self.rule, self.tier, counted, good=self.good)


def _tiers(
    policy: PolicySet, days: Sequence[Day], latest: int
) -> Mapping[tuple[str, str], Sequence[tuple[Day, _Line]]]:
    """By rule and severity, the days on which there was such a tier, with what it was then."""
    found: dict[tuple[str, str], list[tuple[Day, _Line]]] = {}
    for day in days:
        version = version_at(policy, day.end - 1)
        for line in _lines(version) if version else ():
            if version and day.end <= latest - version.metrics[line.metric].lag:
                found.setdefault((line.rule.name, line.tier.severity), []).append((day, line))
    return found


def _lines(version: Version) -> Iterator[_Line]:
    for rule in version.rules.values():
        if rule.metric is not None:
            for tier in rule.tiers:
                yield _Line(rule, tier, rule.metric, good_share(version, rule))


def _counted(
    grown: Cohorts, sums: dict[tuple[str, str, bool], Sums], shop: str, day: Day, line: _Line
) -> tuple[Counted, _Line] | None:
    key = shop, line.metric, line.tier.penalty
    if key not in sums:
        units = grown.get((shop, line.metric), ())
        sums[key] = Sums([unit for unit in units if not (line.tier.penalty and unit.spared)])
    counted = sums[key].matured(day.end - line.rule.window, day.end)
    return None if counted is None else (counted, line)


def _runs(days: Sequence[Day]) -> Iterator[Sequence[Day]]:
    """Days that follow each other without a gap."""
    run: list[Day] = []
    for day in days:
        if run and run[-1].end != day.begin:
            yield run
            run = []
        run.append(day)
    if run:
        yield run
