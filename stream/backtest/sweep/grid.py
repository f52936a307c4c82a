"""How does every variant do, and which does no other beat?"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median_low

import numpy as np

from stream.archive.recorded import Recording
from stream.backtest.columns.episodes import STILL
from stream.backtest.columns.tracks import Compiled, Windows, compiled, refuse_forecasts
from stream.backtest.errors import NothingRecordedError, OutsideError
from stream.backtest.incidents import Incident
from stream.backtest.span import Span, zone_of
from stream.backtest.sweep.labelling import PartLabels, cohorts, given
from stream.backtest.sweep.scoring import Scoring
from stream.backtest.sweep.variants import Variant
from stream.backtest.timeline.key import timeline_key
from stream.backtest.timeline.refused import Refused
from stream.backtest.timeline.rows import Part, Timeline
from stream.backtest.timeline.run import Spread, timeline
from stream.engine.rules import RateTier, TierKey
from stream.engine.windows import WindowKey
from stream.policy.spec import PolicySet

_UNKNOWN = -(10.0**18)
"""Of precision, recall or lead time: worse than any that is known."""


Progress = Callable[[str, int, int], None]
"""Is told what is done, how much of it, and of how much."""


def _silent(_what: str, _done: int, _of: int) -> None:
    """Nobody is told."""


@dataclass(slots=True)
class Figures:
    """Of one variant, within the span."""

    alerts: int = 0
    shops: int = 0
    judged: int = 0
    right: int = 0
    incidents: int = 0
    found: int = 0
    leads: list[int] = field(default_factory=list)
    """Of each incident that was found: from its first alert to its end."""

    @property
    def precision(self) -> float | None:
        """The share of alerts that are right, of those of which labels can speak."""
        return self.right / self.judged if self.judged else None

    @property
    def recall(self) -> float | None:
        """The share of incidents that are found."""
        return self.found / self.incidents if self.incidents else None

    @property
    def lead_ms(self) -> int | None:
        """The (lower) median."""
        return median_low(self.leads) if self.leads else None

    def alerts_a_day(self, span: Span) -> float:
        """Of all shops together."""
        return self.alerts / span.days


@dataclass(frozen=True, slots=True)
class Row:
    """A variant, what it would have done, and whether no other beats it."""

    variant: Variant
    figures: Figures
    unbeaten: bool


@dataclass(frozen=True, slots=True)
class Sweep:
    """What came of it all."""

    span: Span
    zone: str
    """Whose days are meant."""
    read: Span
    """From the first fact that was read to the latest."""
    tiers: frozenset[TierKey]
    """Whose alerts are counted."""
    events: int
    refused: int
    first_refused: Refused | None
    shops: int
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked; ``begin`` and ``end`` None: all that was recorded.  ``incidents`` None: the matured cohorts tell."""

    baseline: PolicySet
    variants: Sequence[Variant]
    tiers: frozenset[TierKey]
    begin: int | None
    end: int | None
    incidents: Sequence[Incident] | None


def sweep(
    asked: Asked,
    recording: Recording,
    kept: Path | None,
    *,
    spread: Spread | None = None,
    progress: Progress = _silent,
) -> Sweep:
    """Every variant over ``recording``; raises ArchiveError and BacktestError.

    Variants that differ in rules only share one first pass; those that differ in metrics or exemptions have one each.
    """
    for policy in (asked.baseline, *(variant.policy for variant in asked.variants)):
        refuse_forecasts(policy)
    print_ = recording.fingerprint()
    groups: dict[str, list[int]] = {}
    for number, variant in enumerate(asked.variants):
        groups.setdefault(timeline_key(variant.policy, print_, asked.end), []).append(number)
    of_baseline = timeline_key(asked.baseline, print_, asked.end)
    groups.setdefault(of_baseline, [])
    with ExitStack() as stack:
        lines: dict[str, Timeline] = {}
        for number, (key, members) in enumerate(groups.items(), 1):
            policy = asked.variants[members[0]].policy if members else asked.baseline
            said = _said(progress, number, len(groups))
            lines[key] = stack.enter_context(
                timeline(policy, recording, kept, last=asked.end, spread=spread, progress=said)
            )
        span = _span(asked, lines.values(), recording.name)
        baseline = lines[of_baseline]
        figures = [Figures()] * len(asked.variants)
        for key, members in groups.items():
            mine = replace(asked, variants=[asked.variants[number] for number in members])
            judged = judge_all(mine, lines[key], baseline, span, progress)
            for number, each in zip(members, judged, strict=True):
                figures[number] = each
    return Sweep(
        span,
        zone_of(asked.baseline),
        Span(baseline.first_ms or 0, baseline.latest_ms or 0),
        asked.tiers,
        baseline.events,
        baseline.refused,
        next(iter(baseline.refusals), None),
        sum(len(part.shops) for part in baseline.parts),
        _rows(asked.variants, figures),
    )


def _said(progress: Progress, number: int, of: int) -> Callable[[int, int], None]:
    what = "partitions read" if of == 1 else f"partitions read ({number} of {of} readings)"
    return lambda done, total: progress(what, done, total)


