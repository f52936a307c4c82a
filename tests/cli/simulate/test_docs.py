"""Does docs/simulate.md name every option, every scenario and every field of the labels?"""

import inspect
from pathlib import Path

import msgspec
import pytest

from stream.cli.simulate.command import simulate
from stream.simulate.catalogue import SCENARIOS
from stream.simulate.incidents import Incident, Labels

TEXT = (Path(__file__).parents[3] / "docs" / "simulate.md").read_text("utf-8")
ROWS = [line.split("|")[1] for line in TEXT.splitlines() if line.startswith("| `")]
KAFKAS = {"bootstrap", "topic_prefix"}
"""Options of all commands that speak to Kafka, told elsewhere."""


@pytest.mark.parametrize("option", sorted(set(inspect.signature(simulate).parameters) - KAFKAS))
def test_every_option_is_told(option: str) -> None:
    assert f"--{option.replace('_', '-')}" in TEXT


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_has_its_row_and_its_metric(scenario: str) -> None:
    (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| `{scenario}` |")]
    assert row.endswith(f"| `{SCENARIOS[scenario].metric}` |")


@pytest.mark.parametrize("kind", [Labels, Incident], ids=lambda kind: kind.__name__)
def test_every_field_of_the_labels_has_its_row(kind: type[msgspec.Struct]) -> None:
    named = " ".join(ROWS)
    assert [
        field.encode_name for field in msgspec.structs.fields(kind) if f"`{field.encode_name}`" not in named
    ] == []
