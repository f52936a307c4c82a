"""What does the topic ``pickups`` carry?  Physical scans of packages by carriers."""

from topics.fields import Event, Id, Text
from topics.inputs import INPUT_SETTINGS
from topics.settings import TopicSettings


class PackagePickedUp(Event, frozen=True, kw_only=True, tag="package_picked_up"):
    """A carrier scanned the package; the first scan counts (SEMANTICS F2)."""

    package_id: Id
    carrier: Text


SETTINGS = TopicSettings(
    "pickups",
    "Physical scans of packages by carriers.",
    INPUT_SETTINGS,
)
