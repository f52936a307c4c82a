"""How is a file written so that there is all of it, or nothing?"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from stream.cli.saying import CommandError


class CannotWriteError(CommandError):
    """A file cannot be made, or not to its end."""

    def __init__(self, path: Path, why: object) -> None:
        super().__init__(f"{path} cannot be written: {why}; nothing of it was kept")


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of ``path`` when the ``with`` ends well, and is gone if not; raises CannotWriteError."""
    place = path.resolve()
    if place.exists() and not place.is_file():  # a directory; or a device, which renaming would put an end to
        raise CannotWriteError(path, "there is something that is no file")
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        with part.open("wb", 1 << 20) as file:
            yield file
        part.replace(place)
    except OSError as error:
        raise CannotWriteError(path, error.strerror or error) from None
    finally:
        part.unlink(missing_ok=True)
