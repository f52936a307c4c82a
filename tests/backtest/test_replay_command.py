"""Does `shopwatch replay` answer from a recording what it should, to programs and to people?"""

import gzip
import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from stream.cli.replay import replay
from tests.cli.shell import shopwatch

POLICY = """\
[policy]
name = "test"
version = "1"
effective_from = 2020-01-01T00:00:00Z
time_zone = "UTC"
[metrics.on_time]
kind = "on_time_ship"
[rules.late]
metric = "on_time"
window = "10d"
warning = { below = 0.5 }
"""
PAID = {
    "type": "order_paid",
    "event_id": "e1",
    "shop_id": "S",
    "order_id": "o1",
    "occurred_at": "2024-01-01T00:00:00Z",
    "ship_by": "2024-01-02T00:00:00Z",
    "goods": "physical",
    "ship_from": "310000",
    "ship_to": "310000",
    "items": 1,
    "amount": 100,
    "currency": "CNY",
}
LINE = json.dumps(PAID) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy and a recording of one order that is never shipped."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.toml").write_text(POLICY, "utf-8")
    (tmp_path / "r.jsonl").write_text(LINE, "utf-8")
    return tmp_path


def command(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(replay)
    return CliRunner().invoke(app, ["--policy", "p.toml", *arguments])


def documents(found: Result) -> list[dict[str, object]]:
    assert found.exit_code == 0, found.output
    return [json.loads(line) for line in found.stdout.splitlines()]


def test_each_alert_is_a_document_on_a_line(folder: Path) -> None:
    (alert,) = documents(command("r.jsonl", "--json"))
    assert (alert["shop_id"], alert["rule"], alert["severity"]) == ("S", "late", "warning")
    assert (alert["fired_at"], alert["state"], alert["emitted_at"]) == (
        "2024-01-02T00:00:00.000Z",
        "firing",
        None,
    )


def test_the_rates_of_each_shop_are_a_document_on_a_line(folder: Path) -> None:
    (rates,) = documents(command("r.jsonl", "--rates", "--json"))
    assert (rates["shop_id"], rates["as_of"]) == ("S", "2024-01-02T00:00:00.000Z")


def test_t5_until_is_included_and_nothing_after_it_is_decided(folder: Path) -> None:
    assert len(documents(command("r.jsonl", "--json", "--until", "2024-01-02T00:00:00Z"))) == 1
    assert documents(command("r.jsonl", "--json", "--until", "2024-01-01T23:59:59.999Z")) == []
    (alert,) = documents(command("r.jsonl", "--json", "--until", "2024-02-01T08:00:00+08:00"))
    assert alert["resolved_at"] == "2024-01-12T00:00:00.000Z"


def test_a_compressed_recording_is_one_too(folder: Path) -> None:
    (folder / "r.gz").write_bytes(gzip.compress(LINE.encode()))
    assert len(documents(command("r.gz", "--json"))) == 1


def test_a_recording_may_come_from_standard_input(folder: Path) -> None:
    found = shopwatch("replay", "--policy", folder / "p.toml", "-", "--json", stdin=LINE.encode())
    assert (found.code, len(found.lines)) == (0, 1)


def test_a_line_that_is_no_event_is_told_with_its_number_and_why_and_not_counted(folder: Path) -> None:
    (folder / "r.jsonl").write_bytes(b"{\n" + LINE.encode() + b'\xff\n{"type": "order_lost"}\n')
    found = command("r.jsonl")
    told = [line.split(":")[1].strip() for line in found.stderr.splitlines()]
    assert told == [
        "line 1 is no event (not_json)",
        "line 3 is no event (not_utf8)",
        "line 4 is no event (unknown_type)",
    ]
    assert "1 events, 3 lines that are none, 1 shops; 1 alerts fired, 1 of them firing" in found.stdout
    assert found.exit_code == 0


def test_a_person_gets_a_table_and_the_counts(folder: Path) -> None:
    lines = command("r.jsonl").stdout.splitlines()
    assert any(
        line.split() == ["2024-01-02", "00:00:00", "S", "late", "warning", "1", "1", "0.0", "0.0"]
        for line in lines
    )
    assert lines[-1] == (
        "1 events, 0 lines that are none, 1 shops; 1 alerts fired, 1 of them firing at the end; "
        "decided up to 2024-01-02T00:00:00.000Z"
    )


def test_a_person_gets_the_rates_as_a_table(folder: Path) -> None:
    lines = [line.split() for line in command("r.jsonl", "--rates").stdout.splitlines()]
    assert [
        "S",
        "late",
        "10d",
        "warning",
        "firing",
        "0",
        "1",
        "1",
        "0.0",
        "0.5",
        "-1",
        "2024-01-02",
        "00:00:00",
    ] in lines


def test_an_empty_recording_has_nothing_to_decide(folder: Path) -> None:
    (folder / "r.jsonl").write_text("", "utf-8")
    assert (
        command("r.jsonl")
        .stdout.splitlines()[-1]
        .endswith("0 alerts fired, 0 of them firing at the end; nothing to decide")
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["gone.jsonl"], 1, "gone.jsonl"),
        (["r.jsonl", "--until", "2024-01-01T00:00:00"], 2, "has no offset"),
        (["r.jsonl", "--policy", "gone.toml"], 1, "gone.toml:1: it cannot be read"),
    ],
)
def test_what_goes_wrong_is_said_in_a_line(folder: Path, arguments: list[str], code: int, said: str) -> None:
    found = command(*arguments)
    assert found.exit_code == code
    assert said in found.stderr
    assert "Traceback" not in found.stderr


def test_v1_several_policies_are_versions_of_one(folder: Path) -> None:
    later = (
        POLICY.replace('"1"', '"2"')
        .replace("2020-01-01", "2024-01-03")
        .replace("[rules.late]", "[rules.other]")
    )
    (folder / "q.toml").write_text(later, "utf-8")
    found = documents(command("r.jsonl", "--json", "--policy", "q.toml", "--until", "2024-01-04T00:00:00Z"))
    assert [(alert["rule"], alert["policy_version"], alert["resolved_because"]) for alert in found] == [
        ("late", "1", "rule_changed"),
        ("other", "2", None),
    ]
