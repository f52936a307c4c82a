"""How do shops look, the worst first?  Rules side by side where there is room, else each shop's worst rate."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from stream.view.cells import fit, row, width_of
from stream.view.shops import Shop, Shops
from stream.view.trends import KEPT, sparkline
from stream.view.words import figure, line, scored
from topics.rates import RuleRates, TierRates

MARK, FIGURE, GAP = 2, 5, 1
LEAST_CELL = MARK + FIGURE + GAP
LEAST_TREND = 4
MOST_TREND = KEPT
LEAST_TREND_ALONE, MOST_TREND_ALONE = 6, 12
ABOUT = 16
"""Where a shop has one rate only: its picture grows when the name of the rule has so much."""
LEAST_NAME, MOST_NAME = 6, 24

SPAN_RATE = 0.05
SPAN_SCORE = 5.0
"""What moves by less is drawn as little: five points of a hundred."""

STYLES = {"firing": "bold red", "pending": "yellow", "inactive": ""}
TREND_STYLES = {"firing": "red", "pending": "yellow", "inactive": "green"}

MOST_HEAD = 2
"""Lines above the shops."""


@dataclass(frozen=True, slots=True)
class Columns:
    """How many cells each thing takes."""

    name: int
    cell: int
    rules: Sequence[RuleRates]

    @property
    def trend(self) -> int:
        """What is left of a cell for a picture."""
        left = min(self.cell - LEAST_CELL - 1, MOST_TREND)
        return left if left >= LEAST_TREND else 0


def table(shops: Shops, width: int, height: int) -> Sequence[Text]:
    """The head, and as many shops as fit."""
    if height <= MOST_HEAD:
        return []
    if not len(shops):
        return [row(width, (" no shop is known yet", "dim"))]
    shown = shops.worst(height - MOST_HEAD)
    columns = _columns(shops, shown, width)
    if columns is not None:
        return [*_head(columns, shops, width), *(_side_by_side(shop, columns, width) for shop in shown)]
    shown, name = shops.worst(height - 1), _name_width(shown, width)
    head = row(width, (fit(" worst rate by shop", width), "bold"))
    return [head, *(_worst(shop, shops, name, width) for shop in shown)]


def _name_width(shown: Sequence[Shop], width: int) -> int:
    return width_of([shop.rates.shop_id for shop in shown], LEAST_NAME, min(MOST_NAME, max(width // 3, 7)))


def _columns(shops: Shops, shown: Sequence[Shop], width: int) -> Columns | None:
    """None where not every rule has room."""
    rules, name = list(shops.rules.values()), _name_width(shown, width)
    cell = (width - 2 - name) // max(len(rules), 1)
    return Columns(name, min(cell, LEAST_CELL + 2 + MOST_TREND), rules) if cell > LEAST_CELL else None


def _head(columns: Columns, shops: Shops, width: int) -> Sequence[Text]:
    names = [(fit(f"  {rule.rule.replace('_', ' ')}", columns.cell), "bold") for rule in columns.rules]
    lines = [(fit(f"  {_line(rule, shops)}", columns.cell), "dim") for rule in columns.rules]
    return [
        row(width, (fit(" shop", columns.name + 2), "bold"), *names),
        row(width, (fit(" line", columns.name + 2), "dim"), *lines),
    ]


def _line(rule: RuleRates, shops: Shops) -> str:
    """``<85/80 % 3d``: what is bad, and how much time counts."""
    side = {True: "<", False: ">", None: ""}[shops.below.get(rule.rule)]
    unit = "" if scored(rule.tiers[0]) else " %"
    thresholds = f"{side}{line(rule)}{unit}" if line(rule) else ""
    return f"{thresholds} {rule.window or ''}".strip()


def _side_by_side(shop: Shop, columns: Columns, width: int) -> Text:
    found = {rule.rule: (rule, tier) for rule, tier in shop.rules()}
    cells: list[tuple[str, str]] = []
    for rule in columns.rules:
        cells += _cell(shop, *found[rule.rule], columns) if rule.rule in found else [(" " * columns.cell, "")]
    return row(width, (" " + fit(shop.rates.shop_id, columns.name) + " ", _name_style(shop)), *cells)


def _cell(shop: Shop, rule: RuleRates, tier: TierRates, columns: Columns) -> Sequence[tuple[str, str]]:
    number = _marks(rule).rjust(MARK) + figure(tier).rjust(FIGURE)
    rest = columns.cell - MARK - FIGURE
    trend = fit(f" {_trend(shop, rule, tier, columns.trend)}", rest) if columns.trend else " " * rest
    return [(number, STYLES[tier.state]), (trend, TREND_STYLES[tier.state])]


def _marks(rule: RuleRates) -> str:
    """``!`` for each tier that fires, ``?`` for one that waits to: colour alone is not seen by all."""
    marks = "!" * sum(tier.state == "firing" for tier in rule.tiers)
    waits = "?" * sum(tier.state == "pending" for tier in rule.tiers)
    return (marks + waits)[:MARK]


def _trend(shop: Shop, rule: RuleRates, tier: TierRates, width: int) -> str:
    known = shop.trends.get(rule.rule)
    return sparkline(known.values if known else (), width, SPAN_RATE if tier.score is None else SPAN_SCORE)


def _name_style(shop: Shop) -> str:
    states = {tier.state for rule in shop.rates.rules for tier in rule.tiers}
    return "bold red" if "firing" in states else "yellow" if "pending" in states else ""


def _worst(shop: Shop, shops: Shops, name: int, width: int) -> Text:
    """A shop with the one rate that tells most, and as much about it as there is room for."""
    start = (f" {fit(shop.rates.shop_id, name)} ", _name_style(shop))
    worst = shop.worst()
    if worst is None:
        return row(width, start)
    rule, tier = worst
    number = (_marks(rule).rjust(MARK) + figure(tier).rjust(FIGURE), STYLES[tier.state])
    left = width - 2 - name - MARK - FIGURE
    trend = max(min(left - ABOUT, MOST_TREND_ALONE), min(left - 1, LEAST_TREND_ALONE))
    picture = (f" {_trend(shop, rule, tier, trend)}", TREND_STYLES[tier.state])
    about = fit(f" {rule.rule} {_line(rule, shops)}", left - trend - 1)
    return row(width, start, number, picture, (about, "dim"))
