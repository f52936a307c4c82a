"""How are numbers and lengths of time said in a few cells?"""

import pytest

from stream.view.words import count, figure, length, line
from tests.view.story import late, returns, score, tier
from topics.rates import RuleRates


def test_a_rate_is_cut_so_that_it_does_not_seem_to_reach_its_line() -> None:
    assert figure(tier("w", 0.8, 79_999, 20_001, "firing", below=True)) == "79.9"
    assert figure(tier("w", 0.1, 100, 0, "inactive", below=True)) == "100.0"
    assert figure(tier("w", 0.1, 0, 0, "inactive", below=True)) == "-"
    assert figure(tier("w", 0.1, 71, 29, "inactive", below=False)) == "29.0"
    assert figure(score(84.99).tiers[0]) == "84.9"
    assert figure(score(None).tiers[0]) == "-"


def test_lines_are_written_as_figures_are() -> None:
    assert line(late(9, 1)) == "85/80"
    assert line(returns(7)) == "10"
    assert line(score(None)) == "80"
    assert line(RuleRates(rule="r", metric="m", window="1d", tiers=[])) == ""


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (0, "0.0 s"),
        (9_940, "9.9 s"),
        (25_000, "25 s"),
        (119_000, "119 s"),
        (120_000, "2 min"),
        (7_100_000, "118 min"),
        (7_200_000, "2.0 h"),
        (172_700_000, "48.0 h"),
        (864_000_000, "10 d"),
    ],
)
def test_a_length_of_time_is_short(milliseconds: int, said: str) -> None:
    assert length(milliseconds) == said


def test_a_great_count_is_short() -> None:
    assert [count(number) for number in (7, 999_999, 12_345_678)] == ["7", "999,999", "12.3 M"]
