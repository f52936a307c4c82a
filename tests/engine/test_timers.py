"""Is each order looked at when it was asked for, once, for what it was asked for, and not for what was cancelled?"""

from hypothesis import given
from hypothesis import strategies as st

from stream.engine.keeping import Kept
from stream.engine.timers import Due, Timers

ASKED = st.lists(
    st.tuples(
        st.booleans(),
        st.integers(1, 4),
        st.sampled_from([Kept("s1", "o1"), Kept("s1", "o2"), Kept("s2", "o1"), Kept("s2", "o2")]),
        st.integers(1, 15),
    )
)
"""To be looked at, or not any more; when; which order; why."""


def due(timers: Timers, watermark: int) -> dict[int, dict[Kept, int]]:
    """What there is to do up to ``watermark``, by instant."""
    found = {t: orders_of(each) for t, each in timers.until(watermark)}
    return {t: orders for t, orders in found.items() if orders}


def orders_of(due: Due) -> dict[Kept, int]:
    """Those for which there is a reason left."""
    asked = [each for each in due.orders if each.bits > 0]
    orders = {each.kept: each.bits for each in asked}
    assert len(orders) == len(asked)
    return orders


@given(ASKED)
def test_what_was_asked_for_in_any_order_less_what_was_cancelled_is_due(
    asked: list[tuple[bool, int, Kept, int]],
) -> None:
    timers = Timers()
    wanted: dict[int, dict[Kept, int]] = {}
    for revisit, t, kept, bits in asked:
        why = wanted.setdefault(t, {})
        if revisit:
            timers.revisit(t, kept, bits)
            why[kept] = why.get(kept, 0) | bits
        else:
            timers.cancel(t, kept, bits)
            why[kept] = why.get(kept, 0) & ~bits
    left = {t: {kept: why for kept, why in orders.items() if why} for t, orders in sorted(wanted.items())}
    assert due(timers, 4) == {t: orders for t, orders in left.items() if orders}
    assert due(timers, 10) == {}


def test_what_is_asked_for_meanwhile_at_a_later_instant_comes_in_its_turn() -> None:
    timers = Timers()
    first, second, last = Kept("s", "first"), Kept("s", "second"), Kept("s", "last")
    timers.revisit(1, first, 1)
    timers.revisit(3, last, 1)
    seen = []
    for t, each in timers.until(2):
        seen.append((t, orders_of(each)))
        if t == 1:
            timers.revisit(2, second, 4)
    assert seen == [(1, {first: 1}), (2, {second: 4})]
    assert due(timers, 3) == {3: {last: 1}}
