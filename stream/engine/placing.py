"""Where does a unit count?  It is put into the panes of its metric, and into the windows that they are in."""

from dataclasses import dataclass, field

from stream.engine.findings import Unit
from stream.engine.shop import Shop
from stream.engine.timers import Timers
from stream.engine.windows import Boundary, Layout, Pane, Series, boundaries, within


@dataclass(slots=True)
class Touched:
    """Windows of shops, as bits, whose counts have changed and are still to be judged."""

    windows: dict[str, int] = field(default_factory=dict)
    corrected: dict[str, int] = field(default_factory=dict)
    """Those from which a bad unit was taken back."""

    def add(self, shop: str, windows: int) -> None:
        """These are to be judged."""
        self.windows[shop] = self.windows.get(shop, 0) | windows

    def correct(self, shop: str, windows: int) -> None:
        """From these a bad unit was taken back."""
        self.corrected[shop] = self.corrected.get(shop, 0) | windows


@dataclass(slots=True)
class Placing:
    """Keeps the panes and sums of shops; ``timers`` are told when panes enter and leave windows."""

    layout: Layout
    timers: Timers
    touched: Touched = field(default_factory=Touched)

    def add(self, shop: Shop, order_id: str, unit: Unit, t: int) -> None:
        """From ``t`` on ``unit`` counts."""
        self._put(shop, order_id, unit, 1, t)

    def retract(self, shop: Shop, order_id: str, unit: Unit, t: int) -> None:
        """From ``t`` on it does not any more."""
        windows = self._put(shop, order_id, unit, -1, t)
        if unit.bad:
            self.touched.correct(shop.name, windows)

    def cross(self, shop: Shop, boundary: Boundary) -> None:
        """A pane enters or leaves a window, with all that counts in it."""
        panes = shop.windows.panes[boundary.series]
        sums = (panes.pop(boundary.pane) if boundary.last else panes[boundary.pane]).sums
        if sums.good or sums.bad or sums.counted:
            sign = boundary.sign
            _move(shop, boundary.window, sign * sums.good, sign * sums.bad, sign * sums.counted)
            self.touched.add(shop.name, 1 << boundary.window)

    def _put(self, shop: Shop, order_id: str, unit: Unit, sign: int, t: int) -> int:
        """Returns the windows, as bits, whose counts it changes."""
        touched = 0
        good, bad, counted = sign * unit.good, sign * unit.bad, sign * unit.counted
        for series in self.layout.of_metric.get(unit.metric, []):
            number = unit.place // series.pane
            pane = None if series.penalty and unit.spared else self._pane(shop, series, number, t)
            if pane is None:
                continue
            pane.sums = pane.sums.moved(good, bad, counted)
            if bad:
                _note(pane, order_id, sign)
            for window in within(series, number, t):
                _move(shop, window, good, bad, counted)
                touched |= 1 << window
        if touched:
            self.touched.add(shop.name, touched)
        return touched

    def _pane(self, shop: Shop, series: Series, number: int, t: int) -> Pane | None:
        """The pane, made if need be; None if it has left all windows."""
        panes = shop.windows.panes[series.index]
        pane = panes.get(number)
        if pane is None and (number + series.longest) * series.pane > t:
            pane = panes[number] = Pane()
            for instant, boundary in boundaries(series, number, t):
                self.timers.cross(instant, shop.name, boundary)
        return pane


def _move(shop: Shop, window: int, good: int, bad: int, counted: int) -> None:
    sums = shop.windows.sums
    sums[window] = sums[window].moved(good, bad, counted)


def _note(pane: Pane, order_id: str, sign: int) -> None:
    """Remember, or forget, that a bad unit of the order is in the pane."""
    left = pane.bad_orders.get(order_id, 0) + sign
    if left:
        pane.bad_orders[order_id] = left
    else:
        del pane.bad_orders[order_id]
