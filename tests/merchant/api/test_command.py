"""`shopwatch api` on a real Kafka."""

import asyncio
import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from stream.broker import Broker
from stream.broker.ports import free_port
from stream.cli.main import make_app
from stream.merchant.api.tokens import Tokens
from tests.cli.shell import COMMAND, Shell, environment, shopwatch
from tests.cli.test_alerts import put
from tests.merchant.api.process import Api, tell
from tests.merchant.api.scene import MINE, OPS, Follower, ask, tokens_file, until
from tests.view.story import alert, late, rates
from tests.worker.rig import Rig

WRONG = "Expected `str`, got `int` - at `$.alert_id`"


@pytest.fixture
def tokens(tmp_path: Path) -> Path:
    return tokens_file(tmp_path / "tokens.toml").path


@pytest.fixture
def made(shell: Shell) -> Shell:
    """The command line, with topics."""
    shell("topics", "create", "--partitions", "2")
    return shell


@pytest.mark.kafka
def test_it_serves_what_is_committed_and_follows_and_ends_when_told(
    rig: Rig, made: Shell, tokens: Path
) -> None:
    tell(rig, alert(1, "s1", 1), alert(2, "s1", 2), rates("s1", late(70, 30)))
    put(rig, "alerts", [(0, "a9", None), (0, "a2", None), (0, "stray", {"alert_id": 7})])
    put(rig, "alerts", [(0, "a3", {})], commit=False)
    with Api(made, tokens) as api:
        api.says(r"serving http://127.0.0.1:[0-9]+/ for 3 tokens")
        api.says("ready: 1 shops, 1 alerts, 1 of them firing")
        assert [line for line in api.lines if "is left out" in line] == [
            f"shopwatch api: {rig.prefix}alerts/0 offset 5 is not what the contract says and is left out: {WRONG}"
        ]
        assert ask(api.port, "/v1/shops/s1").json["rates"]["rules"][0]["tiers"][0]["bad"] == 30
        with Follower(api.port, "/v1/shops/s1/events", MINE, None) as follower:
            assert [event.name for event in follower.until("caught_up")][3:] == [
                "rates",
                "alert",
                "caught_up",
            ]
            put(rig, "alerts", [(0, "a4", json.loads("{}"))], commit=False)
            tell(rig, alert(1, "s1", 1, because="recovered"))
            assert follower.until("alert")[-1].data["state"] == "resolved"
            last = follower.last
            assert api.end() == 0
            assert list(follower.events()) == []
        tell(rig, alert(5, "s1", 5))
        with api, Follower(_ready(api), "/v1/shops/s1/events", MINE, last) as follower:
            assert [event.data.get("alert_id") for event in follower.until("caught_up")][1:] == ["a5", None]
            assert api.end(signal.SIGINT) == 130


def _ready(api: Api) -> int:
    api.says("ready")
    return api.port


@pytest.mark.kafka
def test_a_changed_file_of_tokens_is_heard_of_and_a_wrong_one_is_said(made: Shell, tokens: Path) -> None:
    with Api(made, tokens) as api:
        api.says("ready")
        assert api.process is not None
        tokens.write_text("nonsense", "utf-8")
        os.kill(api.process.pid, signal.SIGHUP)
        api.says("tokens.toml: is no TOML: .*; what it said before holds")
        assert ask(api.port, "/v1/session").status == 200
        tokens.write_text("", "utf-8")
        os.kill(api.process.pid, signal.SIGHUP)
        api.says("tokens.toml was read again: 0 tokens")
        assert ask(api.port, "/v1/session").status == 401
        assert api.end() == 0
        assert not [line for line in api.lines if MINE in line or OPS in line]


@pytest.mark.kafka
def test_a_topic_that_was_made_anew_ends_it_with_a_line(rig: Rig, made: Shell, tokens: Path) -> None:
    tell(rig, alert(1, "s1", 1), alert(2, "s1", 2))
    with Api(made, tokens) as api:
        api.says("ready")
        asyncio.run(rig.make_anew("alerts", 2))
        tell(rig, alert(3, "s1", 3))
        api.says("it was made anew, or has lost records; start again")
        assert api.process is not None
        assert api.process.wait(10) == 1


@pytest.mark.kafka
def test_missing_topics_are_named(rig: Rig, shell: Shell, tokens: Path) -> None:
    done = shell("api", "--tokens", tokens, "--http", "127.0.0.1:0")
    assert (done.code, done.out) == (1, b"")
    assert done.err == (
        f"shopwatch api: these topics are missing: {rig.prefix}alerts, {rig.prefix}rates; "
        "make them with `shopwatch topics create`, or have Kafka show them to us (docs/deploy.md lists what is to be allowed)\n"
    )


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Broker]:
    """One that may go away."""
    broker = Broker(tmp_path / "kafka", port=free_port())
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


