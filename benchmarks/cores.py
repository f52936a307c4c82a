"""Who runs on which core?  What is measured has one to itself; Kafka, and whoever looks, have the others.

Left to itself the kernel puts the broker's threads beside what is measured, though another core is idle: what is measured
waits, and goes on with a cache that somebody else has filled.  By Linux's /proc.
"""

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True, slots=True)
class Cores:
    """The first of those that there are, and the rest; of one core both are that one."""

    first: frozenset[int]
    rest: frozenset[int]

    @classmethod
    def here(cls) -> Self:
        """Those that this process may use."""
        first, *rest = sorted(os.sched_getaffinity(0))
        return cls(frozenset({first}), frozenset(rest or {first}))

    @property
    def all(self) -> frozenset[int]:
        """Both."""
        return self.first | self.rest


def keep(pid: int, cores: Collection[int]) -> None:
    """Have all threads of a process, and those that it will start, run on these ``cores`` only."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        try:
            os.sched_setaffinity(int(thread.name), cores)
        except ProcessLookupError:  # it has ended meanwhile
            continue


@contextmanager
def kept(pids: Collection[int], cores: Cores) -> Iterator[None]:
    """These processes run on the rest of the ``cores`` for as long as the block."""
    for pid in pids:
        keep(pid, cores.rest)
    try:
        yield
    finally:
        for pid in pids:
            keep(pid, cores.all)
