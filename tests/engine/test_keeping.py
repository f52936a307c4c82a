"""Is an order found as its record says, whether or not it is held unpacked, and are no more of them held than there is room for?"""

from stream.engine.facts import Order, Shipped, encode_order
from stream.engine.keeping import Kept, Unpacked


def known(name: str) -> tuple[Kept, Order]:
    order = Order(shipped=(Shipped(1, name, "p", "c", None),))
    return Kept("S", name, encode_order(order)), order


def test_what_is_held_is_what_is_found_and_costs_no_unpacking() -> None:
    kept, order = known("a")
    assert kept.order() == order
    assert kept.order() is not order
    Unpacked(1).hold(kept, order)
    assert kept.order() is order


def test_for_each_order_that_comes_the_one_that_came_first_goes_and_is_found_by_its_record() -> None:
    unpacked = Unpacked(2)
    (a, of_a), (b, of_b), (c, of_c) = known("a"), known("b"), known("c")
    unpacked.hold(a, of_a)
    unpacked.hold(b, of_b)
    unpacked.hold(c, of_c)
    assert [each.unpacked for each in (a, b, c)] == [None, of_b, of_c]
    assert a.order() == of_a
    unpacked.hold(a, of_a)
    assert [each.unpacked for each in (a, b, c)] == [of_a, None, of_c]


def test_an_order_that_is_held_takes_no_second_place() -> None:
    unpacked = Unpacked(2)
    (a, of_a), (b, of_b) = known("a"), known("b")
    unpacked.hold(a, of_a)
    unpacked.hold(a, Order())
    unpacked.hold(b, of_b)
    assert (a.unpacked, b.unpacked) == (Order(), of_b)


def test_of_an_order_that_is_forgotten_nothing_is_known() -> None:
    kept, order = known("a")
    Unpacked(1).hold(kept, order)
    kept.forget()
    assert kept.order() == Order()
