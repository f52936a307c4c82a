"""How does a command speak to a terminal, and to a file?"""

import json
import os
import pty
import subprocess
import sys

import pytest
import typer
from aiokafka.errors import KafkaTimeoutError

from stream.cli.progress import LINES_A_LINE, progress_of
from stream.cli.saying import CommandError, errors_in_one_line, say
from tests.cli.shell import environment


def test_what_is_said_is_one_line_that_does_nothing_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    say("load", "line 1: \x1b[31m\nred\x00 São 订单")
    assert capsys.readouterr().err == "shopwatch load: line 1: \\x1b[31m\\x0ared\\x00 São 订单\n"


@pytest.mark.parametrize(
    "error",
    [CommandError("no"), FileNotFoundError(2, "No such file"), KafkaTimeoutError(), ValueError("mine")],
)
def test_an_expected_error_is_one_line_and_exit_code_1(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as caught, errors_in_one_line("rates", ValueError):
        raise error
    said = capsys.readouterr().err
    assert caught.value.exit_code == 1
    assert said.startswith("shopwatch rates: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), KeyError("x")])
def test_a_reader_who_has_gone_and_a_mistake_of_ours_are_left_to_main(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(type(error)), errors_in_one_line("rates"):
        raise error
    assert capsys.readouterr().err == ""


def test_without_a_terminal_progress_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_of("simulate", None, "records") as progress:
        for line in range(1, 2 * LINES_A_LINE + 1):
            progress.reached(line, line)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "shopwatch simulate: 100000 records\nshopwatch simulate: 200000 records\n"


def test_on_a_terminal_progress_is_a_bar_and_what_is_said_meanwhile_stands_above_it() -> None:
    program = (
        "from stream.cli.progress import progress_of\n"
        "from stream.cli.saying import say\n"
        "with progress_of('load', 1000) as progress:\n"
        "    progress.reached(500, 500)\n"
        "    say('load', 'line 7 is no event')\n"
        "print('done')"
    )
    ours, theirs = pty.openpty()
    run = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", program],
        env=environment(TERM="xterm", COLUMNS="80"),
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
        check=True,
    )
    shown = os.read(ours, 100_000).decode()
    os.close(theirs)
    os.close(ours)
    assert run.stdout == "done\n"
    assert "50%" in shown
    assert "500 lines" in shown
    assert "shopwatch load: line 7 is no event" in shown


def test_a_service_says_it_in_json_where_nobody_sits_and_any_other_command_in_words(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SHOPWATCH_LOG", raising=False)
    with pytest.raises(typer.Exit), errors_in_one_line("api"):
        raise CommandError("it has ended")
    say("load", "10 records")
    say("notify", "stopped: 3 delivered", stream=sys.stdout)
    say("notify", "messages are held", "warning")
    monkeypatch.setenv("SHOPWATCH_LOG", "console")
    say("api", "ready")
    told = capfd.readouterr()
    ended, loaded, held, ready = told.err.splitlines()
    assert json.loads(held)["level"] == "warning"
    assert json.loads(told.out)["event"] == "stopped: 3 delivered"
    assert json.loads(ended) == {
        "timestamp": json.loads(ended)["timestamp"],
        "level": "error",
        "service": "api",
        "event": "it has ended",
    }
    assert (loaded, ready) == ("shopwatch load: 10 records", "shopwatch api: ready")
