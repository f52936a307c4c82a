"""How does a view take a terminal over, and give it back as it was?"""

import asyncio
import os
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from io import TextIOWrapper
from typing import NoReturn, Self, TextIO

from rich.console import Console
from rich.live import Live
from rich.text import Text

from stream.view.heading import Now
from stream.view.model import View
from stream.view.screen import draw
from stream.worker.clock import elapsed_s, now_ms

FRAME_S = 0.25
BELOW = 4
"""Lines that a command and a shell still have to say below the last picture."""
LEAVING_KEYS = b"qQ"


def is_screen(stream: TextIO) -> bool:
    """Whether a view can be drawn there: on a terminal that can do more than write lines."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


def picture(view: View, width: int, height: int) -> Text:
    """How the view looks now."""
    return Text("\n").join(draw(view, width, height, Now(elapsed_s(), now_ms())))


class Terminal:
    """A terminal that ``view`` is drawn on, within its ``with``; what was there before is there again after it."""

    def __init__(self, view: View) -> None:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="replace")  # a terminal without these letters shows others
        self._view = view
        self._console = Console()
        self._taken = ExitStack()
        self._changed = asyncio.Event()

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGWINCH, self._changed.set)
        loop.add_signal_handler(signal.SIGTSTP, self._sleep)
        self._take()
        return self

    def __exit__(self, *_: object) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_signal_handler(signal.SIGWINCH)
        loop.remove_signal_handler(signal.SIGTSTP)
        self._taken.close()

    async def draw(self) -> NoReturn:
        """Frame by frame, for ever; at once where the terminal has another size."""
        while True:
            self._changed.clear()
            self._live.update(picture(self._view, *self._console.size), refresh=True)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), FRAME_S)

    def print_last(self) -> None:
        """The picture as it is now, among the lines of a terminal that was given back; room is left for what follows."""
        self._view.hint = self._view.status = ""
        width, height = self._console.size
        self._console.print(picture(self._view, width, max(height - BELOW, 1)))

    def _take(self) -> None:
        self._taken.enter_context(_silent_keys())
        self._live = Live(
            console=self._console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._taken.enter_context(self._live)

    def _sleep(self) -> None:
        """Ctrl-Z: the shell gets its terminal, and it is taken again when the shell says so."""
        self._taken.close()
        os.kill(os.getpid(), signal.SIGSTOP)
        self._take()
        self._changed.set()


@contextmanager
def _silent_keys() -> Iterator[None]:
    """What is typed is not shown; of the keys only `q` means something: the same as Ctrl-C."""
    if not sys.stdin.isatty():
        yield
        return
    keyboard, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    before = termios.tcgetattr(keyboard)
    silent = termios.tcgetattr(keyboard)
    silent[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(keyboard, termios.TCSADRAIN, silent)
    loop.add_reader(keyboard, _read_keys, keyboard)
    try:
        yield
    finally:
        loop.remove_reader(keyboard)
        termios.tcsetattr(keyboard, termios.TCSAFLUSH, before)


def _read_keys(keyboard: int) -> None:
    if set(os.read(keyboard, 1024)) & set(LEAVING_KEYS):
        signal.raise_signal(signal.SIGINT)
