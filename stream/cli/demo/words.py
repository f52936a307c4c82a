"""How does the demo tell what happens?  In plain words, a line or two each, with modest colour on a terminal."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from rich.console import Console
from rich.text import Text

from stream.simulate.market import Market
from stream.simulate.shops import DAY
from topics.alerts import Alert, Counts, Evidence

SHOWN_EVIDENCE = 3
INDENT = " " * 15
STRIKING = "bold yellow"
MIDNIGHT = ""
"""What there is to be told of it, somebody else knows."""


class Telling(Protocol):
    """Somebody who is told what happens; where it is told is his business."""

    def say(self, text: str, style: str = "dim") -> None:
        """A word about the demo itself."""
        ...

    def happens(self, at: int, text: str, style: str = STRIKING) -> None:
        """What happens in the marketplace, and when."""
        ...

    def midnight(self, at: int, events: int) -> None:
        """A day is over, and so many events have been published."""
        ...

    def alert(self, alert: Alert) -> None:
        """An alert that has fired or resolved."""
        ...


class Teller:
    """Prints what happens to ``market``, by its days and the time of day."""

    def __init__(self, market: Market, console: Console) -> None:
        self._begins = market.begins
        self._console = console

    def say(self, text: str, style: str = "dim") -> None:
        """A line about the demo itself."""
        self._print(Text(text, style))

    def happens(self, at: int, text: str, style: str = STRIKING) -> None:
        """A line about the marketplace, with the time of it."""
        self._print(Text(f"{self.day(at):<15}").append(text, style))

    def midnight(self, at: int, events: int) -> None:
        """A line a day, so that nobody thinks that it stands still."""
        self.happens(at, f"{events:,} events published", "dim")

    def alert(self, alert: Alert) -> None:
        """What an alert says that has fired or resolved."""
        for line in alert_lines(alert, self._begins):
            self._print(line)

    def day(self, at: int) -> str:
        """``day 3, 08:00``; the first day is day 1."""
        return day_of(at, self._begins)

    def _print(self, text: Text) -> None:
        # A line is never broken: piped into a file or grep it stays what it is.
        self._console.print(text, soft_wrap=True, highlight=False)


class Chapters:
    """What is told of the marketplace besides its alerts: each midnight, and what befalls it."""

    def __init__(self, market: Market, teller: Telling) -> None:
        self._teller = teller
        self._left = sorted([*_misfortune(market), *_midnights(market)], reverse=True)

    def go_on(self, until: int, events: int) -> None:
        """Tell what happens before ``until``, when so many events have been published."""
        while self._left and self._left[-1][0] < until:
            at, text = self._left.pop()
            if text == MIDNIGHT:
                self._teller.midnight(at, events)
            else:
                self._teller.happens(at, text)


def _misfortune(market: Market) -> Iterator[tuple[int, str]]:
    stop = market.stop
    hit = ", ".join(shop.shop_id for shop in market.hit())
    yield stop.begins, f"warehouse {stop.warehouse} stops; from there ship {hit}"
    yield stop.ends, f"warehouse {stop.warehouse} works again"
    yield market.ends, "the marketplace closes; what is under way is brought to its end"


def _midnights(market: Market) -> Iterator[tuple[int, str]]:
    return ((market.begins + day * DAY, MIDNIGHT) for day in range(1, market.days))


def day_of(at: int, begins: int) -> str:
    """``day 3, 08:00`` of a marketplace that opens at ``begins``, a midnight; milliseconds."""
    day, rest = divmod(at - begins, 86_400_000)
    return f"day {day + 1}, {rest // 3_600_000:02}:{rest // 60_000 % 60:02}"


def alert_lines(alert: Alert, begins: int) -> Sequence[Text]:
    """The lines for an alert: what it is, and of one that fires a few of the orders that made it fire."""
    if alert.resolved_at is None:
        headline = _headline(alert, alert.fired_at, begins, ("FIRES", "bold red"))
        evidence = _evidence(alert.evidence)
        return [headline.append(f": {counts_in_words(alert.at_fire, alert.window)}"), *evidence]
    headline = _headline(alert, alert.resolved_at, begins, ("RESOLVED", "bold green"))
    because = (alert.resolved_because or "").replace("_", " ")
    lasted = _lasted(alert.resolved_at - alert.fired_at)
    return [headline.append(f" {because} after {lasted}: {counts_in_words(alert.latest, alert.window)}")]


def counts_in_words(counts: Counts, window: str | None) -> str:
    """``78.6 % against 80 %; 44 good, 12 bad of 56 counted in 1d``; of a score ``0.71 against 0.8``."""
    if counts.counted is None:
        return f"score {_or_none(counts.score)} against {_or_none(counts.threshold)}"
    line = "" if counts.threshold is None else f" against {_percent(counts.threshold)}"
    within = f" in {window}" if window else ""
    return f"{_percent(counts.rate)}{line}; {counts.good} good, {counts.bad} bad of {counts.counted} counted{within}"


def _headline(alert: Alert, at: datetime, begins: int, what: tuple[str, str]) -> Text:
    when = day_of(round(at.timestamp() * 1000), begins)
    word, style = what
    return Text.assemble(
        f"{when:<15}", (f"{word:<10}", style), (alert.shop_id, "bold"), f"  {alert.rule} {alert.severity}"
    )


def _evidence(evidence: Sequence[Evidence]) -> Sequence[Text]:
    shown = [f"{INDENT}{one.order_id}: {one.why}" for one in evidence[:SHOWN_EVIDENCE]]
    rest = len(evidence) - SHOWN_EVIDENCE
    more = [f"{INDENT}and {rest} more in its evidence"] if rest > 0 else []
    return [Text(line, "dim") for line in (*shown, *more)]


def _percent(share: float | None) -> str:
    return "no rate" if share is None else f"{round(share * 100, 1):g} %"


def _or_none(number: float | None) -> str:
    return "none" if number is None else f"{number:g}"


def _lasted(length: timedelta) -> str:
    hours, minutes = length // timedelta(hours=1), length // timedelta(minutes=1) % 60
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
