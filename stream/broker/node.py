"""How is the one node in its directory started, stopped and found again?"""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from stream.broker import java, state
from stream.broker.errors import BrokerError, NotStartedError
from stream.broker.files import locked, usable
from stream.broker.guard import Guard
from stream.broker.jars import cache_dir, fetch, pinned
from stream.broker.ports import free_port, require_free
from stream.broker.process import Process, started_at
from stream.broker.serving import wait_until_serves
from stream.broker.settings import LOOPBACK, Listener, server_properties

START_PATIENCE_S = 90.0
"""From Java's start to the first answer: 2 s, more after a SIGKILL with much data or on a busy machine."""
STOP_PATIENCE_S = 30.0
LOCK_PATIENCE_S = 180.0
"""Longer than another start with its download takes."""
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


def _silent(_line: str) -> None:
    """Progress that nobody wants to see."""


class Broker:
    """One Apache Kafka node whose data, settings, log and state live in ``directory``; loopback only.

    ``port`` None means the port that the directory had last, else a free one. ``heap`` is Java's ``-Xmx``.
    ``settings`` are server settings by Kafka's names, over those of ``stream.broker.settings``; they hold from
    the next start. ``listeners`` are further ports, for TLS and SASL. ``progress`` is given a line for each step that takes time.

    As a context manager it starts the broker, unless one runs in the directory already, and stops what it
    started. Two objects, or two processes, may share a directory.
    """

    def __init__(  # noqa: PLR0913 - two of place, four for who wants more of it
        self,
        directory: Path | str,
        port: int | None = None,
        *,
        heap: str = "512m",
        settings: Mapping[str, str] = NO_SETTINGS,
        listeners: Sequence[Listener] = (),
        progress: Callable[[str], None] = _silent,
    ) -> None:
        self.directory = Path(directory).absolute()
        self.port = port
        self.heap = heap
        self.settings = dict(settings)
        self.listeners = tuple(listeners)
        self._progress = progress
        self._child: subprocess.Popen[bytes] | None = None
        self._started: Process | None = None
        self._guard: Guard | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own_process():
            self.stop()
        else:
            self._collect()

    @property
    def address(self) -> str:
        """``127.0.0.1:PORT``, the same after a stop. Raises NotStartedError before the first start."""
        known = self._state()
        if known is None:
            raise NotStartedError(self.directory)
        return known.address

    @property
    def running(self) -> bool:
        """Whether the process lives, whoever started it."""
        return self.pid is not None

    @property
    def pid(self) -> int | None:
        """The running process's id."""
        process = self._process()
        return process.pid if process else None

    def start(self, *, detached: bool = False) -> bool:
        """Return once it serves: True if this call started it, False if it ran already.

        Unless ``detached``, it ends with this process, however that dies. Raises a BrokerError.
        """
        with usable(self.directory), self._lock():
            if self._process():
                self._join_running()
                return False
            self._collect()
            self._start_here(detached=detached)
            return True

    def stop(self) -> bool:
        """SIGTERM, then SIGKILL after 30 s. True if it ran. Does nothing where nothing runs."""
        return self._end_with(lambda process: process.end(STOP_PATIENCE_S))

    def kill(self) -> bool:
        """SIGKILL: what a crash leaves behind, for tests. True if it ran."""
        return self._end_with(Process.kill)

    def _end_with(self, end: Callable[[Process], None]) -> bool:
        if not self._process():
            self._collect()
            return False
        with usable(self.directory), self._lock():
            process = self._process()
            if process:
                end(process)
            self._collect()
        return process is not None

    def _lock(self) -> AbstractContextManager[None]:
        waiting = f"another start or stop is under way in {self.directory}; waiting for it"
        return locked(self.directory / "lock", LOCK_PATIENCE_S, lambda: self._progress(waiting))

    def _state(self) -> state.State | None:
        return state.read(self.directory / "broker.json")

    def _process(self) -> Process | None:
        known = self._state()
        return self._own_process() or (known.process if known and known.process.alive() else None)

    def _own_process(self) -> Process | None:
        """The one that this object started; also if its directory has been deleted meanwhile."""
        return self._started if self._started and self._started.alive() else None

    def _join_running(self) -> None:
        running = self.address
        if self.port not in (None, int(running.rpartition(":")[2])):
            raise BrokerError(
                f"a broker runs in {self.directory} at {running}; stop it before changing its port"
            )
        self._wait_until_serves()

    def _start_here(self, *, detached: bool) -> None:
        known = self._state()
        taken = [listener.port for listener in self.listeners]
        port = self.port or (known.port if known else free_port(*taken))
        require_free(port)
        settings = server_properties(port, free_port(port, *taken), self.settings, self.listeners)
        jars = fetch(pinned(), cache_dir(), self._progress)
        java.format_storage(self.directory, jars, settings)
        self._progress(f"starting Kafka on {LOOPBACK}:{port}")
        self._guard = None if detached else Guard()
        self._child = java.start_kafka(self.directory, jars, self.heap, settings)
        try:
            self._remember(self._child.pid, port)
            self._wait_until_serves()
        except BaseException:  # an interrupt, too, must not leave half a broker behind
            self._child.kill()
            self._collect()
            raise

    def _remember(self, pid: int, port: int) -> None:
        self._started = Process(pid, started_at(pid) or "ended at once")
        if self._guard:
            self._guard.watch(self._started)
        record = state.State(pid=pid, started=self._started.started, address=f"{LOOPBACK}:{port}")
        state.write(self.directory / "broker.json", record)

    def _wait_until_serves(self) -> None:
        if wait_until_serves(self.address, lambda: self.running, START_PATIENCE_S):
            return
        what = (
            f"Kafka did not answer within {START_PATIENCE_S:.0f} s"
            if self.running
            else "Kafka ended while starting"
        )
        raise java.failure(what, self.directory / java.LOG, self.directory / java.OUTPUT)

    def _collect(self) -> None:
        """Leave neither a zombie nor a guard of the process of this object's, which has ended."""
        if self._child is not None:
            self._child.wait()
            self._child = self._started = None
        if self._guard is not None:
            self._guard.dismiss()
            self._guard = None
