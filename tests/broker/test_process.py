"""A process is known by its id and its start, and is ended for certain."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from stream.broker.process import Process, started_at

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(60)"
)


@contextmanager
def child(code: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-IS", "-c", code], stdout=subprocess.PIPE) as process:  # noqa: S603 - ours
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_a_reused_id_is_another_process() -> None:
    with child(STUBBORN) as process:
        other = Process(process.pid, "some earlier start")
        assert not other.alive()
        other.kill()
        time.sleep(0.1)
        assert process.poll() is None


def test_a_dead_child_that_nobody_collected_is_not_alive() -> None:
    with child("print(flush=True)") as process:
        started = started_at(process.pid) or ""
        assert Process(process.pid, started).wait(5.0)


def test_end_kills_what_ignores_being_asked() -> None:
    with child(STUBBORN) as process:
        Process(process.pid, started_at(process.pid) or "").end(patience_s=0.2)
        assert process.wait() == -signal.SIGKILL


def test_end_asks_first() -> None:
    with child("import time; print(flush=True); time.sleep(60)") as process:
        Process(process.pid, started_at(process.pid) or "").end(patience_s=10.0)
        assert process.wait() == -signal.SIGTERM
