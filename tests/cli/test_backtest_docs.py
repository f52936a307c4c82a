"""Does docs/backtest.md name every option, every word and every field of what is written?"""

import inspect
from pathlib import Path

import pytest

from stream.backtest.comparing import WORDS
from stream.backtest.documents import COLUMNS, change_json, whole
from stream.backtest.gates import GATES
from stream.cli.backtest.command import backtest
from tests.backtest.asking import Case, orders, policy

TEXT = (Path(__file__).parents[2] / "docs" / "backtest.md").read_text("utf-8")
NAMED = {"begin": "from", "end": "to", "as_json": "json", "csv_file": "csv", "html_file": "html"}
"""Options that are called otherwise than their parameters."""
ANSWER = Case(orders(bad=(2.0,)), policy("alarm = { below = 0 }"), policy(), 0, 5).answer


@pytest.mark.parametrize("parameter", inspect.signature(backtest).parameters)
def test_every_option_is_told(parameter: str) -> None:
    assert f"--{NAMED.get(parameter, parameter).replace('_', '-')}" in TEXT


@pytest.mark.parametrize("gate", GATES)
def test_every_gate_is_told_and_is_an_option(gate: str) -> None:
    assert f"`{gate} " in TEXT
    assert gate.removeprefix("--").replace("-", "_") in inspect.signature(backtest).parameters


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_diff_is_told(word: str) -> None:
    rows = [line.split("|")[1] for line in TEXT.splitlines() if line.startswith("| ")]
    assert any(word.replace("_", " ") in row for row in rows)


def test_every_field_and_column_is_told() -> None:
    fields = {*whole(ANSWER), *change_json(ANSWER.changes[0])}
    columns = {column.removeprefix("baseline_").removeprefix("candidate_") for column in COLUMNS}
    assert [name for name in sorted(fields | columns) if f"`{name}`" not in TEXT] == []
