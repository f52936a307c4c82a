"""What does the topic ``policies`` carry?  The policy sets that were in force; the key is their digest."""

from collections.abc import Sequence

from msgspec import Struct

from topics.settings import MEGABYTE, Setting, TopicSettings


class PolicyRecord(Struct, frozen=True, kw_only=True):
    """A policy set: the texts of its files, and the clock since which it was in force in this partition.

    ``since`` is in milliseconds since 1970, as the ledger's clock is; null: from the beginning.
    """

    policy: str
    digest: str
    since: int | None
    texts: Sequence[str]


SETTINGS = TopicSettings(
    "policies",
    "The policy sets that were in force, with their texts.",
    {
        "cleanup.policy": Setting(
            "compact",
            "whatever decided an alert must be found as long as the alert is asked about: nothing goes by age",
        ),
        "max.message.bytes": Setting(
            str(4 * MEGABYTE),
            "4 MB: a record holds all files of a policy, and exemptions by city grow over the years",
        ),
    },
)
