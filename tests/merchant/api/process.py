"""`shopwatch api` as a process, on topics of the test's own."""

import re
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import msgspec

from stream.broker.ports import free_port
from tests.cli.shell import COMMAND, Shell, environment
from tests.cli.test_alerts import put
from tests.merchant.api.scene import until
from tests.worker.rig import Rig
from topics.alerts import Alert
from topics.rates import Rates


def tell(rig: Rig, *documents: Alert | Rates, partition: int = 0) -> None:
    """Write documents, in one transaction a topic."""
    alerts = [(partition, each.alert_id, _plain(each)) for each in documents if isinstance(each, Alert)]
    rates = [(partition, each.shop_id, _plain(each)) for each in documents if isinstance(each, Rates)]
    for topic, rows in (("alerts", alerts), ("rates", rates)):
        if rows:
            # In a thread of its own: a browser that is driven has an event loop of its own in this one.
            with ThreadPoolExecutor(1) as apart:
                apart.submit(put, rig, topic, rows).result()


def _plain(document: Alert | Rates) -> dict[str, object]:
    found: dict[str, object] = msgspec.to_builtins(document)
    return found


@dataclass
class Api:
    """One of it, until the end of its ``with``; it may be ended and started again on the same port."""

    shell: Shell
    tokens: Path
    more: tuple[str, ...] = ()
    port: int = field(default_factory=free_port)
    lines: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    _reader: threading.Thread | None = None

    @property
    def address(self) -> str:
        """Its URL, without a slash."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """It may take a while until it is ready."""
        self.lines.clear()
        self.process = subprocess.Popen(  # noqa: S603 - ours
            [*COMMAND, "api", "--tokens", str(self.tokens), "--http", f"127.0.0.1:{self.port}", *self.more],
            env=environment(**self.shell.settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, args=(self.process,))
        self._reader.start()
        return self

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self.lines.append(line.rstrip("\n"))

    def says(self, pattern: str) -> None:
        """Wait for a line that matches, or its end."""
        until(lambda: self._said(pattern) or self._ended(), 30)
        assert self._said(pattern), self.lines

    def _said(self, pattern: str) -> bool:
        return any(re.search(pattern, line) for line in self.lines)

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def end(self, number: int = 15) -> int:
        """Send a signal; its exit code."""
        assert self.process is not None
        assert self._reader is not None
        self.process.send_signal(number)
        code = self.process.wait(20)
        self._reader.join(5)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.end(9)
