"""Load, drain, read: are the alerts and rates of the Olist orders those of the oracle, and of a replay?"""

import csv
import gzip
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import ROOT, Shell
from tests.e2e.olist_rows import Row, made_up, meant, write
from tests.oracle.computation import Oracle
from tests.properties.comparing import told, told_rates

POLICY = ROOT / "policies" / "olist.toml"
DATA = ROOT.parent / "shared" / "data" / "olist" / "orders.csv.gz"
"""The public data set; its licence keeps it out of this project, so it is read where somebody has put it."""


def compare(shell: Shell, file: Path, rows: Iterable[Row], tmp_path: Path) -> list[dict[str, Any]]:
    """The alerts of ``file``, which is of ``rows``, once they are all the same."""
    oracle = Oracle([POLICY.read_text()], [event for row in rows for event in meant(row)])
    right = told(oracle.alerts())
    ok(shell("topics", "create"))
    ok(shell("load", "olist", file))
    ok(shell("worker", "--drain", "--policy", POLICY, "--session-timeout", "6s"))
    drained = read_lines(ok(shell("alerts", "--json")))
    assert told(drained) == right
    end = oracle.end()
    assert end is not None
    rates = read_lines(ok(shell("rates", "--json")))
    assert {document["shop_id"] for document in rates} == set(oracle.shops())
    troubled = {alert["shop_id"] for alert in right}
    for document in [each for each in rates if each["shop_id"] in troubled]:
        assert told_rates(document) == oracle.rates(document["shop_id"], end)
    recording = tmp_path / "recording.jsonl"
    ok(shell("load", "olist", file, "--to", recording))
    assert read_lines(ok(shell("replay", "--policy", POLICY, recording, "--json"))) == [
        {**alert, "emitted_at": None} for alert in drained
    ]
    return drained


def ok(done: Any) -> bytes:
    assert done.code == 0, done.err
    out: bytes = done.out
    return out


def read_lines(out: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.kafka
def test_rows_made_up_for_the_purpose(shell: Shell, tmp_path: Path) -> None:
    rows = list(made_up())
    alerts = compare(shell, write(rows, tmp_path / "orders.csv"), rows, tmp_path)
    assert {alert["state"] for alert in alerts} == {"firing", "resolved"}
    assert {alert["severity"] for alert in alerts} == {"warning", "critical"}


@pytest.mark.kafka
@pytest.mark.skipif(
    not DATA.exists(), reason="the Olist data set is not here; the rows made up above are judged"
)
def test_the_data_set_itself(shell: Shell, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(DATA.read_bytes()).decode())))
    assert compare(shell, DATA, rows, tmp_path)
