"""What will a window count, instant by instant, if no further fact comes and some open orders are shipped now?

The counts are a sum: what the window holds now, panes that enter and leave, the fates of orders that are not plain, and the
plain ones.  Of these only the dues are needed, and they lie in order, so that how many of them have passed by then and are in
the window is found by searching, not by counting.  Between two *cuts*, instants at which anything else changes, nothing
happens but that plain orders go bad: there a tier comes into breach once and stays so, and it is enough to look at the end.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import final

from stream.engine.foresight_orders import Ahead, Fate, Moment
from stream.engine.rules import Bounds
from stream.engine.windows import Pane, Sums, WindowKey
from stream.policy.spec import MetricAnchor


@final
class Plain:
    """The plain orders, first those due first: their dues, their ranks among the orders that might be shipped, how they are placed."""

    __slots__ = ("anchor", "dues", "ranks")

    def __init__(self, dues: Sequence[int], ranks: Sequence[int], anchor: MetricAnchor) -> None:
        self.dues = dues
        self.ranks = ranks
        self.anchor = anchor

    def among_first(self, shipped: int) -> int:
        """How many of the first ``shipped`` orders are plain."""
        return bisect_left(self.ranks, shipped)


@final
class Changes:
    """What is added to the counts of a window, and when."""

    __slots__ = ("bad", "good")

    def __init__(self) -> None:
        self.good: dict[int, int] = {}
        self.bad: dict[int, int] = {}

    def add(self, at: int, good: int, bad: int) -> None:
        """So much more from ``at`` on."""
        self.good[at] = self.good.get(at, 0) + good
        self.bad[at] = self.bad.get(at, 0) + bad

    def copy(self) -> "Changes":
        """Another one, that may be added to."""
        other = Changes()
        other.good.update(self.good)
        other.bad.update(self.bad)
        return other


@final
class Stretch:
    """From ``begins`` to ``ends``, both included: nothing but plain orders changes; the others' counts are these."""

    __slots__ = ("bad", "begins", "ends", "good")

    def __init__(self, begins: int, ends: int, good: int, bad: int) -> None:
        self.begins = begins
        self.ends = ends
        self.good = good
        self.bad = bad


