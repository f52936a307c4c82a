"""`shopwatch ...` on a terminal, as a person sees it: what is on the screen, and whether it is given back."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.cli.shell import COMMAND, environment

PATIENCE_S = 40.0

_CONTROLLED = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
"""Makes the terminal the one whose keys send signals, and becomes the command."""

_OBEYED = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")
TAKEN, GIVEN_BACK = "\x1b[?1049h", "\x1b[?1049l"
HIDDEN, VISIBLE = "\x1b[?25l", "\x1b[?25h"


class Terminal:
    """One command on a terminal of its own; whatever is left of it at the end of the ``with`` is killed."""

    def __init__(
        self,
        *arguments: str,
        width: int = 120,
        height: int = 40,
        directory: Path | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._ours, self._theirs = pty.openpty()
        self.resize(width, height)
        self._before = termios.tcgetattr(self._theirs)
        self.process = subprocess.Popen(  # noqa: S603 - ours
            [sys.executable, "-c", _CONTROLLED, *COMMAND, *arguments],
            env=environment(TERM="xterm-256color", **(settings or {})),
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            cwd=directory,
        )
        self.written = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)

    def resize(self, width: int, height: int) -> None:
        """Another size, of which the terminal tells the command."""
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    @property
    def frame(self) -> str:
        """The last whole picture of the view."""
        return _OBEYED.sub("", self.written.rpartition("\x1b[H")[0].rpartition("\x1b[H")[2])

    @property
    def plain(self) -> str:
        """All that was ever written, without what a terminal obeys."""
        return _OBEYED.sub("", self.written)

    def wait_for(self, seen: Callable[[Self], bool]) -> None:
        """Until it can be seen."""
        deadline = time.monotonic() + PATIENCE_S
        while not seen(self):
            assert time.monotonic() < deadline, f"not seen; the last that was: {self.frame or self.plain}"
            self._read()

    def is_suspended(self) -> bool:
        """Whether the shell would say that it is stopped."""
        return os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT | os.WNOHANG) is not None

    def ends(self) -> int:
        """Its exit code."""
        self.wait_for(lambda terminal: terminal.process.poll() is not None)
        while self._read():
            pass
        return self.process.wait()

    def is_given_back(self) -> bool:
        """Whether what was there before is there again: the screen, the cursor, and how keys are read."""
        screen = self.written.count(TAKEN) == self.written.count(GIVEN_BACK) > 0
        cursor = self.written.rfind(VISIBLE) > self.written.rfind(HIDDEN) > 0
        return screen and cursor and self._keys_are_read_as_before()

    def _keys_are_read_as_before(self) -> bool:
        now: list[Any] = termios.tcgetattr(self._theirs)
        return now == self._before

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], 0.2)
        if ready:
            self.written += os.read(self._ours, 1 << 16).decode("utf-8", "replace")
        return bool(ready)
