"""How do several processes share a directory, and how is a file in it replaced whole?"""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from stream.broker.errors import BusyError, DirectoryUnusableError

POLL_S = 0.05


@contextmanager
def usable(directory: Path) -> Iterator[None]:
    """Make the directory; any OSError within the block becomes a DirectoryUnusableError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise DirectoryUnusableError(directory, error) from error


@contextmanager
def locked(path: Path, patience_s: float, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file; the kernel lets go of it should this process die.

    Calls ``on_wait`` once if another has it, and raises BusyError after ``patience_s`` seconds of waiting.
    """
    with path.open("a") as file:
        if not _try_lock(file):
            on_wait()
            deadline = time.monotonic() + patience_s
            while not _try_lock(file):
                if time.monotonic() > deadline:
                    raise BusyError(path)
                time.sleep(POLL_S)
        yield


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def replace(path: Path, content: bytes) -> None:
    """Write the file so that a reader, or a crash, sees the old content or the new, never half."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
