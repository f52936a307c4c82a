"""How much counts in each window?  Sparse panes with running sums (SEMANTICS W1, W2).

A *series* are the panes of one metric with one pane length, shared by all windows over it; a *window* is a run of panes
that moves on by whole panes.  What is laid out here for a policy set is the same for all shops; what a shop has is its
`ShopWindows`.  The windows of all versions are kept up all the time, so that a new version finds its sums in place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, final

from mypy_extensions import mypyc_attr

from stream.policy.spec import PolicySet, Rule, Tier, Version


class WindowKey(NamedTuple):
    """What makes two windows the same: ``lag`` and ``length`` count panes, ``penalty`` leaves spared units out (E5)."""

    metric: str
    pane: int
    lag: int
    length: int
    penalty: bool


@final
class Reach:
    """One window as its series sees it: pane ``i`` is in it from pane ``i + begin`` on, and no more from ``i + end`` on."""

    __slots__ = ("begin", "end", "window")

    def __init__(self, window: int, begin: int, end: int) -> None:
        self.window = window
        self.begin = begin
        self.end = end


@dataclass(frozen=True, slots=True)
class Series:
    """The panes of a metric, and the windows over them, the one that a pane leaves last at the end.

    ``longest`` is after how many panes one has left them all.
    """

    index: int
    pane: int
    penalty: bool
    windows: tuple[Reach, ...]
    longest: int


@mypyc_attr(acyclic=True, free_list_len=1)
@final
class Sums:
    """What counts in one window, or in one pane; never changed, since shops share ``NOTHING``."""

    __slots__ = ("bad", "counted", "good")

    def __init__(self, good: int, bad: int, counted: int) -> None:
        self.good = good
        self.bad = bad
        self.counted = counted

    def moved(self, good: int, bad: int, counted: int) -> "Sums":
        """With so much more in each."""
        return Sums(self.good + good, self.bad + bad, self.counted + counted)


NOTHING: Final = Sums(0, 0, 0)


@final
class Pane:
    """What counts in one pane, and which orders have bad units in it, for the evidence."""

    __slots__ = ("bad_orders", "sums")

    def __init__(self) -> None:
        self.sums = NOTHING
        self.bad_orders: dict[str, int] = {}


@dataclass(slots=True)
class ShopWindows:
    """One shop's panes by series, and its sums by window."""

    panes: list[dict[int, Pane]]
    sums: list[Sums]


@mypyc_attr(acyclic=True, free_list_len=1)
@final
class Boundary:
    """At an instant a pane enters a window (``sign`` 1), or leaves it (-1), maybe as the ``last`` of all."""

    __slots__ = ("last", "pane", "series", "sign", "window")

    def __init__(self, series: int, pane: int, window: int, sign: int, *, last: bool) -> None:
        self.series = series
        self.pane = pane
        self.window = window
        self.sign = sign
        self.last = last


class Layout:
    """The series and windows that a policy set needs."""

    def __init__(self, policy: PolicySet) -> None:
        spares = {
            name
            for exemption in policy.exemptions
            if exemption.effect == "penalty_only"
            for name in exemption.metrics
        }
        self._spares = spares
        self.keys: list[WindowKey] = list(dict.fromkeys(self._all(policy)))
        self._index = {key: index for index, key in enumerate(self.keys)}
        self.series: list[Series] = []
        self.of_metric: dict[str, list[Series]] = self._make_series()
        self.series_of: list[Series] = [self._series_of(index) for index in range(len(self.keys))]
        self.longest_ms = max((key.pane * (key.lag + key.length) for key in self.keys), default=0)
        """After so long a unit has left all windows."""

    def key_of(self, version: Version, metric: str, window: int, pane: int, *, penalty: bool) -> WindowKey:
        """The window of a rule or a score of ``version`` over ``metric``."""
        lag = version.metrics[metric].lag
        return WindowKey(metric, pane, lag // pane, window // pane, penalty and metric in self._spares)

    def index_of(self, key: WindowKey) -> int:
        """Where its sums are."""
        return self._index[key]

    def _all(self, policy: PolicySet) -> Iterator[WindowKey]:
        for version in policy.versions:
            for rule in version.rules.values():
                for tier in rule.tiers:
                    yield from self.keys_of(version, rule, tier)

    def keys_of(self, version: Version, rule: Rule, tier: Tier) -> Iterator[WindowKey]:
        """The windows that a tier looks at: one, or one for each part of its score."""
        metrics = (
            [rule.metric] if rule.metric else [part.metric for part in version.scores[rule.score or ""].parts]
        )
        for metric in metrics:
            yield self.key_of(version, metric, rule.window, rule.pane, penalty=tier.penalty)

    def _make_series(self) -> dict[str, list[Series]]:
        found: dict[tuple[str, int, bool], list[Reach]] = {}
        for index, key in enumerate(self.keys):
            reach = Reach(index, key.lag, key.lag + key.length)
            found.setdefault((key.metric, key.pane, key.penalty), []).append(reach)
        of_metric: dict[str, list[Series]] = {}
        for (metric, pane, penalty), windows in found.items():
            windows.sort(key=lambda reach: reach.end)
            longest = windows[-1].end
            series = Series(len(self.series), pane, penalty, tuple(windows), longest)
            self.series.append(series)
            of_metric.setdefault(metric, []).append(series)
        return of_metric

    def _series_of(self, window: int) -> Series:
        return next(
            series for series in self.series if any(reach.window == window for reach in series.windows)
        )

    def new_shop(self) -> ShopWindows:
        """A shop of which nothing counts."""
        return ShopWindows([{} for _ in self.series], [NOTHING for _ in self.keys])

    def range(self, window: int, t: int) -> range:
        """The panes that are in ``window`` at ``t``, oldest first (SEMANTICS W2)."""
        key = self.keys[window]
        newest = t // key.pane - key.lag
        return range(newest - key.length + 1, newest + 1)


def boundaries(series: Series, pane: int, t: int) -> Iterator[tuple[int, Boundary]]:
    """The instants after ``t`` at which ``pane`` enters or leaves a window, and what happens then."""
    last = series.windows[-1].window
    for reach in series.windows:
        enters, leaves = (pane + reach.begin) * series.pane, (pane + reach.end) * series.pane
        if enters > t:
            yield enters, Boundary(series.index, pane, reach.window, 1, last=False)
        if leaves > t:
            yield leaves, Boundary(series.index, pane, reach.window, -1, last=reach.window == last)
