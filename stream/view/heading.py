"""What stands at the top of the view?  What it is, how much comes, how far behind the worker is, and what is wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from stream.view.cells import between, fit, row
from stream.view.model import View
from stream.view.trends import sparkline
from stream.view.words import count, length, per_second

WIDE = 60
"""From so many columns on the top says all it has to say, in sentences."""

PICTURE = 100
"""And from so many on there is room for a picture of it."""

SPEED_WIDTH = 16
CALM_LAG = 1_000


@dataclass(frozen=True, slots=True)
class Now:
    """The present of whoever looks: seconds of a clock that never goes back, and the wall clock's milliseconds."""

    s: float
    ms: int


def heading(view: View, width: int, now: Now) -> Sequence[Text]:
    """Two lines, and a third where something is wrong."""
    lines = _wide(view, width, now) if width >= WIDE else _narrow(view, width, now)
    return [*lines, *(row(width, (fit(f" {text}", width), style)) for text, style in _wrong(view, now))]


def _wide(view: View, width: int, now: Now) -> Sequence[Text]:
    firing, pending = view.shops.firing, view.shops.pending
    first: list[tuple[str, str]] = [
        (f" {view.title}", "bold"),
        (f"  {count(len(view.shops))} shops", ""),
        (f"  {firing} in trouble", "bold red" if firing else "dim"),
        (f"  {pending} pending" if pending else "", "yellow"),
    ]
    return [between(width, first, (f"{_present(view)} ", "bold")), _figures(view, width, now)]


def _figures(view: View, width: int, now: Now) -> Text:
    flow = view.flow
    lag, delay = flow.lag, flow.delay(now.ms)
    left: list[tuple[str, str]] = [
        (" events ", "dim"),
        (per_second(flow.speed), "bold"),
        (f" {sparkline(flow.speeds.values, SPEED_WIDTH, 1.0)}" if width >= PICTURE else "", "cyan"),
        ("  lag ", "dim"),
        (count(lag), "bold yellow" if lag > CALM_LAG else "bold"),
        ("  watermark ", "dim"),
        ("drained" if flow.drained else "none yet" if delay is None else length(delay), "bold"),
        (" behind" if delay is not None else "", "dim"),
    ]
    return between(width, left, (f"{count(flow.events)} events read ", "dim"))


def _narrow(view: View, width: int, now: Now) -> Sequence[Text]:
    flow, delay = view.flow, view.flow.delay(now.ms)
    firing = view.shops.firing
    first = [(f" {firing}", "bold red" if firing else "bold"), (f"/{count(len(view.shops))} in trouble", "")]
    behind = "" if delay is None else f" -{length(delay)}"
    second = f" {per_second(flow.speed)} lag {count(flow.lag)}{behind}"
    return [between(width, first, (f"{_present(view)[-5:]} ", "")), row(width, (second, "dim"))]


def _present(view: View) -> str:
    at = view.flow.present
    return "" if at is None else view.stamp(at)


def _wrong(view: View, now: Now) -> Iterator[tuple[str, str]]:
    """At most one line: what is behind the others is no news."""
    silent = view.flow.silent_s(now.s)
    if view.away_since_s is not None:
        since = length((now.s - view.away_since_s) * 1000)
        yield f"NO KAFKA for {since}: {view.away_why}; all below is as it was", "bold white on red"
    elif silent is not None and view.flow.heard:
        yield f"NO WORD from a worker for {length(silent * 1000)}", "bold black on yellow"
    elif silent is not None:
        yield "no worker has begun yet", "bold black on yellow"
    elif view.status:
        yield view.status, "dim"
