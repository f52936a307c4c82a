"""What came of an attempt to deliver?"""

from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """Whose fault it was, if it was one: that says who has to wait."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    """The endpoint is well and does not want this message: the message waits, others do not."""
    FAILED = "failed"
    """The endpoint is not well: all that goes to it waits."""
    GONE = "gone"
    """The endpoint said 410: nothing is sent to it any more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``why`` is a few words without secrets; ``retry_after_ms`` is how long the endpoint wants to be left alone."""

    verdict: Verdict
    why: str = ""
    took_ms: int = 0
    retry_after_ms: int | None = None
