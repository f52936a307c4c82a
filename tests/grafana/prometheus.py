"""A Prometheus that scrapes what a test names, and answers."""

import json
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from stream.broker.ports import free_port
from tests.house.tree import ROOT
from tests.ops.prometheus import found
from tests.worker.rig import wait_until


@dataclass
class Prometheus:
    """One on loopback, with the rules of the house."""

    address: str

    def ask(self, path: str, **parameters: str) -> Any:
        """The data of an answer; AssertionError says why there is none."""
        query = urllib.parse.urlencode(parameters)
        try:
            with urllib.request.urlopen(f"{self.address}/api/v1/{path}?{query}", timeout=10) as answer:  # noqa: S310 - loopback
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from None

    def vector(self, expression: str) -> Sequence[Mapping[str, Any]]:
        """What an expression is now."""
        found_now: Sequence[Mapping[str, Any]] = self.ask("query", query=expression)["result"]
        return found_now

    def numbers(self, expression: str) -> list[float]:
        """The values alone, without those that are none."""
        values = [float(each["value"][1]) for each in self.vector(expression)]
        return [value for value in values if value == value]  # noqa: PLR0124 - NaN is not itself

    def wait_for(self, expression: str, least: float, patience_s: float = 60) -> None:
        """Until it is at least so much."""
        wait_until(
            lambda: max(self.numbers(expression), default=least - 1) >= least,
            patience_s,
            lambda: f"{expression} is {self.vector(expression)}",
        )


@contextmanager
def prometheus(tmp: Path, jobs: Mapping[str, str]) -> Iterator[Prometheus]:
    """Scrapes ``jobs``, addresses by name, twice a second."""
    config, port = tmp / "prometheus.yml", free_port()
    scraped = [{"job_name": job, "static_configs": [{"targets": [where]}]} for job, where in jobs.items()]
    config.write_text(
        yaml.safe_dump(
            {
                "global": {
                    "scrape_interval": "500ms",
                    "scrape_timeout": "500ms",
                    "evaluation_interval": "1s",
                },
                "rule_files": [str(ROOT / "grafana" / "rules" / "*.yaml")],
                "scrape_configs": scraped,
            }
        ),
        "utf-8",
    )
    command = [
        found("prometheus"),
        f"--config.file={config}",
        f"--storage.tsdb.path={tmp / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (tmp / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: S603 - Debian's
    try:
        running = Prometheus(f"http://127.0.0.1:{port}")
        _until_ready(running, process, tmp / "prometheus.log")
        yield running
    finally:
        process.kill()
        process.wait()


def _until_ready(running: Prometheus, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            urllib.request.urlopen(f"{running.address}/-/ready", timeout=1).close()  # noqa: S310 - loopback
        except OSError:
            assert time.monotonic() < deadline, log.read_text("utf-8")
            time.sleep(0.05)
        else:
            return
