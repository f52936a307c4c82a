"""How do deliveries get into the metrics?  Under the names of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from stream.merchant.notify.tally import Sums
from stream.ops import catalogue as show
from stream.ops.registry import Metrics


@dataclass(slots=True)
class Counted(Sums):
    """A tally that keeps sums for the summary, and counts them in ``metrics``."""

    metrics: Metrics = field(default_factory=lambda: Metrics("notify"))

    def delivered(self, channel: str, latency_ms: int) -> None:
        """See Tally."""
        Sums.delivered(self, channel, latency_ms)
        self.metrics.count(show.NOTIFY_ATTEMPTS, channel=channel, result="delivered")
        self.metrics.observe(show.NOTIFY_SECONDS, max(0, latency_ms) / 1000, channel=channel)

    def failed(self, channel: str, reason: str) -> None:
        """See Tally."""
        Sums.failed(self, channel, reason)
        result = "given_up" if reason == "gone" else "failed"
        self.metrics.count(show.NOTIFY_ATTEMPTS, channel=channel, result=result)

    def given_up(self, channel: str) -> None:
        """See Tally."""
        Sums.given_up(self, channel)
        self.metrics.count(show.NOTIFY_ATTEMPTS, channel=channel, result="given_up")

    def show_waiting(self, waiting: Mapping[str, int], held: int) -> None:
        """How many messages wait, by channel, and how many of those for merchants are held."""
        for channel, count in waiting.items():
            self.metrics.show(show.NOTIFY_WAITING, count, channel=channel)
        self.metrics.show(show.NOTIFY_HELD, held)
