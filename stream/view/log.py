"""How does it look what has happened?  Alerts with their evidence, the newest first."""

from collections.abc import Iterator, Sequence
from itertools import islice

from rich.text import Text

from stream.view.cells import between, fit, row, width_of
from stream.view.happenings import Happening, Happenings
from stream.view.heading import WIDE
from stream.view.model import Stamp, View
from stream.view.words import NOTHING
from topics.alerts import Alert, Counts

EVIDENCE_OF_NEWEST, EVIDENCE_OF_OTHERS = 3, 1
LEAST_NAME, MOST_NAME = 8, 20
"""Cells of a shop's name: what is said about it matters more."""

STAMP, WORD = 16, 9


def log(view: View, width: int, height: int, hint: str) -> Sequence[Text]:
    """A title, and what has happened, in ``height`` lines at the most."""
    if height <= 0:
        return []
    title = between(width, [(f" {_title(view.happenings, width)}", "bold")], (f"{hint} ", "dim"))
    newest = list(islice(reversed(view.happenings.latest), height - 1))
    return [title, *islice(_lines(newest, view.stamp, width), height - 1)]


def _title(happenings: Happenings, width: int) -> str:
    if width < WIDE:
        return f"{happenings.firing} firing"
    return f"alerts: {happenings.firing} firing; since the start {happenings.fired} fired, {happenings.resolved} resolved"


def _lines(newest: Sequence[Happening], stamp: Stamp, width: int) -> Iterator[Text]:
    shops = [happening.alert.shop_id for happening in newest if happening.alert is not None]
    name, evidence = width_of(shops, LEAST_NAME, MOST_NAME), EVIDENCE_OF_NEWEST
    for happening in newest:
        yield _headline(happening, stamp(happening.at), name, width)
        if happening.alert is not None and happening.alert.resolved_at is None:
            yield from _evidence(happening.alert, evidence, width)
            evidence = EVIDENCE_OF_OTHERS


def _headline(happening: Happening, when: str, name: int, width: int) -> Text:
    if width < WIDE:
        return _short(happening, when[-5:], width)
    start = (f" {when:<{STAMP}} ", "dim")
    if happening.alert is None:
        return row(width, start, (fit(happening.text, width - STAMP - 2), "bold yellow"))
    alert = happening.alert
    fires = alert.resolved_at is None
    word, style = ("FIRES", "bold red") if fires else ("resolved", "green")
    shop = (fit(alert.shop_id, name), "bold" if fires else "")
    said = f"  {alert.rule} {alert.severity}  {_counts(alert)}"
    left = max(width - STAMP - 2 - WORD - name, 0)
    return row(width, start, (f"{word:<{WORD}}", style), shop, (fit(said, left), "" if fires else "dim"))


def _short(happening: Happening, when: str, width: int) -> Text:
    alert = happening.alert
    if alert is None:
        return row(width, (fit(f" {when} {happening.text}", width), "yellow"))
    mark, style = ("!", "bold red") if alert.resolved_at is None else ("+", "green")
    return row(
        width, (f" {when} ", "dim"), (mark, style), (fit(f" {alert.shop_id} {alert.rule}", width - 8), "")
    )


def _counts(alert: Alert) -> str:
    if alert.resolved_at is None:
        return f"{_against(alert.at_fire)}{_how_many(alert.at_fire)}"
    because = (alert.resolved_because or "").replace("_", " ")
    return f"{because}: {_against(alert.latest)}{_how_many(alert.latest)}"


def _against(counts: Counts) -> str:
    """``78.6 % against 80 %``."""
    if counts.counted is None:
        return f"{NOTHING if counts.score is None else f'{counts.score:.2f}'} against {counts.threshold:g}"
    rate = "no rate" if counts.rate is None else f"{counts.rate * 100:.2f} %"
    return rate if counts.threshold is None else f"{rate} against {round(counts.threshold * 100, 4):g} %"


def _how_many(counts: Counts) -> str:
    return "" if counts.counted is None else f", {counts.bad} bad of {counts.counted}"


def _evidence(alert: Alert, most: int, width: int) -> Iterator[Text]:
    indent = STAMP + 2 if width >= WIDE else 7
    shown = alert.evidence[:most]
    for number, one in enumerate(shown, 1):
        rest = len(alert.evidence) - number if number == len(shown) else 0
        more = f"  and {rest} more" if rest else ""
        text = f"{one.order_id}: {one.why}"
        yield row(
            width, (" " * indent, ""), (fit(text, width - indent - len(more)).rstrip(), "dim"), (more, "dim")
        )
