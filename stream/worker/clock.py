"""What time is it really?  The only module that reads the wall clock; everything else is told the time.

Real time is what the wall clock said when this process began, and what has passed since by a clock that nobody sets.  A wall
clock that is stepped meanwhile is not followed: an hour forward would judge an hour in which no order could be shipped, and
nothing takes that back.
"""

import time

_STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps, where there is such a clock."""

_BEGAN_NS = time.time_ns() - time.clock_gettime_ns(_STEADY)


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return (time.clock_gettime_ns(_STEADY) + _BEGAN_NS) // 1_000_000


def stepped_ms() -> int:
    """How far the wall clock has been stepped since this process began."""
    return time.time_ns() // 1_000_000 - now_ms()


def elapsed_s() -> float:
    """Seconds on a clock that never goes back, to measure by."""
    return time.monotonic()
