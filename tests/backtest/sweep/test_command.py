"""Does `shopwatch sweep` answer an analyst, a program and whoever opens the page, and say in one line what is wrong?"""

import csv
import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from stream.archive.keeping import Keeper
from stream.archive.manifest import Asked, Place, Source
from stream.cli.sweep import sweep
from tests.archive.filling import Record
from tests.cli.shell import shopwatch
from topics.times import parse_time

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
min_orders = 1
warning = { below = 0.5, clear_at = 0.6 }
critical = { below = 0.2 }
"""
GRID = ("--vary", "rules.late.warning.below=0.2:0.8:0.3", "--vary", "rules.late.min_orders=1,3")


def paid(number: int) -> str:
    """An order due a day later."""
    return json.dumps(
        {
            "type": "order_paid",
            "event_id": f"e{number}",
            "shop_id": "S",
            "order_id": f"o{number}",
            "occurred_at": f"2024-01-0{number}T00:00:00Z",
            "ship_by": f"2024-01-0{number + 1}T00:00:00Z",
            "goods": "physical",
            "ship_from": "310000",
            "ship_to": "310000",
            "items": 1,
            "amount": 100,
            "currency": "CNY",
        }
    )


def shipped(number: int) -> str:
    return json.dumps(
        {
            "type": "package_shipped",
            "event_id": f"s{number}",
            "shop_id": "S",
            "order_id": f"o{number}",
            "occurred_at": f"2024-01-0{number}T12:00:00Z",
            "package_id": "p",
            "carrier": "c",
        }
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A policy and a recording of five orders, of which the second to the fourth are late."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.toml").write_text(POLICY, "utf-8")
    lines = [paid(1), shipped(1), paid(2), paid(3), paid(4), paid(5), shipped(5)]
    (tmp_path / "r.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return tmp_path


def command(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(sweep)
    return CliRunner().invoke(app, ["--policy", "p.toml", *arguments])


def test_a_program_gets_every_variant_in_one_document(folder: Path) -> None:
    found = command("--jsonl", "r.jsonl", *GRID, "--json")
    assert found.exit_code == 0, found.output
    document = json.loads(found.stdout)
    assert document["varied"][0] == {"path": "rules.late.warning.below", "values": ["0.2", "0.5", "0.8"]}
    assert [tuple(each["values"].values()) for each in document["variants"]] == [
        (below, least) for below in ("0.2", "0.5", "0.8") for least in ("1", "3")
    ]
    assert [each["alerts"] for each in document["variants"]] == [0, 0, 1, 1, 1, 1]
    assert [each["follows"] for each in document["variants"]][-1] == ["rules.late.warning.clear_at"]
    assert (document["events"], document["shops"], document["labels"]) == (7, 1, "cohorts")


def test_a_person_gets_a_heat_map_and_a_table_and_a_word_on_what_gave_way(folder: Path) -> None:
    found = command("--jsonl", "r.jsonl", *GRID, "--heat", "recall")
    assert found.exit_code == 0
    assert "recall: rules.late.warning.below downwards, rules.late.min_orders across" in found.stdout
    assert "6 variants; * no other beats in precision, recall and lead time" in found.stdout
    assert (
        "rules.late.warning.clear_at would lie beyond rules.late.warning.below in 2 of 6 variants"
        in found.stderr
    )


def test_one_path_is_a_table_alone(folder: Path) -> None:
    found = command("--jsonl", "r.jsonl", "--vary", "rules.late.warning.below=0.3,0.5")
    assert found.exit_code == 0
    assert "downwards" not in found.stdout
    assert len(re.findall(r"^ *0\.[35] ", found.stdout, re.MULTILINE)) == 2


def test_files_have_the_same_numbers_and_the_page_needs_no_network(folder: Path) -> None:
    found = command("--jsonl", "r.jsonl", *GRID, "--csv", "o.csv", "--html", "o.html", "--json")
    assert found.exit_code == 0, found.output
    rows = list(csv.DictReader((folder / "o.csv").read_text("utf-8").splitlines()))
    variants = json.loads(found.stdout)["variants"]
    assert [int(row["alerts"]) for row in rows] == [each["alerts"] for each in variants]
    page = (folder / "o.html").read_text("utf-8")
    assert "rules.late.warning.below" in page
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", page)


def test_the_page_reads_as_the_terminal_does(folder: Path) -> None:
    found = command("--jsonl", "r.jsonl", *GRID, "--html", "o.html")
    page = (folder / "o.html").read_text("utf-8")
    rows = [row.split("</td><td>") for row in re.findall(r"<tr[^>]*><td>(.*?)</td></tr>", page)]
    assert len(rows) == 6
    told = [" ".join(line.split()) for line in found.stdout.splitlines()]
    assert all(" ".join(filter(None, row)) in told for row in rows)
    assert "2024-01-01 00:00:00+00:00" in page


def test_same_question_same_bytes(folder: Path) -> None:
    command("--jsonl", "r.jsonl", *GRID, "--csv", "1.csv", "--html", "1.html")
    command("--jsonl", "r.jsonl", *GRID, "--csv", "2.csv", "--html", "2.html")
    assert (folder / "1.csv").read_bytes() == (folder / "2.csv").read_bytes()
    assert (folder / "1.html").read_bytes() == (folder / "2.html").read_bytes()


def test_incidents_that_are_given_are_what_is_found(folder: Path) -> None:
    (folder / "l.csv").write_text(
        "shop_id,begins,ends\nS,2024-01-03T00:00:00Z,2024-01-06T00:00:00Z\n", "utf-8"
    )
    found = command("--jsonl", "r.jsonl", *GRID, "--labels", "l.csv", "--json")
    assert [each["recall"] for each in json.loads(found.stdout)["variants"]] == [0, 0, 1, 1, 1, 1]


def test_only_what_fires_in_the_range_is_counted(folder: Path) -> None:
    range_ = ("--from", "2024-01-05T00:00:00.001Z", "--to", "2024-01-05T12:00:00Z")
    found = command("--jsonl", "r.jsonl", *GRID, *range_, "--json")
    document = json.loads(found.stdout)
    assert document["to"] == "2024-01-05T12:00:00.000Z"
    assert [each["alerts"] for each in document["variants"]] == [0] * 6
    assert [each["shops"] for each in document["variants"]] == [0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("--jsonl", "r.jsonl", "--vary", "rules.lat.warning.below=1"),
            "rules.lat.warning.below does not exist",
        ),
        (("--jsonl", "r.jsonl", "--vary", "rules.late.warning.below=2"), "the policy cannot be used"),
        (("--jsonl", "r.jsonl", "--vary", "rules.late.warning.below=0.9:0.1:0.1"), "the range is empty"),
        (
            ("--jsonl", "r.jsonl", *GRID, "--from", "2030-01-01T00:00:00Z", "--to", "2031-01-01T00:00:00Z"),
            "nothing of it",
        ),
        (("--jsonl", "r.jsonl", *GRID, "--from", "2024-01-01T00:00:00Z"), "half a range"),
        (("--jsonl", "none.jsonl", *GRID), "none.jsonl cannot be read"),
        (("--archive", "none", *GRID), "none"),
        (
            ("--jsonl", "broken.jsonl", *GRID),
            "broken.jsonl has no events to judge: 2 records are no events, the first is line 1 (",
        ),
        (GRID, "give one of --archive DIR and --jsonl FILE"),
        (("--jsonl", "r.jsonl", *GRID, "--labels", "none.csv"), "none.csv cannot be read"),
        (("--jsonl", "r.jsonl", *GRID, "--csv", "none/o.csv"), "none/o.csv cannot be written"),
    ],
)
def test_what_is_wrong_is_one_line_and_nothing_is_written(
    folder: Path, arguments: tuple[str, ...], says: str
) -> None:
    (folder / "broken.jsonl").write_bytes(b"{\n[]\n")
    found = command(*arguments, *([] if "--csv" in arguments else ["--csv", "o.csv"]))
    assert found.exit_code == 1
    (line,) = [each for each in found.stderr.splitlines() if "would lie beyond" not in each]
    assert line.startswith("shopwatch sweep: ")
    assert says in line
    assert not (folder / "o.csv").exists()


def test_half_an_archive_and_half_a_range_are_refused(folder: Path) -> None:
    topics = dict.fromkeys(("orders", "ships", "pickups", "refunds"), 1)
    with Keeper(folder / "d", Source("cluster", "")) as keeper:
        begin, end = parse_time("2024-01-01T00:00:00Z"), parse_time("2024-01-04T00:00:00Z")
        keeper.ask(Asked(begin, end, topics))
        record = Record(0, begin, paid(1).encode(), b"S", 0)
        keeper.keep(Place("orders", 0), (0, 1), [record])
        keeper.read(Place("orders", 0), (0, 1), (begin, end))
    span = ("--from", "2024-01-01T00:00:00Z", "--to", "2024-01-06T00:00:00Z")
    asked = ("--policy", "p.toml", *GRID, "--archive", "d", *span)
    assert "d was stopped half-way (ships, partition 0: not archived " in refusal(*asked)
    with Keeper(folder / "d", Source("cluster", "")) as keeper:
        for topic in topics:
            keeper.read(Place(topic, 0), (0, 1), (begin, end))
    assert "d has half of the range only: nothing is archived from 2024-01-04T00:00:00.000Z to " in refusal(
        *asked
    )


def refusal(*arguments: str) -> str:
    """The last line of a command that was refused."""
    app = typer.Typer()
    app.command()(sweep)
    found = CliRunner().invoke(app, arguments)
    assert (found.exit_code, found.stdout) == (1, "")
    return found.stderr.splitlines()[-1]


def test_every_mistake_of_a_policy_file_is_told(folder: Path) -> None:
    (folder / "p.toml").write_text(POLICY.replace("below", "belw"), "utf-8")
    found = command("--jsonl", "r.jsonl", *GRID)
    assert found.exit_code == 1
    assert 'did you mean "below"?' in found.stderr


def test_a_heat_map_of_what_is_not_counted_is_no_choice(folder: Path) -> None:
    assert command("--jsonl", "r.jsonl", *GRID, "--heat", "flaps").exit_code == 2


def test_the_command_is_one_of_those_that_are_listed(folder: Path) -> None:
    done = shopwatch("sweep", "--policy", "p.toml", "--jsonl", "r.jsonl", *GRID, "--json")
    assert done.code == 0, done.err
    assert len(json.loads(done.out)["variants"]) == 6
