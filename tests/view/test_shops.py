"""Which shops are in the worst trouble?"""

from random import Random

from stream.view.shops import Shops, below, rank
from tests.view.story import late, rates, returns, score, tier
from topics.rates import Rates, RuleRates

CALM, NEAR, WAITS = (
    (late(98, 2), returns(1)),
    (late(86, 14), returns(1)),
    (late(98, 2), returns(9, "pending")),
)
ONE, DEEP, TWO = (late(84, 16), returns(1)), (late(81, 19), returns(1)), (late(79, 21), returns(1))
WORST_FIRST = {"two": TWO, "deep": DEEP, "one": ONE, "waits": WAITS, "near": NEAR, "calm": CALM}


def order(shops: Shops, count: int = 99) -> list[str]:
    return [shop.rates.shop_id for shop in shops.worst(count)]


def test_firing_tiers_count_most_then_waiting_ones_then_the_room_before_a_line() -> None:
    shops = Shops()
    for name, rules in reversed(WORST_FIRST.items()):
        shops.take(rates(name, *rules))
    assert order(shops) == list(WORST_FIRST)
    assert order(shops, 2) == ["two", "deep"]
    assert order(shops, 0) == order(shops, -1) == []
    assert (len(shops), shops.firing, shops.pending) == (6, 3, 1)


def test_a_shop_moves_as_it_stands_and_is_gone_when_it_is_forgotten() -> None:
    shops = Shops()
    for name in ("a", "b"):
        shops.take(rates(name, *CALM))
    shops.take(rates("b", *TWO))
    assert order(shops) == ["b", "a"]
    assert shops.firing == 1
    shops.take(rates("b", *CALM))
    assert order(shops) == ["a", "b"]
    shops.forget("b")
    shops.forget("never heard of")
    assert (order(shops), len(shops), shops.firing) == (["a"], 1, 0)


def test_after_whatever_was_heard_the_order_is_that_of_the_last_word_of_each() -> None:
    dice, shops = Random(5), Shops()
    last: dict[str, Rates] = {}
    kinds = list(WORST_FIRST.values())
    for _ in range(2_000):
        name = f"s{dice.randrange(60)}"
        if dice.random() < 0.1:
            shops.forget(name)
            last.pop(name, None)
        else:
            last[name] = rates(name, *dice.choice(kinds))
            shops.take(last[name])
    assert order(shops) == [shop for *_, shop in sorted(map(rank, last.values()))]
    assert shops.firing == sum(rank(document)[0] < 0 for document in last.values())


def test_a_trend_outlives_the_next_word_of_its_shop() -> None:
    shops = Shops()
    for step in range(4):
        shops.take(rates("a", late(98 - step, 2 + step), score(90.0 - step), hours=2 * step))
    (shop,) = shops.worst(1)
    assert list(shop.trends["late_shipping"].values) == [0.98, 0.97, 0.96, 0.95]
    assert list(shop.trends["poor_service"].values) == [90.0, 89.0, 88.0, 87.0]


def test_what_counts_nothing_has_no_trend_and_is_in_no_trouble() -> None:
    empty = RuleRates(
        rule="r", metric="m", window="1d", tiers=[tier("warning", 0.8, 0, 0, "inactive", below=True)]
    )
    shops = Shops()
    shops.take(rates("a", empty, RuleRates(rule="none", metric="m", window="1d", tiers=[])))
    shops.take(rates("b", *NEAR))
    assert order(shops) == ["b", "a"]
    assert shops.worst(2)[1].trends == {}


def test_counts_tell_which_side_of_a_line_is_bad() -> None:
    assert below(late(90, 10)) is True
    assert below(returns(5)) is False
    assert below(score(80.0)) is True
    assert below(score(None)) is None
    assert below(returns(50)) is None


def test_of_one_shop_the_rule_in_the_worst_state_and_nearest_to_its_line_tells_most() -> None:
    shops = Shops()
    for name, rules in {
        "fires": ONE,
        "waits": WAITS,
        "near": NEAR,
        "nearer": (late(98, 2), returns(9)),
    }.items():
        shops.take(rates(name, *rules))
    told = {shop.rates.shop_id: found[0].rule for shop in shops.worst(9) if (found := shop.worst())}
    assert told == {
        "fires": "late_shipping",
        "waits": "returns",
        "near": "late_shipping",
        "nearer": "returns",
    }
    shops.take(rates("none"))
    assert shops.worst(9)[-1].worst() is None
