"""How long is a window, and in which panes does it move?  (SEMANTICS W1)"""

from collections.abc import Iterable

from stream.policy.durations import UNITS, duration_text
from stream.policy.spec import Metric
from stream.policy.tables import Table
from stream.policy.values import length

WINDOW_KEYS = frozenset({"window", "pane"})


def read_window(table: Table, metrics: Iterable[Metric]) -> tuple[int, int]:
    """The window and the pane of a rule or a score over ``metrics``, whose lags the pane has to divide too.

    What is wrong is noted, and the length of a millisecond stands in for it.
    """
    window = table.need("window", length, '"30d"')
    pane = table.take("pane", length)
    if window is None or ("pane" in table and pane is None):
        return 1, 1
    chosen = _default_pane(window) if pane is None else pane
    _check_divides(table, chosen, "window", window)
    for metric in metrics:
        _check_divides(table, chosen, f"lag of metrics.{metric.name}", metric.lag)
    return window, chosen


def _default_pane(window: int) -> int:
    if window <= UNITS["h"]:
        return UNITS["m"]
    return 15 * UNITS["m"] if window <= UNITS["d"] else UNITS["h"]


def _check_divides(table: Table, pane: int, what: str, whole: int) -> None:
    if whole % pane == 0:
        return
    written, of = duration_text(pane), f"the {what}, {duration_text(whole)}"
    if "pane" in table:
        message = f"{table.name_of('pane')} is {written}, which does not divide {of}"
        table.note("pane", message, "write a pane that goes into it a whole number of times")
    else:
        message = f"{table.label} has the default pane of {written}, which does not divide {of}"
        table.note("window", message, 'give a pane that does, such as pane = "' + _fitting(pane, whole) + '"')


def _fitting(pane: int, whole: int) -> str:
    """The longest pane of at most ``pane`` that divides ``whole`` and reads well."""
    steps = (
        30 * UNITS["m"],
        15 * UNITS["m"],
        10 * UNITS["m"],
        5 * UNITS["m"],
        UNITS["m"],
        10_000,
        1000,
        100,
        10,
    )
    return duration_text(next((step for step in steps if step <= pane and whole % step == 0), 1))
