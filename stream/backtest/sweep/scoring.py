"""How do the alerts of one tier do in one part: how many, of how many shops, and against the labels?

What fits what is said in `stream.backtest.accuracy`.  An incident's fitting alerts of one tier follow each other, for alerts of a
tier in a shop never overlap: so they are found by searching, not by trying all.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from stream.backtest.columns.episodes import STILL, Episodes
from stream.backtest.columns.pairs import Pairs, places
from stream.backtest.columns.tracks import Compiled, Windows, tier_episodes
from stream.backtest.span import Span, lag
from stream.backtest.sweep.labelling import Found, PartLabels
from stream.backtest.timeline.rows import I32, I64, Flags
from stream.engine.rules import RateTier, TierKey


class Score(NamedTuple):
    """Of one tier in one part."""

    alerts: int
    """Fired within the span."""
    shops: I32
    """With an alert that fires at some instant of it."""
    judged: int
    """Fired within the span, and labels can speak of them."""
    right: int
    """Of these, those that fit an incident."""
    first: I64
    """By incident of the part, when the first alert fired that fits it; `STILL`: none does."""


@dataclass(slots=True)
class Scoring:
    """Of one part under any number of policies; a tier that is the same in several is scored once."""

    windows: Windows
    labels: PartLabels
    span: Span
    _known: dict[object, Score] = field(default_factory=dict)

    def score(self, of: Compiled, key: TierKey) -> Score:
        """How the tier does."""
        what = (key, *(_content(of, version, key) for version in range(len(of.tiers))))
        known = self._known.get(what)
        if known is None:
            known = self._known[what] = self._score(of, key)
        return known

    def _score(self, of: Compiled, key: TierKey) -> Score:
        fired = tier_episodes(of, key, self.windows)
        fired = fired.some(fired.resolved_at > self.span.begin)
        right, first = self._fitting(of, key, fired)
        within = fired.fired_at >= self.span.begin
        told = self.labels.told(key)
        judged = within if told is None else within & told.speaks_of(fired.shop, fired.fired_at)
        return Score(
            int(within.sum()), _distinct(fired.shop), int(judged.sum()), int((judged & right).sum()), first
        )

    def _fitting(self, of: Compiled, key: TierKey, fired: Episodes) -> tuple[Flags, I64]:
        """Which alerts fit an incident, and of each incident of the part when the first that fits it fired.

        Versions may differ in what fits: each one's alerts are looked at by themselves.
        """
        right = np.zeros(len(fired.shop), np.bool_)
        first = np.full(len(self.labels.ends), STILL, np.int64)
        starts = np.array([version.effective_from for version in of.policy.versions], np.int64)
        version_of = np.searchsorted(starts, fired.fired_at, "right") - 1
        for number in sorted(set(version_of.tolist())):
            mine = version_of == number
            incidents = self.labels.incidents(key, of.of(number))
            if len(incidents.number):
                alerts = fired.some(mine)
                right[mine] = self._fit(alerts, self._after(of, number, key), incidents, first)
        return right, first

    def _after(self, of: Compiled, number: int, key: TierKey) -> int:
        """So long after an incident's end an alert can still be about it."""
        version = of.of(number)
        rule = version.rules[key[0]]
        window = rule.window if self.labels.told(key) is None else 0
        return of.tiers[number][key].tier.hold + lag(version, rule) + window

    def _fit(self, fired: Episodes, after: int, incidents: Found, first: I64) -> Flags:
        """Which of these alerts, all of one version, fit; notes the first of each incident."""
        ends = np.minimum(fired.resolved_at, self.span.end + 1)
        times = np.concatenate([fired.fired_at, ends, incidents.begins, incidents.ends + after])
        shops = max(int(fired.shop.max()), int(incidents.shop.max())) + 1
        pairs = Pairs(int(times.min()), int(times.max()), shops)
        over, begun = pairs.pack(fired.shop, ends), pairs.pack(fired.shop, fired.fired_at)
        begin = places(over, pairs.pack(incidents.shop, incidents.begins), after=True)
        end = places(begun, pairs.pack(incidents.shop, incidents.ends + after), after=True)
        fits = begin < end
        index = incidents.number[fits]
        first[index] = np.minimum(first[index], fired.fired_at[begin[fits]])
        turns = np.zeros(len(fired.shop) + 1, np.int64)
        np.add.at(turns, begin[fits], 1)
        np.add.at(turns, end[fits], -1)
        right: Flags = np.cumsum(turns)[:-1] > 0
        return right


def _distinct(rising: I32) -> I32:
    """Each once."""
    new = np.ones(len(rising), np.bool_)
    new[1:] = rising[1:] != rising[:-1]
    return rising[new]


def _content(of: Compiled, version: int, key: TierKey) -> object:
    """All that a tier's episodes hang on, of one version."""
    start, tier = of.of(version).effective_from, of.tiers[version].get(key)
    if tier is None:
        return start, None
    keys = tuple(of.layout.keys[window] for window in tier.windows)
    if isinstance(tier, RateTier):
        return start, tier.tier, keys, tier.good_share
    score = of.of(version).scores[tier.rule.score or ""]
    return start, tier.tier, keys, tuple((part.spec, part.below) for part in tier.parts), score.missing
