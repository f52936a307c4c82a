"""Does docs/sweep.md name every option and every figure?"""

import inspect

import pytest

from stream.backtest.sweep.documents import FIGURES
from stream.cli.sweep import sweep
from tests.cli.shell import ROOT

TEXT = (ROOT / "docs" / "sweep.md").read_text("utf-8")
CALLED = {"begin": "from", "end": "to", "as_json": "json", "to_csv": "csv", "to_html": "html"}


@pytest.mark.parametrize("option", sorted(inspect.signature(sweep).parameters))
def test_every_option_is_told(option: str) -> None:
    assert f"`--{CALLED.get(option, option)}" in TEXT


@pytest.mark.parametrize("figure", FIGURES)
def test_every_figure_is_told(figure: str) -> None:
    assert f"`{figure}`" in TEXT
