"""Does docs/archive.md say what lies in an archive, and do its queries, as they are printed?"""

import re
from datetime import date
from pathlib import Path
from typing import Any, get_args

import duckdb
import polars as pl
import pytest
import typer
from typer.main import get_command

from stream.archive.manifest import Entry
from stream.cli.archive import archive as archive_command
from tests.archive.filling import DAY, T, fill, record

TEXT = (Path(__file__).parents[2] / "docs" / "archive.md").read_text("utf-8")
(POLARS,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
(DUCKDB,) = re.findall(r"```sql\n(.*?)```", TEXT, re.DOTALL)

PAID = b'{"type": "order_paid", "shop_id": "%s"}'
WANTED = [(date(2026, 3, 1), "a", 2), (date(2026, 3, 1), "b", 1), (date(2026, 3, 2), "a", 1)]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One in the working directory, under the name that the docs give it."""
    monkeypatch.chdir(tmp_path)
    values = [
        PAID % b"a",
        PAID % b"b",
        PAID % b"a",
        b"not json",
        b"\xff",
        b"",
        None,
        b'{"type": "order_cancelled"}',
    ]
    fill(tmp_path / "archive", "orders", 0, [record(n, T + n, value) for n, value in enumerate(values)])
    fill(tmp_path / "archive", "orders", 1, [record(0, T + DAY, PAID % b"a")])
    fill(tmp_path / "archive", "ships", 0, [record(0, T, PAID % b"a")])


@pytest.mark.usefixtures("archive")
def test_polars_counts_the_orders_of_each_shop_and_day() -> None:
    names: dict[str, Any] = {}
    exec(POLARS, names)  # noqa: S102 - as it is printed
    assert names["paid"].rows() == WANTED


@pytest.mark.usefixtures("archive")
def test_duckdb_counts_the_orders_of_each_shop_and_day() -> None:
    with duckdb.connect() as connection:
        assert connection.execute(DUCKDB).fetchall() == WANTED


@pytest.mark.usefixtures("archive")
def test_every_column_has_its_row() -> None:
    frame = pl.scan_parquet("archive/**/*.parquet", hive_partitioning=True)
    rows = {name for line in TEXT.splitlines() if line.startswith("| ") for name in _named(line)}
    assert set(frame.collect_schema()) <= rows


def test_every_kind_of_line_has_its_row() -> None:
    tags = {str(kind.__struct_config__.tag) for kind in get_args(Entry)}
    assert {tag for tag in tags if f"\n| `{tag}` | " not in TEXT} == set()
    assert "lost" in tags


def test_every_option_has_its_row() -> None:
    options = {name for each in get_command(_app()).params for name in each.opts}
    rows = {name for line in TEXT.splitlines() if line.startswith("| `--") for name in _named(line)}
    assert options - {"--help"} == rows & options
    assert "--out" in options


def _app() -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command()(archive_command)
    return app


def _named(row: str) -> list[str]:
    """What is named in its first cell."""
    return re.findall(r"`([^`]+)`", row.split("|")[1])
