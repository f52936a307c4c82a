"""`shopwatch broker start | stop | status`, as a shell sees them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stream.broker.ports import free_port
from tests.broker.test_jars import use_mirror

ROOT = Path(__file__).parents[2]
PROGRAM = (
    "import typer; from stream.cli.broker import app; m = typer.Typer(); m.add_typer(app, name='broker'); m()"
)


def shopwatch(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, "broker", *map(str, arguments)]
    merged = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(command, env=merged, capture_output=True, text=True, check=False)  # noqa: S603 - ours


@pytest.mark.kafka
def test_start_status_stop(tmp_path: Path) -> None:
    port = free_port()
    address = f"127.0.0.1:{port}"
    try:
        first = shopwatch("start", "--dir", tmp_path, "--port", str(port))
        assert (first.returncode, first.stdout) == (0, f"{address}\n"), first.stderr
        again = shopwatch("start", "--dir", tmp_path)
        assert (again.returncode, again.stdout.splitlines()[-1]) == (0, address)
        assert "already running, pid " in again.stderr
        state = shopwatch("status", "--dir", tmp_path)
        assert state.returncode == 0
        assert state.stdout.startswith("running, pid ")
        assert state.stdout.endswith(f"{address}\n")
    finally:
        stopped = shopwatch("stop", "--dir", tmp_path)
    assert (stopped.returncode, stopped.stdout) == (0, "stopped\n")
    assert shopwatch("stop", "--dir", tmp_path).stdout == "not running\n"
    state = shopwatch("status", "--dir", tmp_path)
    assert (state.returncode, state.stdout) == (3, "stopped\n")


def test_an_index_out_of_reach_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    home = tmp_path / "home"
    use_mirror(home, free_port())
    cache = str(tmp_path / "cache")
    failed = shopwatch(
        "start", "--dir", tmp_path, SHOPWATCH_CACHE=cache, HOME=str(home), NO_PROXY="127.0.0.1"
    )
    assert (failed.returncode, failed.stdout) == (1, "")
    progress, error = failed.stderr.splitlines()
    assert progress.startswith("jar 1 of 46: ")
    assert error.startswith("shopwatch broker: cannot fetch ")
    assert "SHOPWATCH_BOOTSTRAP" in error


def test_a_directory_that_cannot_be_used_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    failed = shopwatch("start", "--dir", tmp_path / "file" / "kafka")
    assert failed.returncode == 1
    assert failed.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["start"], ["start", "--dir", "x", "--port", "70000"], ["begin"]])
def test_a_mistaken_command_is_exit_code_2(arguments: list[str]) -> None:
    assert shopwatch(*arguments).returncode == 2
