"""Which bad units does an alert name?  Found in the rows, told by the engine's verdicts from what was recorded (DESIGN 6)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from stream.backtest.columns.tracks import Compiled, Windows
from stream.backtest.timeline.rows import Witness
from stream.engine.evidence import MOST_EVIDENCE, evidence_of
from stream.engine.findings import Unit
from stream.engine.joining import join
from stream.engine.order import Order
from stream.engine.reading import read_event
from stream.engine.rules import CompiledTier, RateTier
from stream.engine.verdicts import Verdicts
from stream.engine.windows import Sums, WindowKey
from stream.policy.spec import Version
from topics.alerts import Evidence


class Asked(NamedTuple):
    """An alert whose evidence is asked for: which tier has fired, where, when, and at which counts of all windows."""

    tier: CompiledTier
    shop: int
    t: int
    sums: list[Sums]


@dataclass(slots=True)
class Evidences:
    """Of the alerts of one part."""

    compiled: Compiled
    windows: Windows
    verdicts: Verdicts
    _orders: dict[int, tuple[str, Order]] = field(default_factory=dict)
    """By witness: an order may be evidence of many alerts."""

    def expect(self, asked: Iterable[Asked]) -> None:
        """Read what all of these need at once; what was read before is forgotten."""
        marks = {
            mark
            for each in asked
            for mark in self._newest(*self._where(each.tier, each.sums, each.t), each.shop, each.t)
        }
        self._orders = {
            mark: _joined(each) for mark, each in self.windows.part.witnesses.find(sorted(marks)).items()
        }

    def of(self, version: Version, asked: Asked) -> list[Evidence]:
        """The newest placed bad units of the tier's window, ties by order id; of a score, of its costliest part."""
        t = asked.t
        key, panes = self._where(asked.tier, asked.sums, t)
        return [
            evidence_of(self.verdicts, order_id, order, t, unit, version.time_zone)
            for order_id, order, unit in self._bad_units(key, panes, asked.shop, t)
        ]

    def _where(self, tier: CompiledTier, sums: list[Sums], t: int) -> tuple[WindowKey, range]:
        """The window, and its panes at ``t``."""
        window = tier.window if isinstance(tier, RateTier) else tier.costliest(sums).window
        return self.compiled.layout.keys[window], self.compiled.layout.range(window, t)

    def _bad_units(self, key: WindowKey, panes: range, shop: int, t: int) -> list[tuple[str, Order, Unit]]:
        found = [
            (order_id, order, unit)
            for order_id, order in map(self._orders.__getitem__, self._newest(key, panes, shop, t))
            for unit in self.verdicts.find(order, t).units
            if unit.bad
            and unit.metric == key.metric
            and unit.place // key.pane in panes
            and not (key.penalty and unit.spared)
        ]
        found.sort(key=lambda each: (-each[2].place, each[0], each[2].thing))
        return found[:MOST_EVIDENCE]

    def _newest(self, key: WindowKey, panes: range, shop: int, t: int) -> list[int]:
        """The witnesses whose bad units of the window at ``t`` are placed last, with all that are placed as the last of them."""
        rows = self.windows.rows(key.metric)
        starts = self.windows.starts(key.metric)
        if shop + 1 >= len(starts):
            return []
        first, after = int(starts[shop]), int(starts[shop + 1])
        after = first + int(np.searchsorted(rows.at[first:after], t, "right"))
        bad, place = rows.bad[first:after], rows.place[first:after]
        counts = (bad != 0) & (place >= panes.start * key.pane) & (place < panes.stop * key.pane)
        if key.penalty:
            counts &= ~rows.spared[first:after]
        standing: dict[tuple[int, int], int] = {}
        marks = rows.witness[first:after][counts].tolist()
        for place_, mark, sign in zip(place[counts].tolist(), marks, bad[counts].tolist(), strict=True):
            standing[place_, mark] = standing.get((place_, mark), 0) + sign
        newest = sorted((each for each, left in standing.items() if left > 0), reverse=True)
        if len(newest) > MOST_EVIDENCE:
            oldest = newest[MOST_EVIDENCE - 1][0]
            newest = [each for each in newest if each[0] >= oldest]
        return list(dict.fromkeys(mark for _, mark in newest))


def _joined(witness: Witness) -> tuple[str, Order]:
    order = Order()
    for value in witness.values:
        join(order, read_event(None, None, value).fact)
    return witness.order_id, order
