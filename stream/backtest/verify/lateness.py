"""Did the live answer come of facts that were read after the clock had passed them?  Proven by judging them when they came.

The engine is run once more over the facts of one shop, in the order in which they were read, its clock moved before each late
one to where the worker's stood.  Where clock records say that exactly, there is one such run.  Where they leave a choice, or are
gone, the clock is tried at the ends of what is possible and at the instants that the live alerts themselves name: an alert
that a late fact brings about fires, or resolves, at that very clock.  Only a run that ends with exactly the live alerts of a tier
explains it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

from stream.backtest.verify.arrival import Arrived, Bound, Bounds
from stream.backtest.verify.comparing import (
    FOR_EVER,
    OF_WRITING,
    Difference,
    Seen,
    Tier,
    differences,
    documents_of,
    instants_of,
    tier_of,
)
from stream.backtest.verify.judge import Judge
from stream.backtest.verify.left import Document, Left

MOST_FACTS = 2_000_000
"""So many facts are judged again at most for one shop, over all runs, ..."""
MOST_RUNS = 400
"""... and in so many runs."""
Score = tuple[int, int]
"""Up to when a run has the live alerts, and how far the first that it has not is from what it has, negative."""
ALL_THE_SAME: Score = (FOR_EVER + 1, 0)
"""It has all of them, and no other."""

Stands = Sequence[int | None]
"""Where the clock stood when each group was read; None: not past it."""

ABSENT = 1 << 30
"""How far an alert is from none."""


class LateFact(NamedTuple):
    """A fact that was judged where the clock stood, not when it happened."""

    fact: Arrived
    clock: int
    certain: bool
    """Whether a clock record says that the clock had passed it."""


class Proof(NamedTuple):
    """A run that has the live alerts of a tier, and no other, up to an instant; and the facts that were late in it.

    What is at an instant hangs on nothing that was read when the clock stood later (SEMANTICS T1, T4): what the run has to say of
    an alert that ended before is right, whatever comes after.
    """

    before: int
    facts: Sequence[LateFact]

    def explains(self, difference: Difference) -> Sequence[LateFact]:
        """The late facts that happened before it ended, whenever they were read; none: they do not explain it."""
        if difference.ends >= self.before:
            return ()
        return [each for each in self.facts if each.fact.at <= difference.ends]


class _Group(NamedTuple):
    """Facts that were recorded together, and may have been late."""

    facts: Sequence[Arrived]
    bound: Bound

    @property
    def first(self) -> int:
        """When the oldest of them happened."""
        return min(fact.at for fact in self.facts)

    @property
    def earliest(self) -> int | None:
        """Where a worker's clock stands that has not moved since the last clock record; None: not past any of them."""
        least = self.bound.least
        return None if least is None or least < self.first else least


