"""What time is it really?  The only module that reads the wall clock; everything else is told the time."""

import time


def now_ms() -> int:
    """Milliseconds since the epoch, by this machine's clock."""
    return time.time_ns() // 1_000_000


def elapsed_s() -> float:
    """Seconds on a clock that never goes back, to measure by."""
    return time.monotonic()
