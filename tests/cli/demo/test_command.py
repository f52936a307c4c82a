"""`shopwatch demo`, as a shell sees it."""

import asyncio
import json
import os
import re
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient

from stream.broker import Broker
from stream.broker.ports import free_port
from tests.broker.test_jars import use_mirror
from tests.cli.shell import COMMAND, environment
from tests.kafka_fixture import Addressed

PATIENCE_S = 60.0
MARK = "SHOPWATCH_TEST_MARK"

proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found by /proc")
one_at_a_time = pytest.mark.xdist_group("demo")
"""Of demos on one Kafka: what another has there now is not what one has left."""


@dataclass
class Demos:
    """Runs demos in a directory; all processes that descend from it bear its mark."""

    directory: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """A demo of its own."""
        told = environment(**{"PYTHONUNBUFFERED": "1", MARK: self.mark, **more})
        process = subprocess.Popen(  # noqa: S603 - ours
            [*COMMAND, "demo", *arguments],
            cwd=self.directory,
            env=told,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def processes(self) -> Sequence[int]:
        """The ids of all that is left of them."""
        mark = f"{MARK}={self.mark}".encode()
        return [
            int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if mark in _content(path)
        ]

    def workers(self) -> Sequence[int]:
        """The ids of the workers among them."""
        return [pid for pid in self.processes() if b"\0worker\0" in _content(Path(f"/proc/{pid}/cmdline"))]

    def end(self) -> None:
        """Whatever is left is killed; a demo that is gone takes its Kafka and its worker with it."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


@pytest.fixture
def demos(tmp_path: Path) -> Iterator[Demos]:
    made = Demos(tmp_path)
    try:
        yield made
    finally:
        made.end()


def wait_for(process: subprocess.Popen[str], pattern: str) -> str:
    """The first line of its output that matches."""
    assert process.stdout
    for line in process.stdout:
        if re.search(pattern, line):
            return line
    raise AssertionError(f"no line like {pattern!r}, but: {process.stderr.read() if process.stderr else ''}")


async def topics_of(address: str) -> Sequence[str]:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        return await admin.list_topics()  # type: ignore[no-any-return]  # aiokafka is not typed for us
    finally:
        await admin.close()


@pytest.mark.kafka
@proc
def test_the_story_fits_into_demo_seconds_and_nothing_stays_behind(demos: Demos) -> None:
    demo = demos.start(DEMO_SECONDS="20")
    out, err = demo.communicate(timeout=PATIENCE_S)
    assert (demo.returncode, err) == (0, ""), out
    assert demos.processes() == []
    assert not (demos.directory / ".demo" / "kafka").exists()
    closing = re.fullmatch(
        r"([\d,]+) events published, (\d+) alerts fired, (\d+) resolved", out.splitlines()[-1]
    )
    assert closing, out
    events, fired, resolved = (int(number.replace(",", "")) for number in closing.groups())
    assert events > 10_000
    assert out.count("  FIRES  ") == fired > 0
    assert out.count("  RESOLVED  ") == resolved > 0
    assert "warehouse east stops" in out


@pytest.mark.kafka
@proc
def test_a_directory_has_one_demo_at_a_time_one_that_was_killed_disturbs_no_other_and_a_kafka_that_dies_is_one_line(
    demos: Demos,
) -> None:
    killed = demos.start()
    wait_for(killed, "events published")
    refused = demos.start()
    out, err = refused.communicate(timeout=PATIENCE_S)
    assert (refused.returncode, out, err.count("\n")) == (1, "", 1)
    assert "another process still holds" in err
    killed.kill()
    killed.wait()
    following = demos.start()
    wait_for(following, "events published")
    state = json.loads((demos.directory / ".demo" / "kafka" / "broker.json").read_bytes())
    os.kill(state["pid"], signal.SIGKILL)
    _, err = following.communicate(timeout=PATIENCE_S)
    assert following.returncode == 1
    assert err.startswith("shopwatch demo: Kafka at 127.0.0.1:")
    assert err.count("\n") == 1
    deadline = time.monotonic() + PATIENCE_S
    while demos.processes() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert demos.processes() == []


@pytest.mark.kafka
@one_at_a_time
@proc
def test_ctrl_c_ends_it_with_what_came_of_it(demos: Demos, kafka: Addressed) -> None:
    demo = demos.start("--bootstrap", kafka.address)
    wait_for(demo, "events published")
    demo.send_signal(signal.SIGINT)
    out, err = demo.communicate(timeout=PATIENCE_S)
    assert re.search(r"^[\d,]+ events published, \d+ alerts fired, \d+ resolved$", out, re.MULTILINE), (
        out + err
    )
    assert "Traceback" not in err
    assert demos.processes() == []


@pytest.mark.kafka
@one_at_a_time
@proc
def test_a_worker_that_dies_is_one_line_and_a_kafka_that_was_there_keeps_no_topics(
    demos: Demos, kafka: Addressed
) -> None:
    demo = demos.start("--bootstrap", kafka.address)
    wait_for(demo, "events published")
    (worker,) = demos.workers()
    os.kill(worker, signal.SIGKILL)
    out, err = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 1, out
    assert err.startswith("shopwatch demo: the worker ended with code -9: ")
    assert err.count("\n") == 1
    assert demos.processes() == []
    assert not [name for name in asyncio.run(topics_of(kafka.address)) if name.startswith("demo-")]


@pytest.mark.kafka
@proc
def test_when_a_kafka_that_was_there_dies_both_that_and_what_is_left_on_it_are_told(demos: Demos) -> None:
    with Broker(demos.directory / "theirs") as broker:
        demo = demos.start("--bootstrap", broker.address)
        wait_for(demo, "events published")
        state = json.loads((demos.directory / "theirs" / "broker.json").read_bytes())
        os.kill(state["pid"], signal.SIGKILL)
        _, err = demo.communicate(timeout=PATIENCE_S)
    left, died = err.splitlines()
    assert demo.returncode == 1
    assert left.startswith(f"shopwatch demo: the demo's topics are left on {broker.address}, all that begin")
    # Whether the worker or the demo itself is the first to miss Kafka is chance.
    gone = (
        f"shopwatch demo: Kafka at {broker.address} does not answer any more",
        "shopwatch demo: the worker ended",
    )
    assert died.startswith(gone)


def test_a_wrong_policy_is_told_before_anything_is_started(demos: Demos) -> None:
    wrong = demos.directory / "wrong.toml"
    wrong.write_text("[policy]\n", "utf-8")
    demo = demos.start("--policy", str(wrong))
    out, err = demo.communicate(timeout=PATIENCE_S)
    assert (demo.returncode, out) == (1, "")
    assert all(line.startswith("shopwatch demo: ") for line in err.splitlines())
    assert "wrong.toml:1" in err


def test_a_maven_index_out_of_reach_is_one_line(demos: Demos, tmp_path: Path) -> None:
    home = tmp_path / "home"
    use_mirror(home, free_port())
    demo = demos.start(SHOPWATCH_CACHE=str(tmp_path / "cache"), HOME=str(home), NO_PROXY="127.0.0.1")
    _, err = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 1
    assert err.startswith("shopwatch demo: cannot fetch ")
    assert err.count("\n") == 1
    assert "--bootstrap" in err


def test_a_kafka_that_does_not_answer_is_one_line(demos: Demos) -> None:
    demo = demos.start("--bootstrap", f"127.0.0.1:{free_port()}")
    _, err = demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 1
    assert err.startswith("shopwatch demo: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("seconds", ["0", "-3", "soon"])
def test_seconds_that_are_no_time_are_a_mistaken_command(demos: Demos, seconds: str) -> None:
    demo = demos.start(DEMO_SECONDS=seconds)
    demo.communicate(timeout=PATIENCE_S)
    assert demo.returncode == 2
