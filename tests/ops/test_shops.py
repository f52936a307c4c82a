"""Do the sums over all shops say what their documents say?"""

from collections.abc import Mapping
from typing import Any

import pytest

from stream.ops.catalogue import KNOWN_SHOPS, OPEN_ALERTS, SHOPS
from stream.ops.marketplace import Marketplace
from stream.ops.picture import Picture
from stream.ops.shops import Shops
from stream.ops.watched import Place, Rated, TierName, watched
from stream.policy.reading import Source, read_policies
from tests.ops.story import ON_TIME, TWO, document


def told(*documents: tuple[str, Mapping[str, Any] | None]) -> Picture:
    marketplace = Marketplace(TWO, 3)
    parts = [marketplace.shops(), marketplace.shops()]
    for shop, given in documents:
        parts[len(shop) % 2].tell(shop, given)
    return marketplace.picture(parts, None)


def in_buckets(picture: Picture, place: Place = ON_TIME) -> Mapping[str, int]:
    return dict(dict(picture.histograms[SHOPS])[place])


def open_alerts(picture: Picture) -> Mapping[tuple[str, ...], float]:
    return {labels: number for labels, number in picture.gauges[OPEN_ALERTS] if number}


def known(picture: Picture) -> float:
    ((_, number),) = picture.gauges[KNOWN_SHOPS]
    return number


def test_shops_are_counted_by_rate_and_those_with_too_few_orders_are_not() -> None:
    found = told(("a", document((80, 20))), ("bb", document((90, 10))), ("c", document((5, 4))))
    assert (known(found), in_buckets(found)["+Inf"]) == (3, 2)
    assert [in_buckets(found)[bound] for bound in ("0.7", "0.8", "0.85", "0.9")] == [0, 1, 1, 2]


def test_a_shop_that_changes_is_counted_once() -> None:
    found = told(("a", document((8, 2), state="firing")), ("a", document((10, 0))), ("a", document((10, 0))))
    assert (known(found), in_buckets(found)["0.99"], in_buckets(found)["1.0"]) == (1, 0, 1)
    assert open_alerts(found) == {}


def test_open_alerts_are_counted_by_rule_tier_and_state() -> None:
    found = told(
        ("a", document((0, 9), state="firing")),
        ("bb", document((0, 9), state="firing")),
        ("c", document((0, 9), state="pending")),
    )
    assert open_alerts(found) == {("late", "warning", "firing"): 2, ("late", "warning", "pending"): 1}


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        {},
        {"rules": None},
        {"rules": ["x"]},
        {"rules": [{"rule": "late", "metric": "on_time", "window": "3d", "tiers": []}]},
        {"rules": [{"rule": "late", "metric": [], "window": "3d", "tiers": []}]},
        document((10, -30)),
        document((1 << 40, 1)),
        document((0, 9), state="asleep"),
    ],
)
def test_what_cannot_be_read_is_a_shop_of_which_nothing_is_known(nothing: Mapping[str, Any] | None) -> None:
    found = told(("a", document((8, 2), state="firing")), ("a", nothing), ("bb", nothing))
    assert (known(found), open_alerts(found), in_buckets(found)["+Inf"]) == (0, {}, 0)


def test_a_tier_or_a_metric_that_no_version_knows_is_passed_over() -> None:
    rules = [
        {"rule": "old", "metric": "gone", "window": "1h", "tiers": [{"severity": "x", "state": "firing"}]}
    ]
    found = told(("a", {"rules": rules}))
    assert (known(found), open_alerts(found)) == (1, {})


def test_without_partitions_nothing_is_said_of_rates() -> None:
    found = Marketplace(TWO, 3).picture([], None)
    assert (known(found), found.histograms[SHOPS]) == (0, [])


FIRST = """
policy = {{ name = "p", version = "{version}", effective_from = {since}, time_zone = "UTC" }}
[metrics]
on_time = {{ kind = "on_time_ship" }}
returned = {{ kind = "return" }}
[scores.all]
window = "7d"
parts = [{{ metric = "on_time", weight = 1 }}]
[rules]
late = {{ metric = "on_time", window = "36h", min_orders = {least}, warning = {{ below = 0.8 }}, bad = {{ below = 0.5, min_orders = 90 }} }}
back = {{ metric = "returned", window = "7d", {severity} = {{ above = 0.5 }} }}
poor = {{ score = "all", warning = {{ below = 80 }} }}
"""


def test_what_is_watched_is_what_all_versions_of_the_policy_have_rules_over() -> None:
    texts = [
        FIRST.format(version="1", since="2020-01-01T00:00:00", least=30, severity="warning"),
        FIRST.format(version="2", since="2021-01-01T00:00:00", least=20, severity="worse"),
    ]
    found = watched(read_policies([Source(f"{number}.toml", text) for number, text in enumerate(texts)]))
    assert found.rated == (
        Rated(Place("on_time", "1d12h"), True, 20),
        Rated(Place("returned", "7d"), False, 1),
    )
    assert found.tiers == (
        TierName("late", "warning"),
        TierName("late", "bad"),
        TierName("back", "warning"),
        TierName("poor", "warning"),
        TierName("back", "worse"),
    )


def test_a_shop_costs_a_dozen_bytes_a_metric() -> None:
    shops = Shops(TWO, 3)
    shops.tell("a", document((80, 20)))
    (packed,) = shops._known.values()
    assert len(packed) == 3 + 2 + 2 * 8
