"""Are the numbers of the API those of the catalogue?"""

from types import SimpleNamespace
from typing import Any, cast

from stream.merchant.api.numbers import Numbers
from stream.ops.catalogue import CATALOGUE


class Some:
    """As much of shops and streams as numbers are made of."""

    alerts = opened = cut_off = 1
    firing = frozenset({"a"})

    def __len__(self) -> int:
        return 1


def test_the_api_counts_what_the_catalogue_says_and_nothing_else() -> None:
    health = SimpleNamespace(records=1, strays=1, why_not=lambda: None)
    numbers = Numbers(cast("Any", Some()), cast("Any", Some()), cast("Any", health))
    told = {
        (sample.name, family.type, family.documentation.rstrip("."))
        for family in numbers.collect()
        for sample in family.samples
    }
    assert told == {(metric.name, metric.kind, metric.help) for metric in CATALOGUE if metric.of == "api"}
