"""How is a process that is measured started, looked at, and surely ended?  Looking reads /proc, so: Linux."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, ParamSpec, TypeVar

from benchmarks.policies import ROOT
from stream.broker.guard import Guard
from stream.broker.process import Process, started_at

P = ParamSpec("P")
R = TypeVar("R")
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
STOP_S = 20.0

Engine = Literal["compiled", "plain"]
"""As machine code (`make compile`), or as Python."""
COMPILED = ROOT / ".venv" / "compiled"


class ChildDiedError(Exception):
    """A process ended before it had done what was to be measured."""

    def __init__(self, name: str, code: int | None, log: Path) -> None:
        lines = log.read_text("utf-8", "replace").splitlines()[-12:]
        super().__init__("\n".join([f"{name} has ended with code {code}; it said last:", *lines]))


@dataclass(slots=True)
class Child:
    """A process; what it says on standard output is kept apart from its errors."""

    name: str
    process: "subprocess.Popen[bytes]"
    said: Path
    log: Path

    def cpu_s(self) -> float:
        """Seconds of CPU that it has used, the kernel's for it included."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND

    def lines(self) -> list[str]:
        """The lines of JSON that it has said so far; a library may have drawn something before one."""
        whole = self.said.read_text("utf-8").split("\n")[:-1]
        return [line[line.index("{") :] for line in whole if "{" in line]

    def must_live(self) -> None:
        """Raises ChildDiedError."""
        if self.process.poll() is not None:
            raise ChildDiedError(self.name, self.process.returncode, self.log)


@contextmanager
def child(
    name: str,
    arguments: Sequence[str],
    logs: Path,
    python: str = sys.executable,
    engine: Engine | None = None,
) -> Iterator[Child]:
    """Run ``python`` with ``arguments``; it ends with the block, or with this process."""
    guard, number = Guard(), len(list(logs.iterdir()))
    said, log = logs / f"{number}-{name}.out", logs / f"{number}-{name}.log"
    with said.open("wb") as out, log.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603 - ours
            [python, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=errors,
            # What it leaves behind goes with the logs.
            env={**environment(engine or best_engine()), "TMPDIR": str(logs)},
            start_new_session=True,
        )
    guard.watch(Process(process.pid, started_at(process.pid) or ""))
    try:
        yield Child(name, process, said, log)
    finally:
        end(process)
        guard.dismiss()


def end(process: "subprocess.Popen[bytes]") -> None:
    """SIGTERM, then SIGKILL."""
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def worker(  # noqa: PLR0913 - as many options as are measured
    prefix: str,
    policy: Path,
    logs: Path,
    *options: str,
    address: str,
    http: str = "",
    engine: Engine | None = None,
) -> Any:
    """`shopwatch worker`, as a `child`."""
    where = (
        "--bootstrap",
        address,
        "--topic-prefix",
        prefix,
        "--group",
        f"{prefix}g",
        "--policy",
        str(policy),
    )
    health = ("--http", http) if http else ()
    arguments = ("-m", "stream.cli.main", "worker", *where, *health, *options)
    return child("worker", arguments, logs, engine=engine)


def alone(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Call ``function`` in a fresh process: what others have left in memory is not weighed with it."""
    return alone_on(best_engine(), function, *args, **kwargs)


def alone_on(engine: Engine, function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """The same, with this engine."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.apart"],
        input=pickle.dumps((partial(function, **kwargs), args)),
        stdout=subprocess.PIPE,
        env=environment(engine),
        check=True,
    )
    found: R = pickle.loads(done.stdout)  # noqa: S301 - from the process above
    return found


def best_engine() -> Engine:
    """The compiled one, where it has been made."""
    return "compiled" if COMPILED.exists() else "plain"


def environment(engine: Engine) -> Mapping[str, str]:
    """That of a process which runs ``engine``: where Python looks first, before the working directory even."""
    path = [str(COMPILED), str(ROOT)] if engine == "compiled" else [str(ROOT)]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path),
        "PYTHONSAFEPATH": "1",
        "PYTHONWARNINGS": "ignore",
    }


def resident_bytes() -> int:
    """How much memory this process has."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * PAGE
