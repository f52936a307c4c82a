"""Who ends the broker when the process that started it dies without a word?

A small process beside it, with a pipe from the process that started both: the kernel closes the pipe however that one
dies. A signal of the kernel's own (PR_SET_PDEATHSIG) would come when the *thread* that started the broker
ends, and on Linux only.
"""

import subprocess
import sys

from stream.broker import process


class Guard:
    """The near end. A process forked from this one without an exec holds the pipe too, and must end as well."""

    def __init__(self) -> None:
        # A session of its own: Ctrl-C in the terminal must not take the guard before the broker.
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, a file of this package
            [sys.executable, "-IS", process.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def watch(self, broker: process.Process) -> None:
        """End that process when this one has died. To be called once."""
        if self._process.stdin:
            self._process.stdin.write(f"{broker.pid}\n{broker.started}\n")
            self._process.stdin.flush()

    def dismiss(self) -> None:
        """Collect the guard, which first ends what it watches if that still runs."""
        if self._process.stdin:
            self._process.stdin.close()
        self._process.wait()
