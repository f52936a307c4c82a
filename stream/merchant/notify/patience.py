"""When is what failed tried again, and for how long?

Exponentially growing limits with full jitter: an attempt waits for a random part of its limit, so that what failed together does
not come back together.  Standard Webhooks 1.0.0 asks for retries over days with jitter; its example goes from 5 s to a day.
"""

from collections.abc import Callable
from dataclasses import dataclass

Dice = Callable[[], float]
"""A number from 0 up to 1, each as likely."""

FIRST_MS = 5_000
LEAST_MS = 1_000


@dataclass(frozen=True, slots=True)
class Growth:
    """How limits grow: from FIRST_MS on, each ``factor`` times the one before, up to ``most_ms``."""

    factor: int
    most_ms: int


OF_MESSAGES = Growth(4, 24 * 3_600_000)
"""About the standard's example, which has ten attempts in three days."""
OF_ENDPOINTS = Growth(2, 3_600_000)
"""An endpoint stands for all that waits for it: one that is back is found within the hour, and then takes it at once."""

RETRY_AFTER_MOST_MS = 24 * 3_600_000
"""An endpoint that wants to be left alone for longer is asked again after a day."""
GIVE_UP_MS = 3 * 24 * 3_600_000
"""Since its first attempt; then the message is given up."""


def pause(failures: int, growth: Growth, dice: Dice, asked_ms: int | None = None) -> int:
    """How long to wait after so many failures; ``asked_ms``: no less than an endpoint asked for."""
    limit = min(growth.most_ms, FIRST_MS * growth.factor ** min(failures - 1, 20))
    waits = max(LEAST_MS, int(dice() * limit))
    return waits if asked_ms is None else max(waits, min(asked_ms, RETRY_AFTER_MOST_MS))
