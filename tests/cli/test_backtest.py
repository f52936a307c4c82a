"""Does `shopwatch backtest` answer programs, people and pull requests, and refuse in a line what it cannot answer?"""

import csv
import gzip
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from stream.archive.keeping import Keeper
from stream.archive.manifest import Asked, Place, Source
from stream.backtest.documents import COLUMNS
from stream.backtest.replay import replay
from stream.cli.backtest.command import backtest
from tests.archive.filling import Record
from tests.backtest.asking import HOUR, Event, hours, orders, policy, policy_of
from tests.cli.shell import shopwatch
from topics.times import rfc3339

SLUMP = [*orders(good=(1.0, 1.1, 1.2, 1.3), bad=(2.0, 3.0)), *orders(good=(1.0,), shop="T")]
POLICIES = ("--baseline", "a.toml", "--candidate", "b.toml")
JSONL = (*POLICIES, "--jsonl", "r.jsonl")
RANGE = ("--from", "2024-01-01T00:00:00Z", "--to", "2024-01-01T20:00:00Z")
TOPICS = {"order_paid": "orders", "package_shipped": "ships"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A baseline that wants 80 %, a candidate that wants 85 %, and a recording in which that makes an hour's difference."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.toml").write_text(policy(), "utf-8")
    (tmp_path / "b.toml").write_text(policy("alarm = { below = 0.85 }"), "utf-8")
    (tmp_path / "r.jsonl").write_bytes(recording(SLUMP))
    return tmp_path


def recording(events: Sequence[Event]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def command(*arguments: str) -> Result:
    app = typer.Typer()
    app.command()(backtest)
    return CliRunner().invoke(app, arguments)


def document(found: Result) -> Any:
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def archive(path: Path, events: Sequence[Event], begin: float, end: float) -> Path:
    """``events`` as archived between two hours, each recorded when it happened."""
    with Keeper(path, Source("cluster", "")) as keeper:
        keeper.ask(
            Asked(hours(begin), hours(end), dict.fromkeys(("orders", "ships", "pickups", "refunds"), 1))
        )
        for topic in ("orders", "ships", "pickups", "refunds"):
            own = sorted((each for each in events if TOPICS[str(each["type"])] == topic), key=_at)
            records = [_record(number, each) for number, each in enumerate(own)]
            if records:
                keeper.keep(Place(topic, 0), (0, len(records)), records)
            keeper.read(Place(topic, 0), (0, len(records)), (hours(begin), hours(end)))
    return path


def _at(event: Event) -> str:
    return str(event["occurred_at"])


def _record(offset: int, event: Event) -> Record:
    at = next(hours(n / 100) for n in range(-200, 10_000) if rfc3339(hours(n / 100)) == event["occurred_at"])
    return Record(offset, at, json.dumps(event).encode(), str(event["shop_id"]).encode(), 0)


# -- programs


def test_a_program_gets_both_lists_of_alerts_as_a_replay_gives_them_and_the_diff(folder: Path) -> None:
    found = document(command(*JSONL, *RANGE, "--json"))
    lines = (folder / "r.jsonl").read_bytes().splitlines()
    for side, text in (("baseline", policy()), ("candidate", policy("alarm = { below = 0.85 }"))):
        assert found[side] == replay(policy_of(text), lines, hours(20)).alerts
    diff = found["diff"]
    assert diff["counts"] == {**dict.fromkeys(diff["counts"], 0), "earlier": 1, "longer": 1}
    (change,) = diff["earlier"]
    assert (change["shop_id"], change["rule"], change["severity"]) == ("S", "r", "alarm")
    assert (change["fires_later_s"], change["lasts_longer_s"]) == (-3600, 3600)
    assert change["baseline"]["alert_id"] == found["baseline"][0]["alert_id"]
    (why,) = change["why"]
    assert [setting["name"] for setting in why["settings"]] == ["below"]
    assert (why["baseline"]["rate"], why["baseline"]["threshold"], why["candidate"]["threshold"]) == (
        0.8,
        0.8,
        0.85,
    )


def test_several_files_are_versions_of_either_policy(folder: Path) -> None:
    later = policy("alarm = { below = 0.1 }", version="2", since="2024-01-01T02:30:00Z")
    (folder / "c.toml").write_text(later, "utf-8")
    found = document(command(*JSONL, "--candidate", "c.toml", *RANGE, "--json"))
    # At the start of the second version the candidate's is judged by another line, which it is not beyond, and clear.
    assert [(each["fired_at"], each["resolved_at"]) for each in found["candidate"]] == [
        ("2024-01-01T02:00:00.000Z", "2024-01-01T02:30:00.000Z"),
        ("2024-01-01T11:00:00.000Z", "2024-01-01T13:00:00.000Z"),
    ]
    assert found["policies"]["candidate"]["versions"] == ["1", "2"]


def test_an_archive_gives_the_answer_of_the_recording(folder: Path) -> None:
    archive(folder / "d", SLUMP, -1, 21)
    ours = document(command(*POLICIES, "--archive", "d", *RANGE, "--json"))
    theirs = document(command(*JSONL, *RANGE, "--json"))
    assert ours.pop("recording")["name"] == "d"
    assert theirs.pop("recording")["events"] == len(SLUMP)
    assert ours == theirs


def test_a_compressed_recording_is_one_too(folder: Path) -> None:
    (folder / "r.gz").write_bytes(gzip.compress(recording(SLUMP)))
    assert len(document(command(*POLICIES, "--jsonl", "r.gz", "--json"))["baseline"]) == 1


def test_the_same_question_has_the_same_answer_to_the_byte(folder: Path) -> None:
    answers = []
    for _ in range(2):
        found = command(*JSONL, *RANGE, "--json", "--csv", "o.csv", "--html", "o.html")
        answers.append((found.stdout, (folder / "o.csv").read_bytes(), (folder / "o.html").read_bytes()))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("given", [("T,S",), ("T", "--shops", "S"), ("@shops",)])
def test_shops_are_named_with_commas_one_by_one_or_in_a_file(folder: Path, given: tuple[str, ...]) -> None:
    (folder / "shops").write_text("S\n\nT\n", "utf-8")
    assert document(command(*JSONL, "--shops", *given, "--json"))["recording"]["shops"] == 2


def test_without_other_shops_only_these_are_told_of(folder: Path) -> None:
    found = document(command(*JSONL, "--shops", "T", "--json"))
    assert (found["recording"]["shops"], found["baseline"]) == (1, [])


def test_flaps_are_counted_within_the_time_that_is_set(folder: Path) -> None:
    more = orders(good=[4 + n / 10 for n in range(5)], bad=(5.0,))
    (folder / "r.jsonl").write_bytes(recording([*SLUMP, *more]))
    until = (*RANGE[:3], "2024-01-01T10:00:00Z")
    flaps = [
        document(command(*JSONL, *until, "--json", "--flap-within", within))["summary"]["baseline"]["flaps"]
        for within in ("30m", "1h")
    ]
    # It resolves at hour 4.3 and fires again at hour 5.
    assert flaps == [0, 1]


def test_an_alert_without_a_match_is_neither_later_nor_longer(folder: Path) -> None:
    (folder / "b.toml").write_text(policy("alarm = { below = 0 }"), "utf-8")
    found = document(command(*JSONL, *RANGE, "--json", "--csv", "o.csv"))
    (change,) = found["diff"]["removed"]
    assert change["baseline"] is not None
    assert [change[name] for name in ("candidate", "fires_later_s", "lasts_longer_s")] == [None] * 3
    with (folder / "o.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert [row[name] for name in ("words", "fires_later_s", "lasts_longer_s")] == ["removed", "", ""]


# -- files


def test_the_csv_has_a_row_for_every_alert_or_pair(folder: Path) -> None:
    assert command(*JSONL, *RANGE, "--csv", "o.csv").exit_code == 0
    with (folder / "o.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert tuple(row) == COLUMNS
    assert (row["words"], row["shop_id"], row["region"], row["orders"]) == (
        "earlier longer",
        "S",
        "310000",
        "6",
    )
    assert (row["candidate_fired_at"], row["fires_later_s"]) == ("2024-01-01T02:00:00.000Z", "-3600.0")
    assert (row["settings"], row["why"][:20]) == ("below", "the candidate fires:")


def test_the_page_is_written_whole(folder: Path) -> None:
    assert command(*JSONL, *RANGE, "--html", "o.html").exit_code == 0
    text = (folder / "o.html").read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert text.endswith("</html>\n")


# -- people


def test_a_person_gets_tables(folder: Path) -> None:
    found = command(*JSONL, *RANGE)
    rows = [line.split() for line in found.stdout.splitlines()]
    assert ["rules.r.alarm.below", "0.8", "0.85"] in rows
    assert ["earlier", "1", "fire", "earlier"] in rows
    assert ["alerts", "fired", "1", "1"] in rows
    assert ["310000", "2", "1", "1", "1", "0", "0", "1"] in rows
    assert "below 0.8 → 0.85" in found.stdout
    assert "80.00 % of 5" in found.stdout


def test_where_nothing_changes_that_is_said(folder: Path) -> None:
    found = command("--baseline", "a.toml", "--candidate", "a.toml", "--jsonl", "r.jsonl", *RANGE)
    assert "nothing changes" in found.stdout
    assert "the policies say the same at the end of the range" in found.stdout


def test_what_has_to_be_known_of_the_answer_is_said_in_lines(folder: Path) -> None:
    (folder / "r.jsonl").write_bytes(recording(SLUMP) + b"{\n\n")
    later = policy(version="2", since="2025-01-01T00:00:00Z")
    (folder / "c.toml").write_text(later, "utf-8")
    (folder / "a.toml").write_text(policy(since="2024-01-01T01:00:00Z"), "utf-8")
    said = command(*JSONL, "--candidate", "c.toml", *RANGE).stderr.splitlines()
    assert [line.removeprefix("shopwatch backtest: ")[:70] for line in said] == [
        "records that are no events, and count for nothing: 2; the first is lin",
        "the baseline is in force from 2024-01-01T01:00:00.000Z on only: orders",
        "version 2 of the candidate starts at 2025-01-01T00:00:00.000Z, after t",
        "the last event is of 2024-01-01T02:00:00.000Z: what was open then is j",
    ]


# -- pull requests


def test_a_broken_gate_is_said_in_a_line_and_sets_the_exit_code(folder: Path) -> None:
    found = command(*JSONL, *RANGE, "--json", "--max-shops", "0", "--max-added", "0", "--max-changed", "0")
    assert found.exit_code == 3
    assert [line for line in found.stderr.splitlines() if "broken" in line] == [
        "shopwatch backtest: --max-changed 0 is broken: alerts changed: 1, more than 0",
        "shopwatch backtest: --max-shops 0 is broken: shops touched: 1, more than 0",
    ]
    assert json.loads(found.stdout)["diff"]["shops_touched"] == 1


def test_a_gate_that_holds_says_nothing(folder: Path) -> None:
    assert command(*JSONL, *RANGE, "--json", "--max-changed", "1").exit_code == 0


@pytest.mark.parametrize(("least", "code"), [("1", 0), ("0.5", 0)])
def test_labels_decide_what_is_right(folder: Path, least: str, code: int) -> None:
    (folder / "l.csv").write_text(
        "shop_id,begins,ends\nS,2024-01-01T01:00:00Z,2024-01-01T04:00:00Z\n", "utf-8"
    )
    options = ("--labels", "l.csv", "--min-precision", least, "--min-recall", least)
    assert command(*JSONL, *RANGE, *options).exit_code == code
    (folder / "l.csv").write_text(
        "shop_id,begins,ends\nT,2024-01-01T01:00:00Z,2024-01-01T04:00:00Z\n", "utf-8"
    )
    assert command(*JSONL, *RANGE, *options).exit_code == 3


def test_all_that_is_wrong_with_labels_is_said_each_thing_in_a_line(folder: Path) -> None:
    (folder / "l.csv").write_text("shop_id,begins,ends\n,soon,2024-01-01T04:00:00Z\nS,now\n", "utf-8")
    found = command(*JSONL, "--labels", "l.csv", "--html", "o.html")
    assert (found.exit_code, found.stdout, (folder / "o.html").exists()) == (1, "", False)
    assert [line.removeprefix("shopwatch backtest: ")[:14] for line in found.stderr.splitlines()] == [
        "l.csv:2: it na",
        "l.csv:2: begin",
        "l.csv:3: it ha",
        "the labels can",
    ]


def test_labels_of_shops_that_were_not_chosen_are_no_misses(folder: Path) -> None:
    shipped = next(each["order_id"] for each in SLUMP if each["type"] == "package_shipped")
    well = [{**each, "shop_id": "T"} for each in SLUMP if each["order_id"] == shipped]
    (folder / "r.jsonl").write_bytes(recording([*SLUMP, *well]))
    hour = "2024-01-01T01:00:00Z,2024-01-01T04:00:00Z"
    (folder / "l.csv").write_text(f"shop_id,begins,ends\nS,{hour}\nT,{hour}\n", "utf-8")
    gated = (*JSONL, *RANGE, "--labels", "l.csv", "--min-recall", "1")
    assert command(*gated, "--shops", "S").exit_code == 0
    assert command(*gated).exit_code == 3


def test_labels_of_a_shop_of_which_nothing_was_recorded_are_told(folder: Path) -> None:
    hour = "2024-01-01T01:00:00Z,2024-01-01T04:00:00Z"
    (folder / "l.csv").write_text(f"shop_id,begins,ends\nS,{hour}\nshop-S,{hour}\n", "utf-8")
    told = command(*JSONL, *RANGE, "--labels", "l.csv").stderr
    assert (
        "labels name 1 shops of which nothing was recorded, and whose incidents count as missed: shop-S"
        in told
    )


# -- what it cannot answer


@pytest.mark.parametrize("span", [RANGE, ()], ids=["of a range", "of all"])
def test_an_archive_that_was_stopped_half_way_is_refused(folder: Path, span: tuple[str, ...]) -> None:
    with Keeper(archive(folder / "d", SLUMP, -1, 21), Source("cluster", "")) as keeper:
        keeper.ask(Asked(hours(-1), hours(21), dict.fromkeys(("orders", "ships", "pickups", "refunds"), 2)))
    found = command(*POLICIES, "--archive", "d", *span, "--html", "o.html")
    assert (found.exit_code, found.stdout, (folder / "o.html").exists()) == (1, "", False)
    (line,) = found.stderr.splitlines()
    assert line == (
        "shopwatch backtest: d was stopped half-way (orders, partition 1: not archived from 2023-12-31T23:00:00.000Z to "
        "2024-01-01T21:00:00.000Z; `shopwatch archive` reads it while Kafka has it); run the same `shopwatch archive` again"
    )


def test_an_end_of_the_range_that_was_not_archived_is_refused(folder: Path) -> None:
    archive(folder / "d", SLUMP, -1, 10)
    found = command(*POLICIES, "--archive", "d", *RANGE)
    assert found.exit_code == 1
    assert found.stderr.splitlines()[-1] == (
        "shopwatch backtest: d has half of the range only: nothing is archived from 2024-01-01T10:00:00.000Z to "
        "2024-01-01T20:00:00.001Z; archive that too, or compare less"
    )


def test_a_truncated_file_of_an_archive_is_told_in_a_line(folder: Path) -> None:
    archive(folder / "d", SLUMP, -1, 21)
    (file,) = (folder / "d").rglob("topic=ships/**/*.parquet")
    file.write_bytes(file.read_bytes()[:-10])
    found = command(*POLICIES, "--archive", "d", *RANGE, "--html", "o.html")
    assert (found.exit_code, len(found.stderr.splitlines())) == (1, 1)
    assert file.name in found.stderr
    assert not (folder / "o.html").exists()


def test_what_lies_before_the_range_need_not_be_archived(folder: Path) -> None:
    archive(folder / "d", SLUMP, 0, 21)
    assert command(*POLICIES, "--archive", "d", *RANGE).exit_code == 0


def test_events_that_were_recorded_later_than_they_happened_are_of_the_range(folder: Path) -> None:
    late = [dict(event) for event in SLUMP]
    archive(folder / "d", late, -1, 21)
    with Keeper(folder / "e", Source("cluster", "")) as keeper:
        keeper.ask(Asked(hours(1000), hours(1001), {"orders": 1}))
        records = [
            _record(number, event)._replace(timestamp=hours(1000))
            for number, event in enumerate(each for each in SLUMP if each["type"] == "order_paid")
        ]
        keeper.keep(Place("orders", 0), (0, len(records)), records)
        keeper.read(Place("orders", 0), (0, len(records)), (hours(1000), hours(1000) + HOUR))
    assert len(document(command(*POLICIES, "--archive", "e", *RANGE, "--json"))["baseline"]) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (POLICIES, "give one of --archive DIR, --jsonl FILE and --bootstrap HOST:PORT"),
        ((*JSONL, "--archive", "d"), "give one of --archive DIR, --jsonl FILE and --bootstrap HOST:PORT"),
        (
            (*POLICIES, "--archive", "gone"),
            "gone is not there; give a directory that `shopwatch archive --out`",
        ),
        (
            (*POLICIES, "--jsonl", "gone"),
            "gone cannot be read (No such file or directory); give a file of JSON lines",
        ),
        ((*POLICIES, "--jsonl", "cut.gz"), "cut.gz cannot be read to its end: "),
        (
            (*POLICIES, "--jsonl", "broken.jsonl"),
            "broken.jsonl has no events to judge: 2 records are no events, the first is line 1 (not_json: ",
        ),
        ((*JSONL, *RANGE[:2]), "--from alone is half a range; give --to too, or neither"),
        ((*JSONL, *RANGE[2:]), "--to alone is half a range; give --from too, or neither"),
        (
            (*JSONL, "--from", "2024-01-02T00:00:00Z", "--to", "2024-01-01T00:00:00Z"),
            "--to 2024-01-01T00:00:00Z lies",
        ),
        ((*JSONL, "--shops", "S,Q"), "r.jsonl has no events of 'Q'"),
        ((*JSONL, "--shops", ","), "--shops names none"),
        ((*JSONL, "--shops", "@gone"), "gone cannot be read (No such file or directory)"),
        ((*JSONL, "--labels", "gone"), "gone cannot be read (No such file or directory)"),
        ((*JSONL, "--labels", "r.jsonl"), "r.jsonl: it is not what `shopwatch simulate` writes"),
        ((*JSONL, "--csv", "gone/o.csv"), "gone/o.csv cannot be written: No such file or directory"),
        ((*JSONL, "--csv", "o", "--html", "./o"), "--csv and --html need a file of their own each"),
        (
            ("--baseline", "a.toml", "--candidate", "zone.toml", "--jsonl", "never-read"),
            "the baseline's time_zone is UTC, the candidate's Asia/Shanghai",
        ),
        (
            ("--baseline", "a.toml", "--candidate", "gone.toml", "--jsonl", "r.jsonl"),
            "gone.toml:1: it cannot be read",
        ),
        (
            ("--baseline", "a.toml", "--candidate", "unknown.toml", "--jsonl", "r.jsonl"),
            'unknown.toml:13: rules.r.metric is "q", and there is no metric of this name',
        ),
    ],
)
def test_what_goes_wrong_is_said_in_a_line_and_nothing_is_written(
    folder: Path, arguments: Sequence[str], said: str
) -> None:
    (folder / "zone.toml").write_text(policy(zone="Asia/Shanghai"), "utf-8")
    (folder / "unknown.toml").write_text(policy().replace('metric = "m"', 'metric = "q"'), "utf-8")
    (folder / "cut.gz").write_bytes(gzip.compress(recording(SLUMP) * 50)[:-20])
    (folder / "broken.jsonl").write_bytes(b"{\n[]\n")
    before = sorted(folder.iterdir())
    files = () if "--csv" in arguments else ("--csv", "o.csv", "--html", "o.html")
    found = command(*arguments, *files)
    assert found.exit_code == 1
    line, *others = found.stderr.splitlines()
    assert line.startswith(f"shopwatch backtest: {said}")
    assert others in ([], ["shopwatch backtest: the policy cannot be used: 1 problem, listed above"])
    assert found.stdout == ""
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize(
    ("option", "value"),
    [("--from", "yesterday"), ("--flap-within", "24"), ("--max-added", "-1"), ("--min-recall", "1.1")],
)
def test_a_mistaken_option_is_refused_as_everywhere(folder: Path, option: str, value: str) -> None:
    found = command(*JSONL, option, value)
    assert found.exit_code == 2
    assert option in found.stderr


def test_the_command_line_has_the_command(folder: Path) -> None:
    done = shopwatch(
        "backtest",
        "--baseline",
        folder / "a.toml",
        "--candidate",
        folder / "b.toml",
        "--jsonl",
        folder / "r.jsonl",
    )
    assert (done.code, b"earlier" in done.out) == (0, True)
