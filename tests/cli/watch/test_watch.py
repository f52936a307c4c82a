"""`shopwatch watch` on a real Kafka, on a terminal and without one."""

import asyncio
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from stream.broker import Broker
from stream.broker.ports import free_port
from stream.worker.ledger import CLOCK_KEY
from tests.cli.shell import COMMAND, Shell, environment
from tests.cli.terminal import HIDDEN, Terminal
from tests.cli.test_alerts import put
from tests.view.story import CHINESE, alert, clock, late, rates, returns, score
from tests.worker.rig import Rig

pytestmark = pytest.mark.kafka


@pytest.fixture
def made(rig: Rig, shell: Shell) -> Shell:
    """Topics with two shops in them, one of which is in trouble."""
    shell("topics", "create", "--partitions", "2")
    for shop, bad in (("shop-02", 3), (CHINESE, 30)):
        tell_rates(rig, shop, bad)
    put(rig, "alerts", [(0, "a1", msgspec.to_builtins(alert(1, CHINESE, 2, orders=2)))])
    tell_clock(rig, 0)
    return shell


def tell_rates(rig: Rig, shop: str, bad: int) -> None:
    document = rates(shop, late(100 - bad, bad), returns(3), score(91.0))
    put(rig, "rates", [(0, shop, msgspec.to_builtins(document))])


def tell_clock(rig: Rig, read: int) -> None:
    put(rig, "ledger", [(0, CLOCK_KEY.decode(), msgspec.to_builtins(clock(read, 10, 9.5)))])


def on_terminal(shell: Shell, width: int = 120, height: int = 30) -> Terminal:
    return Terminal("watch", width=width, height=height, settings=shell.settings)


def test_the_view_shows_what_is_there_and_what_comes_and_ctrl_c_gives_the_terminal_back(
    rig: Rig, made: Shell
) -> None:
    with on_terminal(made) as terminal:
        terminal.wait_for(lambda t: "watermark 30 min behind" in t.frame)
        lines = terminal.frame.splitlines()
        assert "2 shops  1 in trouble" in lines[0]
        assert CHINESE in lines[5]
        assert "!! 70.0" in lines[5]
        assert "1 firing; since the start 0 fired, 0 resolved" in terminal.frame
        assert "o0: to be shipped by noon, not shipped yet" in terminal.frame
        assert terminal.written.count(HIDDEN) == 1
        resolved = alert(1, CHINESE, 2, because="recovered")
        put(rig, "alerts", [(0, "a1", msgspec.to_builtins(resolved))])
        tell_rates(rig, CHINESE, 4)
        terminal.wait_for(lambda t: "0 firing; since the start 0 fired, 1 resolved" in t.frame)
        terminal.wait_for(lambda t: "0 in trouble" in t.frame)
        asyncio.run(rig.send(("orders", 0, b"s", b"{}") for _ in range(12)))
        terminal.wait_for(lambda t: "lag 12" in t.frame)
        tell_clock(rig, 12)
        terminal.wait_for(lambda t: "lag 0" in t.frame and "12 events read" in t.frame)
        terminal.type("\x03")
        assert terminal.ends() == 130
        assert terminal.is_given_back()
        assert "Traceback" not in terminal.plain


def test_the_view_follows_the_size_of_its_terminal_and_q_ends_it(made: Shell) -> None:
    with on_terminal(made) as terminal:
        terminal.wait_for(lambda t: "since the start" in t.frame)
        terminal.resize(20, 10)
        terminal.wait_for(lambda t: "1/2 in trouble" in t.frame)
        assert {len(line) for line in terminal.frame.splitlines() if line.isascii()} == {20}
        terminal.resize(10, 4)
        terminal.wait_for(lambda t: "20x6 at l…" in t.frame)
        terminal.resize(80, 24)
        terminal.wait_for(lambda t: "since the start" in t.frame)
        terminal.type("xq")
        assert terminal.ends() == 130
        assert terminal.is_given_back()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_it_the_terminal_is_given_back(made: Shell, number: signal.Signals) -> None:
    with on_terminal(made) as terminal:
        terminal.wait_for(lambda t: "since the start" in t.frame)
        terminal.process.send_signal(number)
        assert terminal.ends() == 128 + number
        assert terminal.is_given_back()


