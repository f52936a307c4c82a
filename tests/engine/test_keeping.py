"""Is the record of an order the same, however its facts were put into it?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.engine.facts import Fact, Paid, PickedUp, Shipped
from stream.engine.joining import join
from stream.engine.keeping import Kept
from stream.engine.order import Order, encode_order
from stream.engine.packing import DamagedError
from tests.engine.drawn import FACTS

PAID = Paid.of(0, "e", 9, "physical", "a", "b", 1, 1, "CNY", None)
SHIPPED = Shipped.of(1, "e", "p", "c", None)
PICKED_UP = PickedUp.of(2, "e", "p", "c")


@given(st.lists(FACTS, max_size=12), st.integers(0, 12))
def test_a_record_is_that_of_the_order_whether_facts_are_put_in_or_it_is_unpacked(
    facts: list[Fact], restored_after: int
) -> None:
    order, kept = Order(), Kept("S", "o")
    for number, fact in enumerate(facts):
        if number == restored_after:
            kept = Kept("S", "o", kept.packed)
        assert kept.join(fact) == join(order, fact)
        assert kept.packed == encode_order(order)
        assert kept.order().fields() == order.fields()


def test_facts_that_come_in_the_order_of_their_places_are_put_in_without_a_look_at_what_is_there() -> None:
    kept = Kept("S", "o")
    kept.join(SHIPPED)
    _damage(kept)
    assert kept.join(PICKED_UP)
    with pytest.raises(DamagedError):
        kept.join(PAID)


def test_a_record_of_the_ledger_is_looked_into_for_the_first_fact_that_comes() -> None:
    kept = Kept("S", "o", encode_order(Order(paid=PAID)))
    assert kept.join(SHIPPED)
    _damage(kept)
    assert kept.join(PICKED_UP)


def _damage(kept: Kept) -> None:
    """Whoever unpacks it will see."""
    assert kept.packed is not None
    kept.packed = b"?" + kept.packed[1:]


def test_of_an_order_that_is_forgotten_nothing_is_known() -> None:
    kept = Kept("S", "o")
    kept.join(SHIPPED)
    kept.forget()
    assert kept.packed is None
    assert kept.order().fields() == Order().fields()
    assert kept.join(PAID)
    assert kept.order().fields() == Order(paid=PAID).fields()
