"""Which of several things ends first?  And when did somebody say that it is enough?"""

import asyncio
import signal
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

ENOUGH = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


async def first_of(*parts: Awaitable[object]) -> None:
    """Until one of them ends; the others are cancelled, and what it raised is raised."""
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@dataclass(slots=True)
class Told:
    """Whether, and by which signal, somebody said that it is enough."""

    signal: int | None = None
    _set: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, number: int) -> None:
        """By this one."""
        self.signal = number
        self._set.set()

    async def wait(self) -> None:
        """Until somebody does."""
        await self._set.wait()


@contextmanager
def told_to_stop() -> Iterator[Told]:
    """Ctrl-C, SIGTERM and the terminal's end are told, and end nothing by themselves.

    One that whoever started this has shut out, as nohup does with the terminal's end, stays shut out.
    """
    told, loop = Told(), asyncio.get_running_loop()
    heard = [number for number in ENOUGH if signal.getsignal(number) is not signal.SIG_IGN]
    for number in heard:
        loop.add_signal_handler(number, told.take, number)
    try:
        yield told
    finally:
        for number in heard:
            loop.remove_signal_handler(number)