def _span(asked: Asked, lines: Collection[Timeline], name: str) -> Span:
    ends = [line.end_ms for line in lines if line.end_ms is not None]
    line = next(iter(lines))  # all are of the same records
    if not ends or line.first_ms is None or line.latest_ms is None:
        raise NothingRecordedError(name, line.refused, next(iter(line.refusals), None))
    begin = line.first_ms if asked.begin is None else asked.begin
    span = Span(begin, max(ends) if asked.end is None else asked.end)
    if span.end < line.first_ms or span.begin > max(ends):
        raise OutsideError(str(span), str(Span(line.first_ms, line.latest_ms)), name)
    return span


def judge_all(
    asked: Asked, line: Timeline, baseline: Timeline, span: Span, progress: Progress = _silent
) -> Sequence[Figures]:
    """What the variants of ``asked`` do, all on one timeline; ``baseline`` is that of the policy before anything is varied.

    Parts are judged side by side: NumPy lets go of the interpreter while it works.
    """
    policies = [compiled(variant.policy) for variant in asked.variants]
    whole = [Figures() for _ in policies]

    def of_part(parts: tuple[Part, Part]) -> list[Figures]:
        return list(_part_figures(asked, parts[0], parts[1], policies, span, baseline.latest_ms or 0))

    pairs = list(zip(line.parts, baseline.parts, strict=True))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for done, found in enumerate(pool.map(of_part, pairs) if policies else (), 1):
            for mine, part in zip(whole, found, strict=True):
                _add(mine, part)
            progress("parts judged", done, len(pairs))
    return whole


def _add(whole: Figures, part: Figures) -> None:
    for name in ("alerts", "shops", "judged", "right", "incidents", "found"):
        setattr(whole, name, getattr(whole, name) + getattr(part, name))
    whole.leads += part.leads


def _part_figures(  # noqa: PLR0913, PLR0917 - a part, and what is asked of it
    asked: Asked, part: Part, baseline: Part, policies: Sequence[Compiled], span: Span, latest: int
) -> Iterator[Figures]:
    windows = Windows(part, span.end)
    windows.narrow(_rate_tiers(asked, policies))
    scoring = Scoring(windows, _labels(asked, Windows(baseline, span.end), span, latest), span)
    for of in policies:
        yield _figures(scoring, of, [key for key in of.tier_keys() if key in asked.tiers])


def _rate_tiers(asked: Asked, policies: Sequence[Compiled]) -> Mapping[WindowKey, Sequence[RateTier]]:
    """Every tier on a rate that is asked for, by its window."""
    found: dict[WindowKey, dict[RateTier, None]] = {}
    for of in policies:
        for tiers in of.tiers:
            for key, tier in tiers.items():
                if key in asked.tiers and isinstance(tier, RateTier):
                    found.setdefault(of.layout.keys[tier.window], {})[tier] = None
    return {key: list(mine) for key, mine in found.items()}


def _labels(asked: Asked, windows: Windows, span: Span, latest: int) -> PartLabels:
    if asked.incidents is not None:
        policies = [asked.baseline, *(variant.policy for variant in asked.variants)]
        return given(asked.incidents, policies, asked.tiers, windows, span)
    return cohorts(compiled(asked.baseline), asked.tiers, windows, span, latest)


def _figures(scoring: Scoring, of: Compiled, keys: Sequence[TierKey]) -> Figures:
    scores = [scoring.score(of, key) for key in keys]
    ends = scoring.labels.ends
    figures = Figures(incidents=len(ends))
    if scores:
        first = np.minimum.reduce([score.first for score in scores])
        found = first != STILL
        figures.alerts = sum(score.alerts for score in scores)
        figures.shops = len(np.unique(np.concatenate([score.shops for score in scores])))
        figures.judged = sum(score.judged for score in scores)
        figures.right = sum(score.right for score in scores)
        figures.found = int(found.sum())
        figures.leads = (ends[found] - first[found]).tolist()
    return figures


# -- which no other beats


def _rows(variants: Sequence[Variant], figures: Sequence[Figures]) -> Sequence[Row]:
    marks = unbeaten(figures)
    return [Row(*each) for each in zip(variants, figures, marks, strict=True)]


def unbeaten(figures: Sequence[Figures]) -> Sequence[bool]:
    """Of each whether no other is better in one of precision, recall and lead time and no worse in the other two.

    Something that is not known is worse than anything that is.  Where nothing is known of anyone, nobody is marked.
    """
    merits = [_merits(each) for each in figures]
    front: list[tuple[float, ...]] = []
    for one in sorted(set(merits), reverse=True):  # whoever beats one comes before it
        if not any(all(o >= m for o, m in zip(other, one, strict=True)) for other in front):
            front.append(one)
    best = set(front)
    return [one in best and max(one) > _UNKNOWN for one in merits]


def _merits(figures: Figures) -> tuple[float, ...]:
    known = (figures.precision, figures.recall, figures.lead_ms)
    return tuple(_UNKNOWN if value is None else value for value in known)
