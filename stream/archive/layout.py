"""Where in an archive does a file lie, and what does its name say?

``topic=orders/date=2026-03-01/00003-0000000000000001000-0000000000000001999.parquet``: of partition 3, offsets 1000 to 1999.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from topics.times import rfc3339

MANIFEST = "manifest.jsonl"
SUFFIX = ".parquet"
ASIDE = ".part"
"""Follows the name of a file that is being written."""

DAY = 86_400_000

_NAME = re.compile(r"topic=[^/]+/date=\d{4}-\d\d-\d\d/\d{5,}-\d{19}-\d{19}\.parquet(\.part)?", re.ASCII)


def date_of(at: int) -> str:
    """The day in UTC; beyond the years 1 to 9999, which no calendar here has, the edge."""
    return rfc3339(at)[:10]


def place_of(topic: str, date: str, partition: int, first: int, after: int) -> str:
    """Of a file within its archive."""
    return f"topic={topic}/date={date}/{partition:05}-{first:019}-{after - 1:019}{SUFFIX}"


def files_in(directory: Path) -> Iterator[tuple[str, bool]]:
    """Every file that is Parquet or was to become it, and whether an archive has such a name."""
    for path in sorted(directory.rglob("*")):
        if path.name.endswith((SUFFIX, SUFFIX + ASIDE)):
            place = path.relative_to(directory).as_posix()
            yield place, _NAME.fullmatch(place) is not None


def is_empty(directory: Path) -> bool:
    """Whether there is nothing in it."""
    entries: Iterator[Any] = directory.iterdir()
    return next(entries, None) is None
