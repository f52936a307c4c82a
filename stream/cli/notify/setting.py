"""How is a notifier set up?  One frozen value, made by the command line."""

from dataclasses import dataclass

from stream.kafka.access import Access
from stream.worker.settings import Group, Settings, Topics

COMMAND = "notify"
ALERTS = "alerts"
NOTIFICATIONS = "notifications"


@dataclass(frozen=True, slots=True)
class Setup:
    """``from_beginning``: a group that is new tells of all alerts that there are, not only of those to come."""

    bootstrap: Access
    prefix: str
    group: str
    from_beginning: bool = False
    session_timeout_ms: int = 20_000

    def name(self, topic: str) -> str:
        """What a topic of the contract is called on the broker."""
        return self.prefix + topic

    @property
    def kafka(self) -> Settings:
        """The same for what reads and writes Kafka as the worker does."""
        return Settings(
            policies=(), bootstrap=self.bootstrap, group=Group(self.group), topics=Topics(self.prefix)
        )
