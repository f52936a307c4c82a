"""What does each tier of a policy make of the counts of a part's shops, through all versions?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from stream.backtest.columns.episodes import Episodes, episodes, runs
from stream.backtest.columns.lines import CLEAR, GONE, Classes, Lines
from stream.backtest.columns.points import Points, points, starts_of
from stream.backtest.columns.score_lines import score_classes, together
from stream.backtest.columns.versions import Timers, Track, episodes_of
from stream.backtest.errors import LooksAheadError
from stream.backtest.timeline.rows import I32, I64, Part, Rows
from stream.engine.rules import CompiledTier, RateTier, TierKey, compile_tiers
from stream.engine.windows import Layout, Sums, WindowKey
from stream.policy.spec import PolicySet, Version

_NONE = np.zeros(0, np.int64)
_NO_COUNTS = np.zeros(0, np.int8)
_NO_ROWS = Rows(
    _NONE.astype(np.int32),
    _NONE,
    _NONE,
    _NO_COUNTS,
    _NO_COUNTS,
    _NO_COUNTS,
    _NONE.astype(np.bool_),
    _NONE.astype(np.int32),
)


@dataclass(slots=True)
class Windows:
    """The windows of one part up to ``end``, each counted when it is first asked for: many policies may ask."""

    part: Part
    end: int
    _lines: dict[WindowKey, Lines] = field(default_factory=dict)
    _rows: dict[str, Rows] = field(default_factory=dict)
    _starts: dict[str, I64] = field(default_factory=dict)
    _narrowed: dict[WindowKey, Lines] = field(default_factory=dict)

    def rows(self, metric: str) -> Rows:
        """Those of one metric, read once."""
        known = self._rows.get(metric)
        if known is None:
            known = self._rows[metric] = self.part.rows.get(metric, _NO_ROWS)
        return known

    def starts(self, metric: str) -> I64:
        """Where each shop's rows begin, see `starts_of`."""
        known = self._starts.get(metric)
        if known is None:
            known = self._starts[metric] = starts_of(self.rows(metric).shop)
        return known

    def lines(self, key: WindowKey) -> Lines:
        """The points of a window, and what is known of them."""
        known = self._lines.get(key)
        if known is None:
            known = self._lines[key] = Lines(points(self.rows(key.metric), key, self.end))
        return known

    def narrow(self, tiers: Mapping[WindowKey, Sequence[RateTier]]) -> None:
        """From here on no other tiers than these are asked for of these windows: what can matter to none is left out."""
        self._narrowed = {key: self.lines(key).narrowed(mine) for key, mine in tiers.items()}

    def judged(self, key: WindowKey) -> Lines:
        """The points of a window at which a tier may change its state, see `narrow`."""
        return self._narrowed.get(key) or self.lines(key)

    def points(self, key: WindowKey) -> Points:
        """The points of a window."""
        return self.lines(key).points


class Compiled(NamedTuple):
    """A policy as the engine sees it: its windows, and of each version the tiers by rule and severity."""

    policy: PolicySet
    layout: Layout
    tiers: Sequence[Mapping[TierKey, CompiledTier]]

    def tier_keys(self) -> Sequence[TierKey]:
        """Every tier of any version."""
        return list(dict.fromkeys(key for version in self.tiers for key in version))

    def version_at(self, t: int) -> int:
        """The index of the one in force."""
        starts = [version.effective_from for version in self.policy.versions]
        return int(np.searchsorted(starts, t, "right")) - 1

    def of(self, index: int) -> Version:
        """A version by its index."""
        return self.policy.versions[index]


def refuse_forecasts(policy: PolicySet) -> None:
    """Raises LooksAheadError if a tier looks ahead."""
    for version in policy.versions:
        for rule in version.rules.values():
            for tier in rule.tiers:
                if tier.forecast is not None:
                    raise LooksAheadError(rule.name, tier.severity)


