"""How fast were machine and interpreter while all this was measured?  One fixed loop, timed before each part and after the last.

A shared machine is not as fast at noon as at night, and an interpreter that was built without profile-guided optimisation takes
half as long again: figures of two runs can be told apart only beside this one.
"""

import platform
import sys
import time
from pathlib import Path

from benchmarks.figures import Figure, figure

ROUNDS = 5
OBJECTS = 100_000


class _Pair:
    __slots__ = ("left", "right")

    def __init__(self, left: int, right: int) -> None:
        self.left = left
        self.right = right

    def total(self) -> int:
        return self.left + self.right


def loop_ms() -> float:
    """Milliseconds of CPU for objects made, asked and kept: the least of some rounds."""
    return min(_once() for _ in range(ROUNDS)) * 1_000


def paced(values: list[float]) -> Figure:
    """Of what was timed."""
    return figure("a fixed loop of plain Python", values, "ms", interpreter())


def interpreter() -> str:
    """Which one, and whose build."""
    build = (
        platform.freedesktop_os_release().get("ID", "") if Path(sys.base_prefix) == Path("/usr") else "own"
    )
    return f"CPython {platform.python_version()}, {build or 'unknown'} build"


def _once() -> float:
    kept: dict[int, int] = {}
    began = time.process_time()
    for number in range(OBJECTS):
        kept[number % 977] = _Pair(number, 1).total()
    return time.process_time() - began
