"""Does a backtest find what the simulator made fail, and judge what lies in Kafka as what lies in a file?"""

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from stream.simulate.arrivals import arrivals
from stream.simulate.catalogue import plan
from stream.simulate.incidents import Tally
from stream.simulate.market import Market
from tests.cli.shell import Done, Shell, shopwatch

ROOT = Path(__file__).parents[2]
SEED = ROOT / "policies" / "seed.toml"
STRICT = ("below = 0.85, clear_at = 0.90", "below = 0.95, clear_at = 0.98")
RANGE = ("--from", "2025-03-03T00:00:00+08:00", "--to", "2025-03-10T00:00:00+08:00")


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """A recording of a marketplace whose warehouse stops, its labels, and a candidate that wants more."""
    usual = Market(seed=7, days=6, shops=8, orders_a_day=240)
    tally, told = Tally(), replace(usual, plan=plan(usual, ["warehouse_stops"]))
    lines = [arrival.value + b"\n" for arrival in arrivals(told, None, tally)]
    (tmp_path / "m.jsonl").write_bytes(b"".join(lines))
    (tmp_path / "m.labels.json").write_bytes(msgspec.json.encode(tally.labels(told)))
    (tmp_path / "c.toml").write_text(SEED.read_text("utf-8").replace(*STRICT), "utf-8")
    return tmp_path


def document(done: Done) -> Any:
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_every_labelled_shop_is_found_and_a_line_that_is_too_high_costs_precision(market: Path) -> None:
    ask = partial(
        shopwatch,
        "backtest",
        "--jsonl",
        market / "m.jsonl",
        "--baseline",
        SEED,
        "--candidate",
        market / "c.toml",
        *RANGE,
    )
    given = document(ask("--labels", market / "m.labels.json", "--json"))
    before, after = (given["accuracy"][side] for side in ("baseline", "candidate"))
    assert (given["accuracy"]["labels"], before["precision"], before["recall"]) == ("given", 1.0, 1.0)
    assert after["recall"] == 1.0
    assert after["precision"] < 1.0
    assert given["diff"]["counts"]["added"] > 0
    assert after["delay_s"] < before["delay_s"]

    broken = ask("--labels", market / "m.labels.json", "--min-precision", "0.99", "--html", market / "o.html")
    assert broken.code == 3
    assert "--min-precision 0.99 is broken" in broken.err.splitlines()[-1]
    assert (market / "o.html").stat().st_size > 1_000_000


@pytest.mark.kafka
def test_what_lies_in_kafka_has_the_answer_of_the_file(shell: Shell, market: Path) -> None:
    shell("topics", "create", "--partitions", "2")
    assert shell("load", market / "m.jsonl").code == 0
    policies = ("--baseline", SEED, "--candidate", market / "c.toml", *RANGE, "--json")
    theirs = document(shell("backtest", "--bootstrap", shell.address, *policies))
    ours = document(shopwatch("backtest", "--jsonl", market / "m.jsonl", *policies))
    assert theirs.pop("recording")["events"] == ours.pop("recording")["events"] > 3_000
    assert theirs == ours
    assert shell("alerts").lines == ["no alerts"]
