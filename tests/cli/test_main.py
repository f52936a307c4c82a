"""`shopwatch`: its commands, its help, its errors."""

import os
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from stream.broker.ports import free_port
from stream.cli.main import COMMANDS, Command
from tests.cli.shell import COMMAND, ROOT, environment, shopwatch


@pytest.mark.parametrize("columns", ["20", "80", "200"])
def test_help_names_every_command_in_any_width(columns: str) -> None:
    done = shopwatch("--help", COLUMNS=columns)
    assert (done.code, done.err) == (0, "")
    letters = "".join(done.out.decode().split())  # of 20 columns, long words take two lines
    for command in COMMANDS:
        assert "".join(f"{command.name}{command.help}".split()) in letters
    assert max(map(len, done.lines)) <= int(columns)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_each_command_is_there_and_has_help(command: Command) -> None:
    import_module(command.module)
    done = shopwatch(command.name, "--help", COLUMNS="20")
    assert (done.code, done.err) == (0, "")
    assert done.lines[0].startswith("Usage: shopwatch")


def test_help_waits_for_no_library() -> None:
    program = (
        "import sys, stream.cli.main as m\n"
        "sys.argv = ['shopwatch', '--help']\n"
        "try: m.main()\n"
        "except SystemExit: print(sorted({'faust', 'aiokafka', 'rich', 'msgspec'} & set(sys.modules)))"
    )
    run = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "arguments", [[], ["begin"], ["load"], ["topics"], ["topics", "list", "--bootstrap", "x"]]
)
def test_a_mistaken_command_is_exit_code_2(arguments: list[str]) -> None:
    done = shopwatch(*arguments)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_an_error_that_nobody_thought_of_is_one_line_and_exit_code_70() -> None:
    program = (
        "import sys, stream.cli.main as m, stream.cli.topics as t\n"
        "t.schemas.check = lambda out: {}['x\\ny']\n"
        "sys.argv = ['shopwatch', 'topics', 'schema', '--check']\n"
        "m.main()"
    )
    run = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", program], env=environment(), capture_output=True, text=True, check=False
    )
    assert run.returncode == 70
    assert run.stderr.startswith("shopwatch topics: unexpected KeyError: ")
    assert run.stderr.count("\n") == 1


def test_ctrl_c_while_a_command_is_still_imported_ends_it_quietly(tmp_path: Path) -> None:
    (tmp_path / "polars.py").write_text("import signal; signal.raise_signal(signal.SIGINT)")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = shopwatch("archive", "--help", PYTHONPATH=path)
    assert (done.code, done.out, done.err) == (130, b"", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["topics", "list"],
        ["load", "-"],
        ["simulate", "--to", "kafka"],
        ["alerts", "--json"],
        ["rates"],
        ["explain", "S"],
    ],
)
def test_a_kafka_that_is_away_is_said_once_and_waited_for_until_ctrl_c(arguments: list[str]) -> None:
    address = f"127.0.0.1:{free_port()}"
    command = [*COMMAND, *arguments, "--bootstrap", address]
    with subprocess.Popen(  # noqa: S603 - ours
        command, env=environment(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        said = running.stderr.readline()
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read()
    assert said.startswith(f"shopwatch {arguments[0]}: no Kafka answers at {address}; trying again every 2 s")
    assert rest == ""
    assert running.returncode == 130
