"""How does a text fit into so many columns of a terminal?"""

import pytest
from rich.cells import cell_len

from stream.view.cells import between, fit, row, width_of

COMBINED = "e\u0301te\u0301"


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("shop", 6, "shop  "),
        ("shop", 4, "shop"),
        ("shops", 4, "sho…"),
        ("shop", 1, "…"),
        ("shop", 0, ""),
        ("shop", -3, ""),
        ("杭州店", 6, "杭州店"),
        ("杭州店", 7, "杭州店 "),
        ("杭州店", 5, "杭州…"),
        ("杭州店", 4, "杭… "),
        (COMBINED, 3, COMBINED),
        ("a\tb\n", 4, "a b "),
        ("\x1b[31m", 6, "�[31m "),
    ],
)
def test_a_text_takes_exactly_so_many_cells(text: str, width: int, shown: str) -> None:
    assert fit(text, width) == shown
    assert cell_len(shown) == max(width, 0)


def test_figures_stand_on_the_right() -> None:
    assert fit("7.5", 6, right=True) == "   7.5"


def test_a_column_is_as_wide_as_its_widest_within_bounds() -> None:
    assert width_of(["a", "杭州店"], 2, 9) == 6
    assert width_of(["a", "杭州店"], 2, 5) == 5
    assert width_of([], 2, 5) == 2


def test_a_row_is_filled_and_cut_to_its_width() -> None:
    assert row(5, ("ab", "bold"), ("c", "")).plain == "abc  "
    assert row(3, ("ab", "bold"), ("cd", "")).plain == "ab…"


def test_what_stands_at_the_end_of_a_line_gives_way() -> None:
    assert between(10, [("left", "")], ("end", "")).plain == "left   end"
    assert between(8, [("left", "")], ("end", "")).plain == "left    "
