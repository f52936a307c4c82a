"""`shopwatch ...` as a shell sees it, on a prefix of its own."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "-m", "stream.cli.main")


def environment(**more: str) -> dict[str, str]:
    """That of a shell without a terminal of its own; a test runner may tell its processes how wide its own is."""
    told = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SHOPWATCH_") and name not in ("COLUMNS", "LINES")
    }
    return {**told, "PYTHONPATH": str(ROOT), "SHOPWATCH_LOG": "console", **more}


@dataclass(frozen=True)
class Done:
    """What came of a command."""

    code: int
    out: bytes
    err: str

    @property
    def lines(self) -> list[str]:
        """Of standard output."""
        return self.out.decode().splitlines()


def shopwatch(*arguments: str | Path, stdin: bytes = b"", **more: str) -> Done:
    """Run it to its end."""
    done = subprocess.run(  # noqa: S603 - ours
        [*COMMAND, *map(str, arguments)],
        env=environment(**more),
        input=stdin,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return Done(done.returncode, done.stdout, done.stderr.decode())


@dataclass(frozen=True)
class Shell:
    """Commands for one Kafka, on topics of one prefix."""

    address: str
    prefix: str

    def __call__(self, *arguments: str | Path, stdin: bytes = b"") -> Done:
        """Run it to its end."""
        return shopwatch(*arguments, stdin=stdin, **self.settings)

    @property
    def settings(self) -> dict[str, str]:
        """Where its Kafka and its topics are."""
        return {"SHOPWATCH_BOOTSTRAP": self.address, "SHOPWATCH_TOPIC_PREFIX": self.prefix}
