"""How has a number moved lately?  A short history, and the picture of it."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

KEPT = 24
"""So many values of a trend are kept: the widest picture that is drawn."""

LEVELS = "▁▂▃▄▅▆▇█"


@dataclass(slots=True)
class Trend:
    """Values by their time, one every ``spacing`` at the most: within it the latest counts."""

    spacing: int
    values: "array[float]" = field(default_factory=lambda: array("d"))
    _since: int | None = None

    def take(self, at: int, value: float) -> None:
        """At ``at`` the number is ``value``; times that lie before what is known are taken as now."""
        if self._since is not None and at < self._since + self.spacing:
            self.values[-1] = value
            return
        self._since = at
        self.values.append(value)
        if len(self.values) > KEPT:
            del self.values[0]


def sparkline(values: Sequence[float], width: int, least_span: float) -> str:
    """The last ``width`` of ``values`` as bars from the least to the greatest; padded on the left.

    What moves by less than ``least_span`` shall not look as if it moved much.
    """
    shown = values[-width:] if width > 0 else []
    if not shown:
        return " " * max(width, 0)
    low, high = min(shown), max(shown)
    spare = max(0.0, least_span - (high - low)) / 2
    low, span = low - spare, max(high - low + spare, least_span)
    bars = (LEVELS[min(7, int((value - low) / span * 8))] if span else LEVELS[0] for value in shown)
    return "".join(bars).rjust(width)
