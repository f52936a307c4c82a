"""`shopwatch archive`, on a real Kafka."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stream.archive.recording import open_archive
from stream.broker.ports import free_port
from tests.archive.scene import Scene
from tests.cli.shell import COMMAND, ROOT, Shell, environment, shopwatch
from tests.cli.test_load import cancelled, shipped
from tests.worker.rig import Rig

FROM, FAR = "2020-01-01T00:00:00Z", "2090-01-01T00:00:00Z"
WHILE = ("--from", FROM, "--to", FAR)


@pytest.mark.kafka
def test_what_was_loaded_is_archived_and_then_only_what_is_new(shell: Shell, tmp_path: Path) -> None:
    shell("topics", "create", "--partitions", "3")
    lines = [
        line for number in range(20) for line in (cancelled(f"s{number}"), shipped(f"s{number}"), b"no json")
    ]
    shell("load", "-", stdin=b"\n".join(lines))
    out = tmp_path / "below" / "archive"
    done = shell("archive", *WHILE, "--out", out)
    assert (done.code, done.err) == (0, "")
    told = f"added 60 records (orders 40, ships 20, pickups 0, refunds 0) in 6 files to {out}, which has what was recorded"
    assert done.lines[0].startswith(f"shopwatch archive: {told} from 2020-01-01T00:00:00.000Z to 2")
    archive = open_archive(out)
    found = [record for partition in archive.partitions() for record in archive.read(partition)]
    assert sorted(record.value or b"" for record in found) == sorted(lines)
    assert not list(archive.gaps)
    shell("load", "-", stdin=shipped("s3"))
    more = shell("archive", *WHILE, "--out", out)
    assert "added 1 records (orders 0, ships 1, pickups 0, refunds 0) in 1 files" in more.lines[0]


@pytest.mark.long
@pytest.mark.kafka
def test_a_gap_is_a_line_each_time(shell: Shell, tmp_path: Path) -> None:
    shell("topics", "create", "--partitions", "1")
    shell("load", "-", stdin=b"\n".join(shipped(f"s{number}") for number in range(5)))
    Scene(Rig(shell.address, tmp_path, shell.prefix), tmp_path).delete("ships", 0, 3)
    for added in (2, 0):
        done = shell("archive", *WHILE, "--out", tmp_path / "a")
        assert (done.code, done.err.count("\n")) == (0, 1)
        assert done.err.startswith(
            "shopwatch archive: ships, partition 0: offsets 0 to 2 had gone from Kafka"
        )
        assert f"added {added} records" in done.lines[0]
        assert done.lines[0].endswith("; gaps: 1")


@pytest.mark.long
@pytest.mark.kafka
def test_missing_topics_and_occupied_directories_are_one_line(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    missing = shell("archive", *WHILE, "--out", tmp_path / "new")
    assert (missing.code, missing.err.count("\n")) == (1, 1)
    assert missing.err.startswith(f"shopwatch archive: these topics are missing: {shell.prefix}orders, ")
    assert not (tmp_path / "new").exists()
    shell("topics", "create", "--partitions", "1")
    occupied = shell("archive", *WHILE, "--out", tmp_path)
    assert (occupied.code, occupied.err.count("\n")) == (1, 1)
    assert "is not empty, and no archive; give --out a new directory" in occupied.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (["--from", FROM], "Missing option '--to'"),
        (["--from", FAR, "--to", FROM], f"for --to: {FROM} is not after --from {FAR}"),
        (
            ["--from", FAR, "--to", "2091-01-01T00:00:00Z"],
            f"for --from: {FAR} lies ahead, nothing is recorded yet",
        ),
        (["--from", FROM, "--to", "2020-01-01T00:00:00"], "for --to: '2020-01-01T00:00:00' has no offset"),
    ],
)
def test_a_mistaken_time_is_exit_code_2(tmp_path: Path, times: list[str], said: str) -> None:
    done = shopwatch("archive", *times, "--out", tmp_path / "a")
    assert done.code == 2
    assert said in done.err.splitlines()[-1]
    assert not (tmp_path / "a").exists()


def test_a_kafka_that_is_away_is_one_line_and_ctrl_c_ends_with_one_more(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen(  # noqa: S603 - ours
        [*COMMAND, "archive", *WHILE, "--out", str(tmp_path / "a"), "--bootstrap", address],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr
    first = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, rest = process.communicate(timeout=30)
    assert first.startswith(f"shopwatch archive: no Kafka answers at {address}; trying again every 2 s")
    assert (process.returncode, rest) == (130, "")
    stopped = (
        "shopwatch archive: stopped; added 0 records (orders 0, ships 0, pickups 0, refunds 0) in 0 files"
    )
    assert out == f"{stopped} to {tmp_path / 'a'}; run it again to go on\n"
    assert not (tmp_path / "a").exists()


def test_without_polars_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "polars.py").write_text("raise ModuleNotFoundError('no', name='polars')")
    done = subprocess.run(
        [sys.executable, "-m", "stream.cli.main", "archive", "--help"],
        env={**environment(), "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.decode() == "shopwatch archive: it needs polars: install shopwatch[backtest]\n"
