"""Which settings do the topics that producers write to share?"""

from collections.abc import Mapping

from topics.settings import DAY, MEGABYTE, Setting

MAX_VALUE_BYTES = 16 * MEGABYTE
MAX_RECORD_BYTES = MAX_VALUE_BYTES + 1024
"""With the key and what Kafka writes around them."""

INPUT_SETTINGS: Mapping[str, Setting] = {
    "cleanup.policy": Setting(
        "delete",
        "every event counts, also the second of one order: compaction would keep a shop's last one only",
    ),
    "retention.ms": Setting(
        str(180 * DAY),
        "180 d: a rule is tried on the last 90 days, its windows reach back 30 d, and the orders in them are paid up to "
        "60 d earlier",
    ),
    "max.message.bytes": Setting(
        str(MAX_RECORD_BYTES),
        "a value of 16 MB and its key: no event comes near it, but a hostile one of 10 MB must arrive, to be read, "
        "refused and kept as a dead letter where somebody sees it",
    ),
    "message.timestamp.type": Setting(
        "LogAppendTime",
        "retention goes by the broker's clock: a recording of last year, or a producer whose clock is wrong, must not be "
        "deleted at once or kept for ever; the time of an event is its occurred_at",
    ),
}
