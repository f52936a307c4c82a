"""How do rates look to a person?"""

from msgspec import structs
from rich.table import Table

from stream.cli.rates import rates_table
from tests.view.story import BEGINS, late, rates
from topics.rates import Rates, RuleRates


def ahead(rule: RuleRates, to_save: int | None) -> RuleRates:
    """The same, where its first tier will be in breach."""
    first, *others = rule.tiers
    foreseen = structs.replace(first, breach_at=BEGINS, to_save=to_save)
    return structs.replace(rule, tiers=[foreseen, *others])


def column(name: str, *documents: Rates) -> list[str]:
    """What stands in it."""
    table: Table = rates_table(documents)
    found = next(each for each in table.columns if each.header == name)
    return [str(cell) for cell in found.cells]


def test_what_lies_ahead_has_columns_where_something_does() -> None:
    calm, near, lost = (
        rates(shop, rule)
        for shop, rule in (
            ("calm", late(99, 1)),
            ("near", ahead(late(90, 10), 12)),
            ("lost", ahead(late(90, 10), None)),
        )
    )
    assert "breach at" not in [each.header for each in rates_table([calm]).columns]
    at = "2025-03-06 01:00:00"
    assert column("breach at", calm, near, lost) == ["", "", at, "", at, ""]
    assert column("to save", calm, near, lost) == ["", "", "12", "", "too late", ""]
