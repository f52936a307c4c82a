"""Is that process still the one that was started, and how is it ended?

Run as a program, it ends a process when its own standard input closes (see ``guard``); it imports the standard
library only, so that this costs a bare interpreter.
"""

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

POLL_S = 0.02
ORPHAN_PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Process:
    """A process by its id and the time at which it started, so that a reused id is never mistaken for it."""

    pid: int
    started: str

    def alive(self) -> bool:
        """Whether it runs; not so a dead one that its parent has not collected yet."""
        return started_at(self.pid) == self.started

    def send(self, number: signal.Signals) -> None:
        """Signal it, unless it has gone."""
        if self.alive():
            try:
                os.kill(self.pid, number)
            except ProcessLookupError:
                return

    def wait(self, patience_s: float) -> bool:
        """Whether it has gone within so many seconds."""
        deadline = time.monotonic() + patience_s
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(POLL_S)
        return True

    def end(self, patience_s: float) -> None:
        """Ask it to end (SIGTERM); make it (SIGKILL) if it has not after ``patience_s`` seconds."""
        self.send(signal.SIGTERM)
        if not self.wait(patience_s):
            self.kill()

    def kill(self) -> None:
        """SIGKILL, and wait until the kernel has taken it away."""
        self.send(signal.SIGKILL)
        self.wait(10.0)


def started_at(pid: int) -> str | None:
    """When that process started, as an opaque text that differs for every process; None if there is none.

    A dead process that its parent has not collected yet counts as none.
    """
    if Path("/proc/self/stat").exists():
        return _from_proc(pid)
    return _from_ps(pid)


def _from_proc(pid: int) -> str | None:
    try:
        # The name, in parentheses, may hold spaces; after it: proc_pid_stat(5), fields 3 (state) and 22 (starttime).
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else f"{boot}/{fields[19]}"


def _from_ps(pid: int) -> str | None:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a fixed command
    state, _, started = answer.stdout.strip().partition(" ")
    return None if not started or state.startswith("Z") else started.strip()


def end_when_closed(pipe: IO[str]) -> None:
    """Read a pid and its start time, a line each; end that process when the pipe's other end closes."""
    pid, started = pipe.readline().strip(), pipe.readline().strip()
    pipe.read()
    if pid and started:
        Process(int(pid), started).end(ORPHAN_PATIENCE_S)


if __name__ == "__main__":
    end_when_closed(sys.stdin)