def compiled(policy: PolicySet) -> Compiled:
    """Lay out the windows and compile the tiers, as the engine does.  Raises LooksAheadError."""
    refuse_forecasts(policy)
    layout = Layout(policy)
    tiers = [{tier.key: tier for tier in compile_tiers(version, layout)} for version in policy.versions]
    return Compiled(policy, layout, tiers)


def tier_episodes(of: Compiled, key: TierKey, windows: Windows) -> Episodes:
    """When the tier fires and resolves in the shops of the part."""
    if len(of.tiers) == 1:
        tier = of.tiers[0][key]
        shop, at, made = _made(of, tier, windows)
        return episodes(runs(shop, at, made, windows.end), tier.tier.hold, tier.tier.keep_firing)
    timers = [
        Timers(version[key].tier.hold, version[key].tier.keep_firing) if key in version else None
        for version in of.tiers
    ]
    return episodes_of(_track(of, key, windows), timers, windows.end)


def _made(of: Compiled, tier: CompiledTier, windows: Windows) -> tuple[I32, I64, Classes]:
    """What a tier makes of the counts at every instant at which they change."""
    if isinstance(tier, RateTier):
        lines = windows.judged(of.layout.keys[tier.window])
        return lines.points.shop, lines.points.at, lines.classes(tier)
    counts = together({window: windows.points(of.layout.keys[window]) for window in tier.windows})
    return counts.shop, counts.at, score_classes(tier, counts, len(of.layout.keys))


# -- several versions


def _track(of: Compiled, key: TierKey, windows: Windows) -> Track:
    """Of each version the points of its own time; at its start every shop has one (SEMANTICS V2)."""
    starts = [version.effective_from for version in of.policy.versions]
    pieces = []
    for version, tiers in enumerate(of.tiers):
        begins = starts[version]
        ends = starts[version + 1] if version + 1 < len(starts) else windows.end + 1
        if begins > windows.end:
            break
        tier = tiers.get(key)
        if tier is None:
            pieces.append(_at_start(windows, begins, np.uint8(GONE), version))
        else:
            pieces += _in_version(_made(of, tier, windows), windows, begins, ends, version)
    return _in_order(pieces)


def _at_start(windows: Windows, begins: int, made: object, version: int) -> Track:
    shops = len(windows.part.shops)
    return Track(
        np.arange(shops, dtype=np.int32),
        np.full(shops, begins, np.int64),
        np.broadcast_to(np.asarray(made, np.uint8), (shops,)),
        np.full(shops, version, np.int32),
    )


def _in_version(
    made: tuple[I32, I64, Classes], windows: Windows, begins: int, ends: int, version: int
) -> Sequence[Track]:
    shop, at, classes = made
    shops = len(windows.part.shops)
    before = np.flatnonzero(at <= begins)
    first = np.full(shops, CLEAR, np.uint8)  # a shop in which nothing counts yet is clear
    first[shop[before]] = classes[before]  # the last of a shop counts: they lie in the order of time
    inside = (at > begins) & (at < ends)
    version_of = np.full(int(inside.sum()), version, np.int32)
    return [
        _at_start(windows, begins, first, version),
        Track(shop[inside], at[inside], classes[inside], version_of),
    ]


def _in_order(pieces: Sequence[Track]) -> Track:
    """By shop, then by time."""
    if not pieces:
        return Track(_NONE.astype(np.int32), _NONE, _NONE.astype(np.uint8), _NONE.astype(np.int32))
    shop = np.concatenate([piece.shop for piece in pieces])
    at = np.concatenate([piece.at for piece in pieces])
    made = np.concatenate([piece.made for piece in pieces])
    version = np.concatenate([piece.version for piece in pieces])
    by = np.lexsort((at, shop))
    return Track(shop[by], at[by], made[by], version[by])


def sums_at(of: Compiled, tier: CompiledTier, windows: Windows, shop: int, t: int) -> list[Sums]:
    """What counts for ``shop`` at ``t`` in the windows that ``tier`` looks at, in the places where the engine has them."""
    sums = [Sums(0, 0, 0)] * len(of.layout.keys)
    for window in tier.windows:
        sums[window] = windows.points(of.layout.keys[window]).sums(shop, t)
    return sums
