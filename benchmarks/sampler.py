"""In which parts of the engine does time go?  The interrupted stack is looked at a thousand times a second of CPU.

Unlike a tracing profiler this slows nothing down by the number of its calls, so small functions are not made to look large.
A sample belongs to the innermost module that is a part; what C code does, msgspec's decoding say, to whoever called it.
"""

import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

EVERY_S = 0.001


@contextmanager
def sampled(parts: Mapping[str, str]) -> Iterator["Counter[str]"]:
    """Count samples of the block by part; ``parts`` maps the names of modules, or their beginnings, to parts."""
    found: Counter[str] = Counter()
    known: dict[str, str | None] = {}

    def part_of(module: str) -> str | None:
        if module not in known:
            fitting = [each for each in parts if module == each or module.startswith(f"{each}.")]
            known[module] = parts[max(fitting, key=len)] if fitting else None
        return known[module]

    def look(_number: int, frame: FrameType | None) -> None:
        while frame is not None:
            part = part_of(frame.f_globals.get("__name__", ""))
            if part is not None:
                found[part] += 1
                return
            frame = frame.f_back

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, EVERY_S, EVERY_S)
    try:
        yield found
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
