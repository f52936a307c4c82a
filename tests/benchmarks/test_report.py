"""Does what the documents say agree with what was measured?"""

from pathlib import Path

import pytest

from benchmarks.figures import figure, read, write
from benchmarks.policies import ROOT
from benchmarks.report import BEGIN, END, NoBlockError, block, put_into

DOCUMENT = ROOT / "docs" / "performance.md"


def test_the_document_shows_the_figures_that_were_written_down() -> None:
    figures = read(ROOT / "benchmarks" / "results.json")
    assert len(figures) > 20
    assert block(figures) in DOCUMENT.read_text("utf-8"), "run `make bench`"


def test_a_figure_is_the_median_with_the_least_and_the_most(tmp_path: Path) -> None:
    made = figure("speed", [30_123, 10_000, 20_456], "events/s", "nothing")
    assert (made.value, made.low, made.high, made.runs) == (20_500, 10_000, 30_100, 3)
    write(tmp_path / "results.json", [made, made])
    assert read(tmp_path / "results.json") == [made, made]


def test_the_block_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    made = figure("speed", [12.5], "us", "one \\1 run")
    put_into(document, [made])
    text = document.read_text("utf-8")
    assert "| speed | 12.5 | us | one run | one \\1 run |" in text
    assert "old" not in text
    assert text.startswith("before\n")
    assert text.endswith("after\n")


def test_a_document_without_a_place_for_figures_is_refused(tmp_path: Path) -> None:
    document = tmp_path / "performance.md"
    document.write_text("nothing here", "utf-8")
    with pytest.raises(NoBlockError, match="put these two lines in it"):
        put_into(document, [])
