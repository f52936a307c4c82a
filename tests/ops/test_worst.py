"""Are the shops that are shown the worst, and do they stay?"""

import random
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from stream.ops.catalogue import WORST_COUNTED, WORST_RATE
from stream.ops.levels import badness, level
from stream.ops.marketplace import Marketplace
from stream.ops.shops import Shops
from stream.ops.worst import MARGIN
from tests.ops.story import TWO, document

WORST = 3


def shown(marketplace: Marketplace, *parts: Shops, metric: str = "on_time") -> Mapping[str, float]:
    rows = marketplace.picture(parts, None).gauges[WORST_RATE]
    return {labels[2]: rate for labels, rate in rows if labels[0] == metric}


def late(bad: int) -> Mapping[str, object]:
    """Of a hundred orders."""
    return document((100 - bad, bad))


def test_the_worst_are_shown_with_their_rate_and_what_it_is_made_of() -> None:
    marketplace = Marketplace(TWO, WORST)
    part = marketplace.shops()
    for bad in range(10):
        part.tell(f"s{bad}", document((100 - bad, bad), (100 - bad, 2 * bad)))
    assert shown(marketplace, part) == {"s9": 0.91, "s8": 0.92, "s7": 0.93}
    assert list(shown(marketplace, part, metric="returns")) == ["s9", "s8", "s7"]
    units = marketplace.picture([part], None).gauges[WORST_COUNTED]
    assert (("on_time", "3d", "s9"), 100.0) in units
    assert (("returns", "7d", "s9"), 109.0) in units


def test_a_shop_without_a_flaw_or_with_too_few_orders_is_never_shown() -> None:
    marketplace = Marketplace(TWO, WORST)
    part = marketplace.shops()
    part.tell("perfect", late(0))
    part.tell("small", document((0, 9)))
    part.tell("unknown", {"rules": 7})
    assert shown(marketplace, part) == {}


def test_with_none_to_be_shown_none_is() -> None:
    marketplace = Marketplace(TWO, 0)
    part = marketplace.shops()
    for bad in range(0, 100, 5):
        part.tell(f"s{bad}", late(bad))
    assert shown(marketplace, part) == {}


def test_who_is_in_stays_in_while_it_is_near_the_last() -> None:
    marketplace = Marketplace(TWO, WORST)
    part = marketplace.shops()
    for shop in "abc":
        part.tell(shop, late(20))
    assert set(shown(marketplace, part)) == set("abc")
    part.tell("d", late(21))
    part.tell("e", late(21))
    assert set(shown(marketplace, part)) == set("abc"), "a point is no reason to change places"
    part.tell("d", late(30))
    assert "d" in shown(marketplace, part), "who is clearly worse is shown"
    part.tell("a", late(5))
    assert "a" not in shown(marketplace, part), "who has become better is not"


def test_a_partition_that_was_given_up_takes_its_shops_along() -> None:
    marketplace = Marketplace(TWO, WORST)
    kept, lost = marketplace.shops(), marketplace.shops()
    kept.tell("here", late(20))
    lost.tell("gone", late(90))
    assert set(shown(marketplace, kept, lost)) == {"gone", "here"}
    assert list(shown(marketplace, kept)) == ["here"]


CHANGES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 30), st.none() | st.integers(0, 100)),
    min_size=1,
    max_size=200,
)


@given(CHANGES, st.integers(1, 6), st.integers(1, 7))
def test_whatever_changes_all_that_are_clearly_worse_are_shown_and_none_that_is_clearly_better(
    changes: list[tuple[int, int, int | None]], worst: int, look_every: int
) -> None:
    marketplace = Marketplace(TWO, worst)
    parts, truth = [marketplace.shops() for _ in range(3)], dict[str, int]()
    for number, (place, shop, bad) in enumerate(changes, 1):
        name = f"{place}-{shop}"
        parts[place].tell(name, None if bad is None else late(bad))
        truth[name] = bad or 0
        if number % look_every == 0:
            marketplace.picture(parts, None)
    must_hold(shown(marketplace, *parts), truth, worst)


def must_hold(found: Mapping[str, float], truth: Mapping[str, int], worst: int) -> None:
    bad = {shop: badness(level(100 - units, 100), good_share=True) for shop, units in truth.items() if units}
    assert len(found) == min(worst, len(bad))
    assert found == {shop: (100 - truth[shop]) / 100 for shop in found}
    last = sorted(bad.values(), reverse=True)[: len(found)][-1] if found else 0
    assert {shop for shop, units in bad.items() if units > last + MARGIN} <= set(found)
    assert all(bad[shop] >= last - MARGIN for shop in found)


def test_thousands_that_get_worse_and_better_again_are_no_other_answer() -> None:
    """The names that a partition knows are let go, and looked for again."""
    marketplace, chance = Marketplace(TWO, 5), random.Random(5)
    parts, truth = [marketplace.shops() for _ in range(2)], dict[str, int]()
    for round_of_all in range(6):
        most = (100, 60, 10, 3, 80, 30)[round_of_all]
        for shop in range(800):
            truth[str(shop)] = chance.randint(0, most)
            parts[shop % 2].tell(str(shop), late(truth[str(shop)]))
        must_hold(shown(marketplace, *parts), truth, 5)
        assert all(len(part.rankings[0].named) < 400 or most < 5 for part in parts)


def test_membership_does_not_churn_with_every_order() -> None:
    """Shops about equally bad that change by a point at every look: taken simply in order, most would change each time."""
    marketplace, chance = Marketplace(TWO, 10), random.Random(6)
    part, came = marketplace.shops(), 0
    before: set[str] = set()
    for look in range(100):
        for shop in range(40):
            part.tell(str(shop), late(20 + chance.randint(-1, 1)))
        now = set(shown(marketplace, part))
        came += len(now - before) if look else 0
        before = now
    assert came == 0
