"""How often may a channel be written to?  A token bucket of which no minute sees more than it may."""

from dataclasses import dataclass

MINUTE_MS = 60_000
BURST_SHARE = 4
"""A quarter may go at once; the rest comes in evenly, so that burst and refill of any minute are no more than allowed."""


@dataclass(slots=True)
class Bucket:
    """At most ``per_minute`` tokens in any minute."""

    per_minute: int
    _left: float = -1.0
    _at: int = 0

    @property
    def burst(self) -> int:
        """So many tokens at once."""
        return max(1, self.per_minute // BURST_SHARE)

    @property
    def _interval_ms(self) -> float:
        return MINUTE_MS / max(1, self.per_minute - self.burst)

    def left(self, now: int) -> int:
        """How many there are."""
        if self._left < 0:
            self._left = self.burst
        else:
            self._left = min(self.burst, self._left + max(0, now - self._at) / self._interval_ms)
        self._at = now
        return int(self._left + 1e-9)

    def take(self, now: int) -> None:
        """One less; `left` has said that there is one."""
        self.left(now)
        self._left -= 1

    def next_at(self, now: int) -> int:
        """When there is one."""
        missing = max(0.0, 1 - self._left)
        return now + int(missing * self._interval_ms) + 1 if not self.left(now) else now
