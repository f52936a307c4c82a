"""Where does a unit count?  It is put into the panes of its metric, and into the windows that they are in."""

from dataclasses import dataclass, field

from stream.engine.findings import Unit
from stream.engine.shop import Shop
from stream.engine.timers import Timers
from stream.engine.windows import Boundary, Layout, Pane, Series, boundaries


@dataclass(slots=True)
class Placing:
    """Keeps the panes and sums of shops; ``timers`` are told when panes enter and leave windows."""

    layout: Layout
    timers: Timers
    _touched: list[Shop] = field(default_factory=list)
    """Shops with windows that are to be judged."""

    def touch(self, shop: Shop, windows: int) -> None:
        """These windows of a shop, as bits, are to be judged."""
        if not shop.touched:
            self._touched.append(shop)
        shop.touched |= windows

    def take_touched(self) -> list[Shop]:
        """Hand out the shops with windows that are to be judged, in the order in which they came to be."""
        shops, self._touched = self._touched, []
        return shops

    def add(self, shop: Shop, order_id: str, unit: Unit, t: int) -> None:
        """From ``t`` on ``unit`` counts."""
        self._put(shop, order_id, unit, 1, t)

    def retract(self, shop: Shop, order_id: str, unit: Unit, t: int) -> None:
        """From ``t`` on it does not any more."""
        windows = self._put(shop, order_id, unit, -1, t)
        if unit.bad:
            shop.corrected |= windows

    def cross(self, shop: Shop, boundary: Boundary) -> None:
        """A pane enters or leaves a window, with all that counts in it."""
        panes = shop.windows.panes[boundary.series]
        sums = (panes.pop(boundary.pane) if boundary.last else panes[boundary.pane]).sums
        if sums.good or sums.bad or sums.counted:
            sign = boundary.sign
            _move(shop, boundary.window, sign * sums.good, sign * sums.bad, sign * sums.counted)
            self.touch(shop, 1 << boundary.window)

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
            age = t // series.pane - number
            for reach in series.windows:
                if reach.begin <= age < reach.end:
                    _move(shop, reach.window, good, bad, counted)
                    touched |= 1 << reach.window
        if touched:
            self.touch(shop, touched)
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
