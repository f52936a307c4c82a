"""What does the view know?  Everything that its screen is drawn of."""

from collections.abc import Callable
from dataclasses import dataclass, field

from stream.view.flow import Flow
from stream.view.happenings import Happenings
from stream.view.shops import Shops
from topics.times import rfc3339

Stamp = Callable[[int], str]
"""How an event time in milliseconds is written; it ends in hours and minutes."""


def utc(at: int) -> str:
    """``2024-01-31 08:05``, in UTC."""
    return rfc3339(at)[:16].replace("T", " ")


@dataclass(slots=True)
class View:
    """Fed by whoever reads Kafka, drawn by `stream.view.screen`."""

    title: str
    stamp: Stamp = utc
    shops: Shops = field(default_factory=Shops)
    happenings: Happenings = field(default_factory=Happenings)
    flow: Flow = field(default_factory=Flow)
    status: str = ""
    """What is going on besides, in a few words."""
    hint: str = "Ctrl-C or q ends"
    """What somebody who looks at it can do."""
    away_since_s: float | None = None
    """Since when nobody answers."""
    away_why: str = ""

    def lost(self, now_s: float, why: str) -> None:
        """Nothing can be read; what is known stands until it can."""
        if self.away_since_s is None:
            self.away_since_s = now_s
        self.away_why = why
        self.flow.pause()

    def found(self) -> None:
        """All can be read again."""
        self.away_since_s = None