def test_while_it_is_suspended_the_terminal_is_the_shells(made: Shell) -> None:
    with on_terminal(made) as terminal:
        terminal.wait_for(lambda t: "since the start" in t.frame)
        terminal.type("\x1a")
        # What it wrote before it stopped may still have to be read.
        terminal.wait_for(lambda t: t.is_suspended() and t.is_given_back())
        terminal.written = ""
        terminal.process.send_signal(signal.SIGCONT)
        terminal.wait_for(lambda t: "since the start" in t.frame)
        terminal.type("q")
        assert terminal.ends() == 130
        assert terminal.is_given_back()


def test_missing_topics_are_one_line_and_no_view(rig: Rig, shell: Shell) -> None:
    with on_terminal(shell) as terminal:
        assert terminal.ends() == 1
        assert terminal.plain.startswith("shopwatch watch: these topics are missing: ")
        assert HIDDEN not in terminal.written


def test_a_record_that_somebody_else_wrote_is_one_line_on_a_terminal_that_was_given_back(
    rig: Rig, made: Shell
) -> None:
    with on_terminal(made) as terminal:
        terminal.wait_for(lambda t: "since the start" in t.frame)
        put(rig, "rates", [(0, "s", {"shop_id": 7})])
        assert terminal.ends() == 1
        assert terminal.is_given_back()
        assert "shopwatch watch: a record of rates is not what the contract says" in terminal.plain


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Broker]:
    """One that may go away."""
    broker = Broker(tmp_path / "kafka", port=free_port())
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()


def test_a_kafka_that_goes_away_is_said_in_the_view_which_recovers_with_it(
    own_kafka: Broker, tmp_path: Path
) -> None:
    rig = Rig(own_kafka.address, tmp_path)
    shell = Shell(rig.address, rig.prefix)
    shell("topics", "create", "--partitions", "2")
    tell_rates(rig, "shop-01", 30)
    tell_clock(rig, 3)
    over = msgspec.to_builtins(alert(1, "shop-01", 2, because="recovered"))
    put(rig, "alerts", [(0, "a1", over)])
    with on_terminal(shell) as terminal:
        terminal.wait_for(lambda t: "1 in trouble" in t.frame and "3 events read" in t.frame)
        own_kafka.stop()
        terminal.wait_for(lambda t: f"{rig.address} does not answer" in t.frame)
        assert "NO KAFKA for" in terminal.frame
        assert "!! 70.0" in terminal.frame, "what was known stays in sight"
        own_kafka.start()
        terminal.wait_for(lambda t: "NO KAFKA" not in t.frame)
        tell_rates(rig, "shop-02", 40)
        tell_clock(rig, 5)
        terminal.wait_for(lambda t: "2 in trouble" in t.frame and "5 events read" in t.frame)
        assert "since the start 0 fired, 0 resolved" in terminal.frame, "what was read is not read again"
        own_kafka.stop()
        terminal.wait_for(lambda t: "NO KAFKA" in t.frame)
        terminal.type("q")
        assert terminal.ends() == 130
        assert terminal.is_given_back()
        assert "Traceback" not in terminal.plain


def test_without_a_terminal_each_change_of_an_alert_is_a_line(rig: Rig, made: Shell) -> None:
    with subprocess.Popen(  # noqa: S603 - ours
        [*COMMAND, "watch"],
        env=environment(PYTHONUNBUFFERED="1", **made.settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        try:
            said = running.stderr.readline()
            put(rig, "alerts", [(1, "a2", msgspec.to_builtins(alert(2, "shop-02", 3)))])
            put(rig, "alerts", [(0, "a1", msgspec.to_builtins(alert(1, CHINESE, 2, because="no_data")))])
            lines = [running.stdout.readline() for _ in range(2)]
        finally:
            running.send_signal(signal.SIGINT)
        assert said == "shopwatch watch: 1 alerts firing; from now on each that fires or resolves is a line\n"
        assert [line.split(": ")[0] for line in lines] == [
            "2025-03-06 04:00:00 firing demotion late_shipping shop-02",
            f"2025-03-06 04:00:00 resolved demotion late_shipping {CHINESE}",
        ]
        assert (running.stdout.read(), running.stderr.read()) == ("", "")
    assert running.returncode == 130
