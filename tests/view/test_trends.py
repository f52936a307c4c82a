"""How has a number moved lately?"""

import pytest

from stream.view.trends import KEPT, Trend, sparkline


def test_within_its_spacing_the_latest_value_counts() -> None:
    trend = Trend(10)
    for at, value in ((100, 1.0), (105, 2.0), (109, 3.0), (110, 4.0), (135, 5.0)):
        trend.take(at, value)
    assert list(trend.values) == [3.0, 4.0, 5.0]


def test_a_time_that_goes_back_adds_nothing() -> None:
    trend = Trend(10)
    trend.take(100, 1.0)
    trend.take(20, 2.0)
    assert list(trend.values) == [2.0]


def test_a_trend_has_bounds() -> None:
    trend = Trend(1)
    for at in range(1_000):
        trend.take(at, at)
    assert list(trend.values) == list(range(1_000 - KEPT, 1_000))


@pytest.mark.parametrize(
    ("values", "width", "shown"),
    [
        ([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], 8, "▁▂▃▄▅▆▇█"),
        ([7.0, 0.0, 7.0], 2, "▁█"),
        ([0.0, 7.0], 4, "  ▁█"),
        ([3.0, 3.0], 2, "▅▅"),
        ([3.0, 3.5], 2, "▄▆"),
        ([], 3, "   "),
        ([1.0], 0, ""),
        ([1.0], -1, ""),
    ],
)
def test_a_picture_shows_the_last_values_and_makes_little_of_little(
    values: list[float], width: int, shown: str
) -> None:
    assert sparkline(values, width, 2.0) == shown


def test_without_a_least_span_what_does_not_move_is_drawn_too() -> None:
    assert sparkline([2.0, 2.0], 2, 0.0) == "▁▁"
