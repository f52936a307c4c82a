"""Does what is measured have a core to itself, and do the others get all of theirs back?"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.cores import Cores, keep, kept

TWO_THREADS = (
    "import sys, threading as t; t.Thread(target=sys.stdin.read).start(); print('there', flush=True)"
)


@pytest.fixture
def other() -> Iterator[int]:
    """A process with two threads."""
    with subprocess.Popen(  # noqa: S603 - this interpreter
        [sys.executable, "-c", TWO_THREADS], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


def where(pid: int) -> list[frozenset[int]]:
    """On which cores each thread may run."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return [frozenset(os.sched_getaffinity(int(thread.name))) for thread in threads]


def test_others_have_the_rest_for_as_long_as_something_is_measured(other: int) -> None:
    cores = Cores.here()
    with kept([other], cores):
        assert where(other) == [cores.rest, cores.rest]
    assert where(other) == [cores.all, cores.all]


def test_what_is_measured_has_the_first_with_all_of_its_threads(other: int) -> None:
    cores = Cores.here()
    keep(other, cores.first)
    assert where(other) == [cores.first, cores.first]


def test_of_one_core_all_have_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3})
    assert Cores.here() == Cores(frozenset({3}), frozenset({3}))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {5, 3, 4})
    assert Cores.here() == Cores(frozenset({3}), frozenset({4, 5}))
