"""What is kept of how rates moved."""

from stream.merchant.api.trends import KEPT, Trend, measure, spacing_of
from tests.view.story import late, score
from topics.rates import RuleRates


def test_within_the_spacing_the_latest_value_counts() -> None:
    trend = Trend(1_000)
    for at, value in ((0, 0.5), (999, 0.6), (1_000, 0.7), (400, 0.8)):
        trend.take(at, value)
    assert [(point.at, point.value) for point in trend.points()] == [
        ("1970-01-01T00:00:00.000Z", 0.6),
        ("1970-01-01T00:00:01.000Z", 0.8),
    ]


def test_no_more_than_24_points_are_kept_and_they_are_the_last() -> None:
    trend = Trend(1)
    for at in range(100):
        trend.take(at, float(at))
    assert [point.value for point in trend.points()] == [float(at) for at in range(100 - KEPT, 100)]


def test_a_rule_is_measured_by_its_rate_or_its_score_and_in_parts_of_its_window() -> None:
    assert measure(late(90, 10)) == 0.9
    assert measure(score(91.5)) == 91.5
    assert measure(RuleRates(rule="r", metric=None, window=None, tiers=[])) is None
    assert spacing_of(late(1, 1)) == 3 * 86_400_000 // 36
    assert spacing_of(score(1.0)) == 100_000
