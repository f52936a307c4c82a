"""What is one record, and one recording, whatever it is kept in?"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from stream.archive.gaps import Gap


class Recorded(NamedTuple):
    """A record as it was read from Kafka, or a line of a recording."""

    topic: str | None
    """By its name in the contract; None: a line of a recording, an event of any type."""
    key: bytes | None
    value: bytes | None
    partition: int
    offset: int
    """Of a line its number, from 1."""
    timestamp: int
    """When it was recorded, in milliseconds; of a line 0, for nobody noted it."""


class Block(NamedTuple):
    """Records of one topic of one partition, in the order of its log, field by field as `Recorded` has them."""

    topic: str | None
    keys: Sequence[bytes | None]
    values: Sequence[bytes | None]
    offsets: Sequence[int]


BLOCK = 1 << 14
"""So many records are in one at the most: what one would cost alone is then shared by all of them."""


def blocks_of(records: Iterable[Recorded]) -> Iterator[Block]:
    """The same records, those of a topic in their order."""
    rest = iter(records)
    while some := list(islice(rest, BLOCK)):
        by_topic: dict[str | None, list[Recorded]] = {}
        for record in some:
            by_topic.setdefault(record.topic, []).append(record)
        for topic, those in by_topic.items():
            _, keys, values, _, offsets, _ = zip(*those, strict=True)
            yield Block(topic, keys, values, offsets)


class Recording(Protocol):
    """Something that can be read again and again, each time the same records in the same order."""

    @property
    def name(self) -> str:
        """To be shown."""
        ...

    @property
    def gaps(self) -> Sequence[Gap]:
        """What is missing of that which is to be read: whoever reads shows it, each as a line."""
        ...

    def partitions(self) -> Sequence[int]:
        """Those that have records, rising; a shop's records are all in one."""
        ...

    def read(self, partition: int, shops: frozenset[bytes] | None = None) -> Iterator[Recorded]:
        """All topics of one partition, each in the order of its log, together by the time of recording.

        With ``shops`` (keys), the records of others may be left out; where that cannot be seen by the key, they are not.
        Raises ArchiveError.
        """
        ...

    def blocks(self, partition: int) -> Iterator[Block]:
        """The same for whoever needs no order but that of the logs; raises ArchiveError."""
        ...

    def fingerprint(self) -> str:
        """Hexadecimal digits that differ whenever the records do; not of where they lie.  Raises ArchiveError."""
        ...
