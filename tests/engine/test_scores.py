"""Is a score the exact weighted mean of its parts' points?  (SEMANTICS S1, S2)"""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.engine.scores import Part, distance, on_line
from stream.engine.windows import Sums
from stream.policy.spec import ScorePart

LINE = ((Fraction("0.5"), Fraction(0)), (Fraction("0.8"), Fraction(60)), (Fraction(1), Fraction(100)))


def score(parts: list[Part], missing: Fraction | None, sums: list[Sums]) -> Fraction | None:
    """As it is computed for messages and documents."""
    mean = distance(parts, missing, Fraction(0)).mean(sums)
    return None if mean is None else Fraction(*mean)


def by_definition(parts: list[Part], missing: Fraction | None, sums: list[Sums]) -> Fraction | None:
    """The weighted mean of the points (SEMANTICS S1, S2)."""
    points = [part.points(sums[part.window]) for part in parts]
    if all(each is None for each in points):
        return None
    given = [missing if each is None else each for each in points]
    known = [(part.spec.weight, each) for part, each in zip(parts, given, strict=True) if each is not None]
    return sum((weight * each for weight, each in known), Fraction(0)) / sum(weight for weight, _ in known)


def part(weight: int, window: int, *, below: bool = True, points: object = None, least: int = 1) -> Part:
    return Part(ScorePart("m", Fraction(weight), points, least), window, below)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rate", "points"),
    [("0", 0), ("0.5", 0), ("0.65", 30), ("0.8", 60), ("0.9", 80), ("1", 100), ("1.5", 100)],
)
def test_points_lie_on_straight_lines_and_are_flat_beyond_s1(rate: str, points: int) -> None:
    assert on_line(LINE, Fraction(rate)) == points


def test_by_default_points_are_the_rate_or_one_less_it_but_not_below_0_s1() -> None:
    assert part(1, 0).points(Sums(3, 1, 4)) == Fraction(3, 4)
    assert part(1, 0, below=False).points(Sums(3, 1, 4)) == Fraction(3, 4)
    assert part(1, 0, below=False).points(Sums(0, 5, 4)) == 0


def test_a_part_with_too_few_is_left_out_or_has_the_points_of_missing_s2() -> None:
    parts = [part(3, 0), part(1, 1, below=False, least=5)]
    sums = [Sums(1, 1, 2), Sums(4, 0, 4)]
    assert score(parts, None, sums) == Fraction(1, 2)
    assert score(parts, Fraction(1), sums) == Fraction(5, 8)
    assert (
        score(parts, Fraction(1), [Sums(1, 1, 2), Sums(4, 1, 5)]) == (3 * Fraction(1, 2) + Fraction(4, 5)) / 4
    )


def test_where_no_part_has_enough_there_is_no_score_whatever_missing_gives_s2() -> None:
    assert score([part(1, 0), part(1, 1)], Fraction(1), [Sums(0, 0, 0)] * 2) is None


def test_a_part_costs_its_weight_times_what_is_missing_to_its_best() -> None:
    assert part(2, 0, points=LINE).cost(Sums(9, 1, 10)) == 2 * (100 - 80)
    assert part(2, 0).cost(Sums(9, 1, 10)) == Fraction(1, 5)
    assert part(2, 0).cost(Sums(0, 0, 0)) < part(2, 0).cost(Sums(1, 0, 1)) == 0


_sums = st.builds(
    lambda good, bad, marked: Sums(good, bad, good + marked), *(st.integers(0, 9) for _ in range(3))
)


@given(
    st.lists(
        st.tuples(st.integers(1, 70), st.booleans(), st.booleans(), st.integers(1, 4), _sums),
        min_size=1,
        max_size=4,
    ),
    st.none() | st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(100)]),
    st.sampled_from([Fraction(0), Fraction(1, 2), Fraction(7, 9), Fraction(60), Fraction(80)]),
)
def test_score_and_distance_from_a_line_are_those_of_the_definition_s2(
    drawn: list[tuple[int, bool, bool, int, Sums]], missing: Fraction | None, line: Fraction
) -> None:
    parts = [
        part(weight, window, below=below, points=LINE if lined else None, least=least)
        for window, (weight, below, lined, least, _) in enumerate(drawn)
    ]
    sums = [each[-1] for each in drawn]
    exact = by_definition(parts, missing, sums)
    assert score(parts, missing, sums) == exact
    assert distance(parts, missing, line).below(sums) is (None if exact is None else exact < line)