@pytest.mark.faults
def test_a_kafka_that_goes_away_is_told_and_what_is_known_is_still_served(
    own_kafka: Broker, tmp_path: Path, tokens: Path
) -> None:
    rig = Rig(own_kafka.address, tmp_path)
    shell = Shell(rig.address, rig.prefix)
    shell("topics", "create", "--partitions", "2")
    tell(rig, alert(1, "s1", 1))
    with Api(shell, tokens) as api, Follower(_ready(api), "/v1/shops/s1/events", MINE, None) as follower:
        follower.until("caught_up")
        own_kafka.stop()
        until(lambda: follower.until("feed")[-1].data["away_since"] is not None)
        assert ask(api.port, "/readyz", None).body == b"Kafka does not answer\n"
        assert len(ask(api.port, "/v1/shops/s1/alerts").json["alerts"]) == 1
        own_kafka.start()
        until(lambda: follower.until("feed")[-1].data["away_since"] is None, 60)
        tell(rig, alert(1, "s1", 1, because="recovered"))
        assert follower.until("alert")[-1].data["state"] == "resolved"
        assert sum("Kafka does not answer" in line for line in api.lines) == 1


def test_a_kafka_that_does_not_answer_is_said_and_waited_for(tokens: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    with subprocess.Popen(  # noqa: S603 - ours
        [*COMMAND, "api", "--tokens", str(tokens), "--http", "127.0.0.1:0", "--bootstrap", address],
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        assert f"shopwatch api: no Kafka answers at {address}" in running.stderr.readline()
        running.send_signal(signal.SIGTERM)
        assert running.stderr.read() == f"shopwatch api: stopped before Kafka at {address} answered\n"
    assert running.returncode == 1


def test_a_port_that_is_taken_is_one_line(tokens: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = shopwatch("api", "--tokens", tokens, "--http", address)
    assert (done.code, done.out) == (1, b"")
    assert done.err == (
        f"shopwatch api: cannot listen on {address} (Address already in use); choose another with --http HOST:PORT\n"
    )


def invoked(*arguments: str | Path) -> Result:
    """In this process, which is quicker."""
    return CliRunner().invoke(make_app("api"), ["api", *map(str, arguments)])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        ("x", "is no TOML"),
        ('"x" = 1', "64 hexadecimal digits"),
    ],
)
def test_a_wrong_file_of_tokens_is_told(tmp_path: Path, content: str | None, said: str) -> None:
    path = tmp_path / "wrong.toml"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        told: list[str] = []
        patch.setattr("stream.cli.api._say", lambda line, _level: told.append(line))
        assert invoked("--tokens", path).exit_code == 1
    assert said in told[0]
    assert all(line.startswith(f"{path}: ") for line in told)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--tokens", "t", "--http", "nowhere"],
        ["--tokens", "t", "--http", "h:99999"],
        ["token"],
        ["token", "--ops", "--shop", "s"],
    ],
)
def test_a_mistaken_command_is_told_so(arguments: list[str]) -> None:
    assert invoked(*arguments).exit_code == 2


def test_a_token_is_made_with_its_line_and_shown_once(tmp_path: Path) -> None:
    first, second = invoked("token", "--shop", "s1", "--shop", 'a"b').stdout.splitlines()
    (tmp_path / "tokens.toml").write_text(second.removeprefix("line:  "), "utf-8")
    added = invoked("token", "--ops", "--name", "ops", "--append", tmp_path / "tokens.toml").stdout.strip()
    tokens = Tokens(tmp_path / "tokens.toml")
    tokens.read()
    mine = tokens.find(first.removeprefix("token: "), 0)
    ops = tokens.find(added, 0)
    assert mine is not None
    assert ops is not None
    assert (mine.shops, ops.ops, ops.name) == (("s1", 'a"b'), True, "ops")


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    done = invoked("token", "--ops", "--append", tmp_path / "none" / "tokens.toml")
    assert (done.exit_code, done.stdout) == (1, "")


def test_without_the_extra_it_says_what_to_install() -> None:
    hidden = "import sys; sys.modules['fastapi'] = None; sys.argv = ['shopwatch', 'api']; from stream.cli.main import main; main()"
    done = subprocess.run(  # noqa: S603 - ours
        [COMMAND[0], "-c", hidden], env=environment(), capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert (
        done.stderr
        == "shopwatch api: fastapi is missing: install the extra, `pip install 'shopwatch[api]'`\n"
    )
