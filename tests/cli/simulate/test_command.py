"""`shopwatch simulate` into a file, as a shell sees it."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from stream.engine.reading import UnreadableEvent, read_event
from tests.cli.shell import COMMAND, Done, environment, shopwatch
from tests.cli.terminal import Terminal
from topics.times import parse_time

SMALL = ("--days", "3", "--shops", "8")


def simulate(to: Path, *arguments: str | Path) -> Done:
    return shopwatch("simulate", "--to", to, *SMALL, *arguments)


def times(path: Path) -> Sequence[int]:
    found = []
    for line in path.read_bytes().splitlines():
        try:
            found.append(read_event(None, None, line).occurred_at)
        except UnreadableEvent:
            continue
    return found


def test_a_recording_and_its_labels_stand_side_by_side(tmp_path: Path) -> None:
    path, labels = tmp_path / "m.jsonl", tmp_path / "m.labels.json"
    done = simulate(path, "--scenario", "warehouse_stops", "--scenario", "slow_after_sales")
    assert (done.code, done.err) == (0, "")
    lines = path.read_bytes().splitlines()
    told = json.loads(labels.read_bytes())
    assert done.lines == [
        f"shopwatch simulate: wrote {len(lines)} lines to {path}, {len(told['incidents'])} incidents to {labels}"
    ]
    assert {incident["scenario"] for incident in told["incidents"]} == {"warehouse_stops", "slow_after_sales"}
    assert sorted(each.name for each in tmp_path.iterdir()) == ["m.jsonl", "m.labels.json"]


def test_the_same_options_give_the_same_bytes_and_another_seed_gives_others(tmp_path: Path) -> None:
    written = []
    for name, seed in (("a", "1"), ("b", "1"), ("c", "2")):
        simulate(tmp_path / f"{name}.jsonl", "--scenario", "flash_sale", "--seed", seed)
        files = (tmp_path / f"{name}.jsonl", tmp_path / f"{name}.labels.json")
        written.append([file.read_bytes() for file in files])
    assert written[0] == written[1]
    assert written[0][0] != written[2][0]
    assert written[0][1] != written[2][1]


def test_without_a_scenario_nothing_fails(tmp_path: Path) -> None:
    simulate(tmp_path / "m.jsonl", "--labels", tmp_path / "said")
    assert json.loads((tmp_path / "said").read_bytes())["incidents"] == []
    assert not (tmp_path / "m.labels.json").exists()


def test_it_opens_when_it_is_told_to(tmp_path: Path) -> None:
    simulate(tmp_path / "m.jsonl", "--start", "2024-02-29T12:00:00Z")
    first = min(times(tmp_path / "m.jsonl"))
    assert 0 <= first - parse_time("2024-02-29T12:00:00Z") < 3_600_000


def test_events_are_out_of_order_by_no_more_than_was_said(tmp_path: Path) -> None:
    for disorder, most in (("0s", 0), ("1m", 60_000)):
        simulate(tmp_path / "m.jsonl", "--disorder", disorder, "--late", "0")
        newest, behind = 0, 0
        for at in times(tmp_path / "m.jsonl"):
            newest = max(newest, at)
            behind = max(behind, newest - at)
        assert most / 2 <= behind <= most


def test_half_of_it_may_be_broken(tmp_path: Path) -> None:
    simulate(tmp_path / "m.jsonl", "--broken", "0.5")
    lines = len((tmp_path / "m.jsonl").read_bytes().splitlines())
    assert abs(len(times(tmp_path / "m.jsonl")) / lines - 0.5) < 0.02


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--to", "kafak"], "'kafak' is neither kafka nor a FILE.jsonl"),
        (["--to", "m.jsonl", "--scenario", "flash_sail"], "did you mean flash_sale?"),
        (["--to", "kafka", "--speed", "0"], "0 is no speed"),
        (["--to", "kafka", "--speed", "-1"], "-1 is no speed"),
        (["--to", "kafka", "--speed", "nan"], "nan is no speed"),
        (["--to", "m.jsonl", "--speed", "1"], "--speed goes with kafka"),
        (["--to", "m.jsonl", "--shops", "0"], "greater than or equal to 1"),
        (["--to", "m.jsonl", "--days", "0"], "greater than or equal to 1"),
        (["--to", "m.jsonl", "--broken", "1"], "1 is no share"),
        (["--to", "m.jsonl", "--duplicates", "1"], "1 is no share"),
        (["--to", "m.jsonl", "--late", "nan"], "nan is no share"),
        (["--to", "m.jsonl", "--disorder", "soon"], "'soon' is not a duration"),
        (["--to", "m.jsonl", "--start", "2024-01-01"], "'2024-01-01' is not a time"),
        (["--to", "m.jsonl", "--start", "2024-01-01T00:00:00"], "has no offset"),
        (["--to", "m.jsonl", "--start", "9999-01-01T00:00:00Z"], "is out of reach"),
        (["--to", "m.jsonl", "--labels", "./m.jsonl"], "they need a file of their own"),
        (["--to", "m.jsonl", "--sped", "1"], "--speed"),
    ],
)
def test_a_mistaken_option_is_named_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = shopwatch("simulate", *arguments)
    assert (done.code, done.out) == (2, b"")
    assert complaint in done.err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_cannot_be_written_is_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").mkdir()
    places: list[tuple[Path, Path | None, str]] = [
        (tmp_path / "no" / "m.jsonl", None, "No such file or directory"),
        (tmp_path / "a.jsonl", None, "there is something that is no file"),
        (tmp_path / "m.jsonl", tmp_path / "no" / "labels", "No such file or directory"),
        (tmp_path / "m.jsonl", Path("/dev/full"), "there is something that is no file"),
    ]
    for to, labels, why in places:
        culprit = labels or to
        done = simulate(to, *(("--labels", labels) if labels else ()))
        assert (done.code, done.out) == (1, b"")
        assert done.err == f"shopwatch simulate: {culprit} cannot be written: {why}; nothing of it was kept\n"
        assert [each.name for each in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_stops_it_is_told_in_one_line_and_finds_what_stood_there_before(
    tmp_path: Path, number: signal.Signals
) -> None:
    path = tmp_path / "m.jsonl"
    path.write_text("old", "utf-8")
    with started("simulate", "--to", path, "--days", "3650") as running:
        until_it_writes(running, path)
        running.send_signal(number)
        out, err = running.communicate()
    assert (running.returncode, out) == (128 + number, "")
    labels = tmp_path / "m.labels.json"
    assert err == f"shopwatch simulate: stopped; nothing was written to {path} and {labels}\n"
    assert [(each.name, each.read_text("utf-8")) for each in tmp_path.iterdir()] == [("m.jsonl", "old")]


def test_on_a_terminal_it_shows_how_far_it_is(tmp_path: Path) -> None:
    arguments = ("simulate", "--to", "m.jsonl", "--days", "10", "--shops", "100")
    with Terminal(*arguments, width=80, directory=tmp_path) as terminal:
        terminal.wait_for(lambda seen: re.search(r"[1-9][0-9]% .*[1-9][0-9]+ lines", seen.plain) is not None)
        assert terminal.ends() == 0
    assert re.search(r"shopwatch simulate: wrote [0-9]+ lines to m.jsonl", terminal.plain)


def started(*arguments: str | Path) -> "subprocess.Popen[str]":
    """A command that goes on for a while."""
    return subprocess.Popen(  # noqa: S603 - ours
        [*COMMAND, *map(str, arguments)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until_it_writes(running: "subprocess.Popen[str]", path: Path) -> None:
    while not [draft for draft in path.parent.glob(f".{path.name}.*.part") if draft.stat().st_size]:
        assert running.poll() is None
        time.sleep(0.01)
