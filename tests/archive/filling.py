"""Archives made without Kafka."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from stream.archive.keeping import Keeper
from stream.archive.manifest import Place, Source

DAY = 86_400_000
T = 1_772_323_200_000
"""2026-03-01T00:00:00Z."""


class Record(NamedTuple):
    """As much of Kafka's as is kept."""

    offset: int
    timestamp: int
    value: bytes | None
    key: bytes | None
    partition: int
    headers: Sequence[tuple[str, bytes]] = ()


def record(offset: int, at: int, value: bytes | None = b"{}", key: bytes | None = b"shop") -> Record:
    """One of a partition that `fill` gives it."""
    return Record(offset, at, value, key, 0)


def fill(directory: Path, topic: str, partition: int, records: Sequence[Record], size: int = 1000) -> None:
    """Add them to an archive, so many a file."""
    own = [each._replace(partition=partition) for each in records]
    with Keeper(directory, Source("cluster", "")) as keeper:
        for begin in range(0, len(own), size):
            part = own[begin : begin + size]
            keeper.keep(Place(topic, partition), (part[0].offset, part[-1].offset + 1), part)
