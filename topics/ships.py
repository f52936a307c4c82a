"""What does the topic ``ships`` carry?  Packages handed over by the shop."""

from topics.fields import Event, Id, Text
from topics.inputs import INPUT_SETTINGS
from topics.settings import TopicSettings


class PackageShipped(Event, frozen=True, kw_only=True, tag="package_shipped"):
    """A package left the shop; ``completes_order`` (missing: true) is false on all packages of a split order but the last."""

    package_id: Id
    carrier: Text
    completes_order: bool | None = None


SETTINGS = TopicSettings(
    "ships",
    "Packages handed over by the shop.",
    INPUT_SETTINGS,
)
