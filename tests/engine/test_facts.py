"""Does what is known of an order depend on nothing but the set of facts?"""

import random
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.engine.facts import Changed, Fact, Shipped
from stream.engine.joining import MOST_OF_A_KIND, join
from stream.engine.order import Order, decode_order, encode_order
from tests.engine.drawn import FACTS


def record(facts: list[Fact]) -> Order:
    order = Order()
    for fact in facts:
        join(order, fact)
    return order


@given(st.lists(FACTS, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_arrival_and_repeats_make_no_difference_f2(
    facts: list[Fact], dice: random.Random
) -> None:
    again = [*facts, *dice.choices(facts, k=3)] if facts else []
    dice.shuffle(again)
    assert encode_order(record(again)) == encode_order(record(facts))


@given(st.lists(FACTS, max_size=12))
def test_a_fact_that_is_known_changes_nothing(facts: list[Fact]) -> None:
    order = record(facts)
    assert not any(join(order, fact) for fact in facts)


@given(st.lists(FACTS, max_size=12))
def test_a_record_is_the_same_packed_and_unpacked(facts: list[Fact]) -> None:
    assert decode_order(encode_order(record(facts))).fields() == record(facts).fields()


@pytest.mark.parametrize(
    ("less", "more"),
    [
        (Shipped(1, "b", "p", "c", None), Shipped(2, "a", "p", "c", None)),
        (Shipped(1, "a", "p", "c", None), Shipped(1, "b", "p", "c", None)),
        (Shipped(1, "z", "p", "c", None), Shipped(1, "ä", "p", "c", None)),
        (Shipped(1, "a", "p", "c", None), Shipped(1, "a", "p", "d", None)),
        (Shipped(1, "a", "p", "c", None), Shipped(1, "a", "p", "c", False)),
        (Shipped(1, "a", "p", "c", False), Shipped(1, "a", "p", "c", True)),
    ],
)
def test_of_repeats_the_least_counts_whole_f2(less: Shipped, more: Shipped) -> None:
    for facts in permutations([less, more]):
        assert record(list(facts)).shipped == (less,)


def test_of_changes_each_event_is_a_thing_of_its_own_f2() -> None:
    changes = [Changed(2, "a", 9, "x"), Changed(1, "b", 8, "x"), Changed(1, "a", 7, "x")]
    assert record([*changes]).changed == (Changed(1, "a", 7, "x"), Changed(1, "b", 8, "x"))


def test_of_more_than_a_hundred_the_least_are_kept_f2() -> None:
    packages: list[Fact] = [
        Shipped(at, "e", f"p{at}", "c", None) for at in random.Random(1).sample(range(500), 300)
    ]
    in_time = sorted(packages, key=lambda package: package.at)
    assert record(packages).shipped == tuple(in_time[:MOST_OF_A_KIND])
    assert not join(record(packages), in_time[-1])
