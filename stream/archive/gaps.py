"""What is missing of what somebody wants to read, and how is it told?"""

from collections.abc import Sequence
from typing import NamedTuple

from topics.times import rfc3339


class Gap(NamedTuple):
    """Records of a topic that may have been there, and are not in the archive."""

    topic: str
    partitions: Sequence[int]
    begin_ms: int
    end_ms: int
    """What was recorded before it."""
    offsets: tuple[int, int] | None
    """The first and the last that had gone from Kafka when they were to be archived; None: they were never asked for."""

    def __str__(self) -> str:
        """One line."""
        span = f"from {rfc3339(self.begin_ms)} to {rfc3339(self.end_ms)}"
        numbers = ", ".join(map(str, self.partitions))
        where = f"{self.topic}, partition{'s' if len(self.partitions) > 1 else ''} {numbers}"
        if self.offsets is None:
            return f"{where}: not archived {span}; `shopwatch archive` reads it while Kafka has it"
        first, last = self.offsets
        gone, they = (
            (f"offset {first}", "it was") if first == last else (f"offsets {first} to {last}", "they were")
        )
        return (
            f"{where}: {gone} had gone from Kafka before {they} archived (retention); "
            f"what was recorded {span} may be missing"
        )
