"""What does the topic ``ledger`` carry?  The worker's own state: order records, rule states, and a clock a partition.

Nobody else reads or writes it, so its keys and packed records are not part of the contract; the clock is JSON, so that an
operator can see where a partition stands.
"""

from collections.abc import Mapping

from msgspec import Struct

from topics.settings import DAY, MEGABYTE, Setting, TopicSettings


class Clock(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where one partition stands; the key is ``clock``, topics are named as in the contract, times in milliseconds.

    ``policy`` is the digest of the policy set in force.  ``next`` is the next offset to be read and ``newest`` the newest event
    time read of each input topic; everything up to ``decided`` is decided, and ``oldest`` is the oldest event time read while
    nothing is.  ``drained_until`` is set where a drain has ended: nothing more is to be read (SEMANTICS T5).  ``partitions``
    is how many the topics had: with another number shops are elsewhere.
    """

    format: int
    group: str
    policy: str
    next: Mapping[str, int]
    newest: Mapping[str, int]
    decided: int | None = None
    latest_fact: int | None = None
    watermark: int | None = None
    oldest: int | None = None
    drained_until: int | None = None
    partitions: int | None = None


SETTINGS = TopicSettings(
    "ledger",
    "The worker's own state; nobody else reads or writes it.",
    {
        "cleanup.policy": Setting(
            "compact",
            "the last record of an order is what is known of it; what may be forgotten gets a tombstone",
        ),
        "max.message.bytes": Setting(
            str(4 * MEGABYTE),
            "4 MB: an order with 100 changes, 100 packages and 100 refunds, every id and text as long as allowed, must not "
            "stop its partition",
        ),
        "min.cleanable.dirty.ratio": Setting(
            "0.2", "a recovery reads all of it: of every five records at most one is out of date"
        ),
        "segment.bytes": Setting(
            str(64 << 20),
            "64 MB: only closed segments are compacted, and a recovery reads the open one as it is",
        ),
        "max.compaction.lag.ms": Setting(
            str(DAY), "tombstones of forgotten orders take effect within a day or two"
        ),
        "delete.retention.ms": Setting(
            str(DAY),
            "a tombstone outlives any recovery that began before it: one that takes a day has failed",
        ),
    },
)
