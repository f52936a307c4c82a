"""What do the topics ``<topic>.dlt`` carry?  Records that could not be read or joined, as they came, with why."""

from topics.settings import BROKER_DEFAULT_BYTES, DAY, Setting, TopicSettings

SUFFIX = ".dlt"


def dead_letters_of(topic: str) -> TopicSettings:
    """The settings of the topic that keeps what could not be read of ``topic``.

    A record's key is ``topic/partition/offset`` of the original, its value the original's (of one over 1 MB the first
    1,000,000 bytes, and the header ``length``), its headers say why: ``docs/contract.md`` lists them.
    """
    return TopicSettings(
        topic + SUFFIX,
        f"Records of {topic} that could not be read or joined, as they came; headers say why.",
        {
            "cleanup.policy": Setting("delete", "a dead letter is read once by whoever repairs its producer"),
            "retention.ms": Setting(
                str(90 * DAY),
                "90 d: long enough to be noticed, repaired and sent again; the original stays for 180 d",
            ),
            "max.message.bytes": Setting(
                str(BROKER_DEFAULT_BYTES),
                "Kafka's default: a longer value is cut to 1,000,000 bytes, which with key and headers fits, and which any "
                "tool can read",
            ),
        },
    )
