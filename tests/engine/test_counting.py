"""Are the numbers of documents rounded as they are promised to be?"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.engine.counting import six_digits


@given(st.integers(0, 10**30), st.integers(1, 10**30))
def test_a_share_is_the_nearest_of_six_digits(over: int, under: int) -> None:
    assert six_digits(over, under) == float(round(Fraction(over, under), 6))


@pytest.mark.parametrize(
    ("halves", "rounded"), [(1, 0.0), (2, 1e-06), (3, 2e-06), (5, 2e-06), (7, 4e-06), (1_999_999, 1.0)]
)
def test_of_two_that_are_equally_near_it_is_the_even_one(halves: int, rounded: float) -> None:
    assert six_digits(halves, 2_000_000) == rounded
    assert six_digits(halves * 3, 6_000_000) == rounded


def test_nothing_of_nothing_is_no_share() -> None:
    assert six_digits(0, 0) is None