class Course:
    """Of one window of a shop, over the time ``ahead``."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that the counts are the sum of
        self, key: WindowKey, ahead: Ahead, panes: Mapping[int, Pane], now: Sums, plain: Plain, fates: Sequence[Fate]
    ) -> None:  # fmt: skip
        self._key = key
        self._ahead = ahead
        self._plain = plain
        self.fates = fates
        self._fate_of = {fate.rank: fate for fate in fates}
        self._fixed = self._crossings(panes)
        self._fixed.add(ahead.t, now.good, now.bad)
        self._cuts: set[int] | None = None

    def bounds(self) -> Bounds | None:
        """Within which all counts ahead lie if nothing is shipped: all that leaves has left or none of it, all that enters has
        entered, all open orders are bad.  None where it takes more to know.
        """
        if self.fates:
            return None
        fixed, now = self._fixed, self._ahead.t
        good_left = sum(more for at, more in fixed.good.items() if more < 0 and at != now)
        good_more = sum(more for at, more in fixed.good.items() if more > 0 and at != now)
        bad_more = sum(more for at, more in fixed.bad.items() if more > 0 and at != now)
        if self._plain.anchor != "shipped":
            bad_more += len(self._plain.dues)
        good, bad = fixed.good[now], fixed.bad[now] + bad_more
        return Bounds(good + good_left, bad, good + good_more + bad)

    def _crossings(self, panes: Mapping[int, Pane]) -> Changes:
        """Panes that enter and leave, with what counts in them now."""
        found, key = Changes(), self._key
        t, last = self._ahead.t, self._ahead.last
        for offset, sign in ((key.lag, 1), (key.lag + key.length, -1)):
            first, final_ = t // key.pane - offset + 1, last // key.pane - offset
            numbers: Sequence[int] = range(first, final_ + 1)
            if final_ - first >= len(panes):
                numbers = [number for number in panes if first <= number <= final_]
            for number in numbers:
                pane = panes.get(number)
                if pane is not None:
                    found.add((number + offset) * key.pane, sign * pane.sums.good, sign * pane.sums.bad)
        return found

    def _plain_cuts(self) -> set[int]:
        """Where the panes of plain orders, and that of now, enter and leave."""
        if self._cuts is None:
            self._cuts = self._found_cuts()
        return self._cuts

    def _found_cuts(self) -> set[int]:
        key, t, last = self._key, self._ahead.t, self._ahead.last
        numbers = {due // key.pane for due in self._plain.dues}
        numbers.add(t // key.pane)
        enter, leave = key.lag, key.lag + key.length
        cuts = {(number + enter) * key.pane for number in numbers}
        cuts.update([(number + leave) * key.pane for number in numbers])
        return {cut for cut in cuts if t < cut <= last}

    # -- fates

    def _changes(self, shipped: int) -> Changes:
        """Of all orders that are not plain, the first ``shipped`` being shipped."""
        if not self.fates:
            return self._fixed
        found = self._fixed.copy()
        for fate in self.fates:
            moments = fate.shipped() if 0 <= fate.rank < shipped else fate.left
            self._add(found, moments, 1)
            if fate.standing is not None:
                self._add(found, (Moment(self._ahead.t, fate.standing),), -1)
        return found

    def _add(self, found: Changes, moments: Sequence[Moment], sign: int) -> None:
        for index, moment in enumerate(moments):
            unit = moment.unit
            if unit is None or (self._key.penalty and unit.spared):
                continue
            until = moments[index + 1].at if index + 1 < len(moments) else self._ahead.last + 1
            number, key = unit.place // self._key.pane, self._key
            enters = max(moment.at, (number + key.lag) * key.pane)
            leaves = min(until, (number + key.lag + key.length) * key.pane)
            if enters < leaves:
                found.add(enters, sign * unit.good, sign * unit.bad)
                found.add(leaves, -sign * unit.good, -sign * unit.bad)

    def gained(self, rank: int, at: int) -> tuple[int, int]:
        """How many more good and bad ones count at ``at`` if the order of this rank, unless it is plain, is shipped now."""
        fate = self._fate_of.get(rank)
        if fate is None:
            return 0, 0
        good, bad = self._counted(fate.shipped(), at)
        good_before, bad_before = self._counted(fate.left, at)
        return good - good_before, bad - bad_before

    def _counted(self, moments: Sequence[Moment], at: int) -> tuple[int, int]:
        """What one order adds to the window at ``at``."""
        unit = next((moment.unit for moment in reversed(moments) if moment.at <= at), None)
        if unit is None or (self._key.penalty and unit.spared):
            return 0, 0
        age = at // self._key.pane - unit.place // self._key.pane
        inside = self._key.lag <= age < self._key.lag + self._key.length
        return (unit.good, unit.bad) if inside else (0, 0)

    # -- what counts

    def stretches(self, shipped: int, begins: int, ends: int) -> Iterator[Stretch]:
        """Those between two instants, both included, if the first ``shipped`` orders are shipped now."""
        changes = self._changes(shipped)
        cuts = sorted({*changes.good, *self._plain_cuts(), begins})
        good = bad = 0
        for index, cut in enumerate(cuts):
            good += changes.good.get(cut, 0)
            bad += changes.bad.get(cut, 0)
            until = cuts[index + 1] - 1 if index + 1 < len(cuts) else ends
            if begins <= cut <= ends:
                yield Stretch(cut, min(until, ends), good, bad)

    def at(self, stretch: Stretch, instant: int, shipped: int) -> Sums:
        """What counts at an instant of ``stretch``, which was found with as many ``shipped``."""
        return self.with_plain(instant, shipped, stretch.good, stretch.bad)

    def with_plain(self, instant: int, shipped: int, good: int, bad: int) -> Sums:
        """``good`` and ``bad`` and, beside them, the plain orders."""
        plain, key = self._plain, self._key
        saved = plain.among_first(shipped)
        newest = instant // key.pane - key.lag
        low, high = (newest - key.length + 1) * key.pane, (newest + 1) * key.pane - 1
        first = bisect_left(plain.dues, low)
        if plain.anchor != "shipped":
            bad += max(0, bisect_right(plain.dues, min(instant, high)) - max(first, saved))
        if plain.anchor == "due":
            good += max(0, min(bisect_right(plain.dues, high), saved) - first)
        elif low <= self._ahead.t <= high:
            good += saved
        return Sums(good, bad, good + bad)

    def dues_within(self, stretch: Stretch) -> Sequence[int]:
        """The dues of plain orders in it."""
        dues = self._plain.dues
        return dues[bisect_right(dues, stretch.begins) : bisect_right(dues, stretch.ends)]
