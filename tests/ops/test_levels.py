"""Is a rate in the bucket that its numbers say, exactly at the bounds too?"""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from stream.ops.catalogue import RATES
from stream.ops.levels import LEVELS, NONE, badness, cumulated, level


@given(st.integers(0, 3_000), st.integers(1, 2_000))
def test_a_shop_is_in_every_bucket_whose_bound_its_rate_does_not_exceed(part: int, counted: int) -> None:
    shops = [0] * LEVELS
    shops[level(part, counted)] = 1
    rate = Fraction(part, counted)
    right = [(str(bound), int(rate <= Fraction(str(bound)))) for bound in RATES]
    assert cumulated(shops) == [*right, ("+Inf", 1)]


def test_a_shop_without_a_rate_is_in_no_bucket() -> None:
    shops = [0] * LEVELS
    shops[level(0, 0)] = 1
    assert {number for _, number in cumulated(shops)} == {0}


@given(st.integers(1, 500), st.data())
def test_a_worse_rate_is_never_less_bad(counted: int, data: st.DataObject) -> None:
    less, more = sorted(data.draw(st.tuples(st.integers(0, counted), st.integers(0, counted))))
    assert badness(level(less, counted), good_share=True) >= badness(level(more, counted), good_share=True)
    assert badness(level(more, counted), good_share=False) >= badness(level(less, counted), good_share=False)


def test_a_perfect_rate_and_no_rate_are_not_bad_and_the_least_flaw_is() -> None:
    assert [badness(level(1, 1), good_share=True), badness(level(0, 1), good_share=False)] == [0, 0]
    assert [badness(NONE, good_share=True), badness(NONE, good_share=False)] == [0, 0]
    assert badness(level(9_999, 10_000), good_share=True) > 0
    assert badness(level(1, 10_000), good_share=False) > 0
