"""`shopwatch` on a machine whose wall clock is stepped: by as many milliseconds as the file STEPPED_BY says at the time."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

Number = TypeVar("Number", int, float)


def stepped(clock: Callable[[], Number], unit: Number) -> Callable[[], Number]:
    """What ``clock`` says, and the steps; ``unit`` is a millisecond of it."""
    file = Path(os.environ["STEPPED_BY"])
    return lambda: clock() + unit * int(file.read_text("ascii") or 0)


if __name__ == "__main__":
    # Before anything of the product is imported, and for the libraries too.
    time.time, time.time_ns = stepped(time.time, 0.001), stepped(time.time_ns, 1_000_000)  # noqa: TID251
    from stream.cli.main import main

    main()