@dataclass(slots=True)
class Search:
    """Over the facts of one shop, all that were counted; ``live`` are those of its alerts that are compared."""

    left: Left
    bounds: Bounds
    facts: Sequence[Arrived]
    live: Mapping[str, Seen]
    compared: Callable[[Document], bool]
    """Whether an alert is compared at all."""
    _early: list[Arrived] = field(init=False)
    _groups: list[_Group] = field(init=False)
    _runs: dict[tuple[int | None, ...], Mapping[str, Document]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        each = [(fact, self.bounds.of(fact)) for fact in self.facts]
        late = [pair for pair in each if pair[1].most is not None and pair[0].at <= pair[1].most]
        chosen = {(fact.topic, fact.offset) for fact, _ in late}
        self._early = [fact for fact in self.facts if (fact.topic, fact.offset) not in chosen]
        late.sort(key=lambda pair: (pair[1].turn, pair[0].recorded))
        self._groups = [
            _Group([fact for fact, _ in members], bound)
            for (bound, _recorded), members in groupby(late, key=lambda pair: (pair[1], pair[0].recorded))
        ]

    def explain(self, tier: Tier) -> Proof | None:
        """The late facts with which the live alerts of ``tier`` come out, or as many of the first of them as was found."""
        if not self._groups:
            return None
        starts: Sequence[Stands] = (
            [group.earliest for group in self._groups],
            [group.bound.most for group in self._groups],
        )
        best, stands = self._climb(tier, starts[0])
        if best != ALL_THE_SAME:
            best, stands = max((best, stands), self._climb(tier, starts[1]), key=lambda found: found[0])
        return Proof(best[0], list(self._late(stands)))

    def _climb(self, tier: Tier, start: Stands) -> tuple[Score, Stands]:
        """From ``start`` on whatever brings a run nearer to the live alerts, group by group, until nothing does."""
        best, score, before = list(start), self._score(tier, start), None
        while score not in (before, ALL_THE_SAME):
            before = score
            for number, group in enumerate(self._groups):
                for stand in self._stands(group, tier):
                    if score == ALL_THE_SAME or not self._may_run():
                        return score, best
                    tried = [*best[:number], stand, *best[number + 1 :]]
                    reached = self._score(tier, tried)
                    if reached > score:
                        best, score = tried, reached
        return score, best

    def _may_run(self) -> bool:
        runs = len(self._runs)
        return runs < MOST_RUNS and runs * len(self.facts) < MOST_FACTS

    def _stands(self, group: _Group, tier: Tier) -> Iterator[int]:
        """Where else the clock may have stood, of all that makes a difference."""
        least, most = group.bound.least, group.bound.most or 0
        lowest = group.first if least is None else max(least, group.first)
        yield from sorted({lowest, *self._named(tier, lowest, most), most})

    def _named(self, tier: Tier, lowest: int, most: int) -> Iterable[int]:
        """The instants that live alerts name: a timer that ended at one began before."""
        spans = self._timers(tier)
        for seen in self.live.values():
            if tier_of(seen.document) == tier:
                for instant in instants_of(seen.document):
                    yield from (
                        at
                        for at in (instant - 1, *(instant - span for span in spans))
                        if lowest <= at <= most
                    )

    def _timers(self, tier: Tier) -> set[int]:
        return {0} | {
            span
            for in_force in self.left.policies
            for version in in_force.policy.versions
            if tier.rule in version.rules
            for each in version.rules[tier.rule].tiers
            if each.severity == tier.severity
            for span in (each.hold, each.keep_firing)
        }

    def _score(self, tier: Tier, stands: Stands) -> Score:
        """How near a run comes to the live alerts of the tier."""
        differing = self._differing(tier, stands)
        if not differing:
            return ALL_THE_SAME
        first = min(differing, key=lambda each: each.begins)
        return first.begins, -_apart(first.live, first.replayed)

    def _differing(self, tier: Tier, stands: Stands) -> Sequence[Difference]:
        key = tuple(stands)
        replayed = self._runs.get(key)
        if replayed is None:
            replayed = self._runs[key] = self._run(stands)
        return differences(
            {name: seen for name, seen in self.live.items() if tier_of(seen.document) == tier},
            {name: alert for name, alert in replayed.items() if tier_of(alert) == tier},
        )

    def _run(self, stands: Stands) -> Mapping[str, Document]:
        judge = Judge(self.left.policies)
        for fact in self._early:
            judge.apply(fact.event)
        clock, turn = None, 0
        for group, stand in zip(self._groups, stands, strict=True):
            moved = _moved(clock, stand)
            # What was read at one clock was judged together, unless a clock record was written between.
            if moved is not None and (moved != clock or group.bound.turn != turn):
                judge.advance(moved)
            clock, turn = moved, group.bound.turn
            for fact in group.facts:
                judge.apply(fact.event)
        judge.advance(self.left.clock.decided or 0)
        return {
            name: alert for name, alert in documents_of(judge.alerts.values()).items() if self.compared(alert)
        }

    def _late(self, stands: Stands) -> Iterator[LateFact]:
        clock: int | None = None
        for group, stand in zip(self._groups, stands, strict=True):
            clock = _moved(clock, stand)
            for fact in group.facts:
                if clock is not None and fact.at <= clock:
                    least = group.bound.least
                    yield LateFact(fact, clock, least is not None and fact.at <= least)


def _moved(clock: int | None, stand: int | None) -> int | None:
    """The clock never goes back; None: there is none yet."""
    return clock if stand is None or (clock is not None and stand <= clock) else stand


def _apart(live: Document | None, replayed: Document | None) -> int:
    """How many counts, or what else, part two alerts."""
    if live is None or replayed is None:
        return ABSENT
    return sum(
        _far(live[name], replayed[name]) for name in live.keys() & replayed.keys() if name != OF_WRITING
    )


def _far(live: object, replayed: object) -> int:
    if isinstance(live, dict) and isinstance(replayed, dict):
        return sum(_far(live.get(name), replayed.get(name)) for name in {**live, **replayed})
    if isinstance(live, int) and isinstance(replayed, int):
        return abs(live - replayed)
    return int(live != replayed)
