"""What is counted of deliveries?  Narrow, so that any registry of metrics can be behind it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol


class Tally(Protocol):
    """Told of everything that is worth a number; ``channel`` is ``webhook`` or ``channel``."""

    def planned(self, news: str) -> None:
        """A message is to be delivered."""
        ...

    def delivered(self, channel: str, latency_ms: int) -> None:
        """One was, so long after what it tells was written."""
        ...

    def failed(self, channel: str, reason: str) -> None:
        """An attempt came to nothing: `Verdict`, by its value."""
        ...

    def given_up(self, channel: str) -> None:
        """One was tried for days, in vain."""
        ...

    def withdrawn(self, count: int) -> None:
        """So many need not be told any more: muted, corrected, dropped, or their endpoint is gone."""
        ...


@dataclass(slots=True)
class Sums:
    """A tally that keeps sums, for a summary."""

    counts: Counter[str] = field(default_factory=Counter)

    def planned(self, news: str) -> None:
        """See Tally."""
        self.counts["planned"] += 1
        self.counts[f"planned {news}"] += 1

    def delivered(self, channel: str, latency_ms: int) -> None:  # noqa: ARG002 - only counted
        """See Tally."""
        self.counts["delivered"] += 1

    def failed(self, channel: str, reason: str) -> None:  # noqa: ARG002 - only counted
        """See Tally."""
        self.counts["failed attempts"] += 1

    def given_up(self, channel: str) -> None:  # noqa: ARG002 - only counted
        """See Tally."""
        self.counts["given up"] += 1

    def withdrawn(self, count: int) -> None:
        """See Tally."""
        self.counts["withdrawn"] += count

    def __str__(self) -> str:
        names = ("delivered", "failed attempts", "given up", "withdrawn")
        return ", ".join(f"{self.counts[name]} {name}" for name in names)
