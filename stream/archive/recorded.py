"""What is one record, and one recording, whatever it is kept in?"""

from collections.abc import Iterator, Sequence
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

    def fingerprint(self) -> str:
        """Hexadecimal digits that differ whenever the records do; not of where they lie.  Raises ArchiveError."""
        ...
