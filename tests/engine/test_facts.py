"""Does what is known of an order depend on nothing but the set of facts?"""

import random
from collections.abc import Mapping
from itertools import permutations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.engine.facts import (
    KINDS,
    Cancelled,
    Changed,
    Fact,
    Paid,
    PickedUp,
    Requested,
    Resolved,
    Shipped,
    Withdrawn,
)
from stream.engine.joining import MOST_OF_A_KIND, join
from stream.engine.order import Order, decode_order, encode_order
from tests.engine.drawn import FACTS
from topics.fields import Event
from topics.orders import OrderCancelled, OrderPaid, PromiseChanged
from topics.pickups import PackagePickedUp
from topics.refunds import RefundRequested, RefundResolved, RefundWithdrawn
from topics.ships import PackageShipped


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


@pytest.mark.parametrize("count", [1, 2, 15, 16, MOST_OF_A_KIND])
def test_a_record_holds_as_many_of_a_kind_as_are_kept(count: int) -> None:
    order = record([Shipped.of(at, f"e{at}", f"p{at}", "c", None) for at in range(count)])
    assert decode_order(encode_order(order)).fields() == order.fields()
    assert msgspec.msgpack.decode(encode_order(order))[3] == [each.fields() for each in order.shipped]


@pytest.mark.parametrize(
    ("less", "more"),
    [
        (Shipped.of(1, "b", "p", "c", None), Shipped.of(2, "a", "p", "c", None)),
        (Shipped.of(1, "a", "p", "c", None), Shipped.of(1, "b", "p", "c", None)),
        (Shipped.of(1, "z", "p", "c", None), Shipped.of(1, "ä", "p", "c", None)),
        (Shipped.of(1, "a", "p", "c", None), Shipped.of(1, "a", "p", "d", None)),
        (Shipped.of(1, "a", "p", "c", None), Shipped.of(1, "a", "p", "c", False)),
        (Shipped.of(1, "a", "p", "c", False), Shipped.of(1, "a", "p", "c", True)),
    ],
)
def test_of_repeats_the_least_counts_whole_f2(less: Shipped, more: Shipped) -> None:
    for facts in permutations([less, more]):
        assert record(list(facts)).shipped == (less,)


def test_of_changes_each_event_is_a_thing_of_its_own_f2() -> None:
    changes = [Changed.of(2, "a", 9, "x"), Changed.of(1, "b", 8, "x"), Changed.of(1, "a", 7, "x")]
    assert record([*changes]).changed == (Changed.of(1, "a", 7, "x"), Changed.of(1, "b", 8, "x"))


def test_of_more_than_a_hundred_the_least_are_kept_f2() -> None:
    packages: list[Fact] = [
        Shipped.of(at, "e", f"p{at}", "c", None) for at in random.Random(1).sample(range(500), 300)
    ]
    in_time = sorted(packages, key=lambda package: package.at)
    assert record(packages).shipped == tuple(in_time[:MOST_OF_A_KIND])
    assert not join(record(packages), in_time[-1])


@given(st.lists(FACTS, max_size=12))
def test_a_fact_says_the_same_by_itself_and_in_its_record(facts: list[Fact]) -> None:
    for fact in decode_order(encode_order(record(facts))).all():
        alone = next(each for each in facts if each == fact)
        assert (fact.packed(), fact.fields(), fact.told()) == (alone.packed(), alone.fields(), alone.told())
        assert hash(fact) == hash(alone)


@given(FACTS)
def test_what_a_fact_is_asked_for_is_what_it_tells(fact: Fact) -> None:
    asked = [name for name in fact.names if hasattr(fact, name)]
    assert {name: getattr(fact, name) for name in asked} == {name: fact.told()[name] for name in asked}


@given(FACTS, FACTS)
def test_facts_are_the_same_if_they_are_of_a_kind_and_tell_the_same(one: Fact, other: Fact) -> None:
    assert (one == other) == (type(one) is type(other) and one.fields() == other.fields())


def test_a_fact_shows_what_it_tells() -> None:
    shown = "Shipped(at=1, event_id='e', package_id='p', carrier='c', completes_order=None)"
    assert repr(Shipped.of(1, "e", "p", "c", None)) == shown


EVENT_OF: Mapping[type[Fact], type[Event]] = {
    Paid: OrderPaid,
    Changed: PromiseChanged,
    Cancelled: OrderCancelled,
    Shipped: PackageShipped,
    PickedUp: PackagePickedUp,
    Requested: RefundRequested,
    Withdrawn: RefundWithdrawn,
    Resolved: RefundResolved,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_fact_has_the_fields_of_its_event_in_the_order_of_the_contract_f2(kind: type[Fact]) -> None:
    event = EVENT_OF[kind]
    own = [name for name in event.__struct_fields__ if name not in Event.__struct_fields__]
    assert [*kind.names] == ["at", "event_id", *own]
