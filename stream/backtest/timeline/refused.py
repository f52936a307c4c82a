"""Which record is no event, where does it lie, and why is it none?"""

from typing import NamedTuple


class Refused(NamedTuple):
    """A record that counts for nothing; of a recording in lines ``topic`` is None and ``offset`` the line.  Its text says all of it."""

    topic: str | None
    partition: int
    offset: int
    reason: str
    detail: str

    def __str__(self) -> str:
        lies = f"{self.topic}, partition {self.partition}, offset" if self.topic else "line"
        return f"{lies} {self.offset} ({self.reason}: {self.detail})"


def none_counts(refused: int, first: Refused | None) -> str:
    """What is said to whoever has an answer all the same."""
    return f"records that are no events, and count for nothing: {refused}; the first is {first}"
