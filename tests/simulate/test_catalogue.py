"""Where and when do scenarios strike?"""

import pytest

from stream.simulate.catalogue import SCENARIOS, UnknownScenarioError, plan
from stream.simulate.shops import DAY, HOUR, OFFSET_MS, Trade
from topics.catalogue import INPUTS

TRADE = Trade()


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("trade", [Trade(days=1, shops=1, orders_a_day=1), TRADE, Trade(days=60, shops=300)])
def test_every_scenario_finds_a_place_in_any_marketplace(name: str, trade: Trade) -> None:
    for seed in range(5):
        (placed,) = plan(Trade(seed, trade.days, trade.shops, trade.orders_a_day), [name])
        assert placed.name == name
        assert trade.begins <= placed.begins < placed.ends
        assert placed.begins < trade.ends
        assert any(placed.hits(shop) for shop in trade.all_shops())


def test_a_scenario_that_is_named_twice_strikes_in_two_places() -> None:
    for name in SCENARIOS:
        one, other = plan(TRADE, [name, name])
        hit = {shop.shop_id for shop in TRADE.all_shops() if one.hits(shop)}
        assert hit
        assert not hit & {shop.shop_id for shop in TRADE.all_shops() if other.hits(shop)}


def test_when_every_place_is_taken_they_are_taken_again() -> None:
    assert len(plan(TRADE, ["warehouse_stops"] * 9)) == 9
    assert len(plan(Trade(shops=1), list(SCENARIOS))) == len(SCENARIOS)


def test_the_seed_says_where_and_when_and_what_is_named_later_changes_nothing() -> None:
    names = list(SCENARIOS)
    assert plan(TRADE, names) == plan(TRADE, names)
    assert plan(TRADE, names)[:2] == plan(TRADE, names[:2])
    assert len({plan(Trade(seed), names) for seed in range(10)}) == 10


def test_days_have_some_trade_before_them_and_their_hours_are_the_marketplaces() -> None:
    for seed in range(20):
        (stop,) = plan(Trade(seed, begins=TRADE.begins + 5 * HOUR), ["warehouse_stops"])
        assert stop.begins - TRADE.begins >= 2 * DAY
        assert (stop.begins + OFFSET_MS) % DAY == 8 * HOUR


@pytest.mark.parametrize(
    ("name", "meant"),
    [("flash_sail", "did you mean flash_sale?"), ("warehousestops", "did you mean warehouse_stops?")],
)
def test_an_unknown_name_gets_the_nearest_and_all(name: str, meant: str) -> None:
    with pytest.raises(UnknownScenarioError, match="there is no scenario") as refused:
        plan(TRADE, ["flash_sale", name])
    assert meant in str(refused.value)
    assert all(known in str(refused.value) for known in SCENARIOS)


def test_a_name_that_is_near_to_none_gets_no_guess() -> None:
    with pytest.raises(UnknownScenarioError) as refused:
        plan(TRADE, [INPUTS[0] * 3])
    assert "did you mean" not in str(refused.value)
