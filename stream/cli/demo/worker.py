"""How does the demo run a worker, so that it ends with the demo however that ends?"""

import asyncio
import os
import subprocess
import sys
from asyncio.subprocess import Process as Child
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from stream.broker.guard import Guard
from stream.broker.process import Process, started_at
from stream.cli.config.given import without_settings
from stream.cli.demo.errors import WorkerDiedError

STOP_PATIENCE_S = 10.0
SAYS = "shopwatch worker: "


class Worker:
    """A worker in a process of its own; what it says is in ``log``."""

    def __init__(self, child: Child, log: Path) -> None:
        self._child = child
        self._log = log

    async def died(self) -> None:
        """Returns never: raises WorkerDiedError once it has ended."""
        code = await self._child.wait()
        raise WorkerDiedError(code, self._last_word(), self._log)

    async def stop(self) -> None:
        """SIGTERM, upon which it commits what it has read; SIGKILL if it takes too long."""
        with suppress(ProcessLookupError):
            self._child.terminate()
        try:
            await asyncio.wait_for(self._child.wait(), STOP_PATIENCE_S)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """SIGKILL, unless it has ended."""
        with suppress(ProcessLookupError):
            self._child.kill()
        await self._child.wait()

    def _last_word(self) -> str:
        lines = [line for line in self._log.read_text("utf-8", "replace").splitlines() if line.strip()]
        return lines[-1].removeprefix(SAYS) if lines else ""


@asynccontextmanager
async def worker(
    arguments: Sequence[str], log: Path, *, own_kafka: bool, command: str = "worker"
) -> AsyncIterator[Worker]:
    """Start ``shopwatch worker`` (or another command) with these arguments; it is stopped with the block, or with this process.

    Settings that lie about hold for the Kafka that they were made for, and not for one of the demo's own.
    """
    guard = Guard()
    try:
        with log.open("wb") as output:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "stream.cli.main", command, *arguments),
                env={
                    **(without_settings(os.environ) if own_kafka else os.environ),
                    "SHOPWATCH_LOG": "console",
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C in the terminal is the demo's; it stops the worker in its own time
            )
        guard.watch(Process(child.pid, started_at(child.pid) or ""))
        running = Worker(child, log)
        try:
            yield running
        except BaseException:  # what goes on here has failed: there is nothing to be concluded any more
            await running.kill()
            raise
        await running.stop()
    finally:
        guard.dismiss()
