"""What does the topic ``notifications`` carry?  The notifier's own state, and what operators have told it.

A record lies in the partition of its shop, as the alert does that it is about.  Keys begin with a letter: ``m`` a message that
is not delivered yet, ``a`` an alert that fires, ``e`` an endpoint in trouble, ``h`` whether messages are held, ``c`` what an
operator has said last.  Values are JSON, so that an operator can read them; times are milliseconds since 1970 in UTC.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from topics.alerts import Alert
from topics.settings import BROKER_DEFAULT_BYTES, DAY, Setting, TopicSettings

News = Literal["firing", "still_firing", "resolved", "notice"]
Action = Literal["hold", "release", "drop"]


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one endpoint is to be told, as it will be sent; gone once it is delivered or given up.

    ``id`` names it for its receiver and stays the same however often it is sent; so does ``body``.  ``order`` is its place among
    all messages of the partition, ``since`` when what it tells was written.  ``attempted_at`` is when it was first sent,
    written before that is done; ``not_before`` when it may be sent next, if it was refused, and ``why`` in a few words.
    """

    endpoint: str
    id: str
    news: News
    order: int
    planned_at: int
    since: int
    title: str
    body: str
    alert_id: str | None = None
    shop_id: str | None = None
    severity: str | None = None
    attempted_at: int | None = None
    refusals: int = 0
    not_before: int = 0
    why: str = ""


class Told(Struct, frozen=True, kw_only=True):
    """How often an endpoint was told of an alert that fires, after the first time, and when last."""

    repeats: int
    at: int


class Watched(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alert that fires, and which endpoints were told of it; ``dropped``: an operator wants nobody to be told."""

    alert: Alert
    told: Mapping[str, Told] = {}
    muted: bool = False
    dropped: bool = False


class Trouble(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An endpoint that does not take what it is sent; gone once it does.

    ``address`` is a digest of its URL: one that is given another begins anew.  ``disabled_at``: it said that it is gone for good.
    ``why`` is what came of the last attempt, in a few words.
    """

    address: str
    failures: int = 0
    not_before: int = 0
    disabled_at: int | None = None
    why: str = ""


class Hold(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why the partition's messages to merchants are held, by reason; ``waived`` are reasons that an operator has overruled.

    ``group`` is the group whose state this is, ``heard_at`` the time of the newest command that was followed, ``reported`` what operators know is wrong anywhere.
    """

    reasons: Mapping[str, str] = {}
    waived: Mapping[str, str] = {}
    reported: Mapping[str, str] = {}
    group: str = ""
    heard_at: int = 0


class Command(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an operator wants done with all messages that wait for merchants; ``at`` tells one command from another."""

    action: Action
    at: int
    why: str = ""


SETTINGS = TopicSettings(
    "notifications",
    "The notifier's own state: messages not delivered yet, alerts told of, endpoints in trouble, holds.",
    {
        "cleanup.policy": Setting(
            "compact",
            "the last record of a message is what is known of it; one that is delivered gets a tombstone",
        ),
        "max.message.bytes": Setting(
            str(BROKER_DEFAULT_BYTES),
            "Kafka's default: a message has at most 20 kB, an alert with all its evidence about 30 kB",
        ),
        "min.cleanable.dirty.ratio": Setting(
            "0.2", "whoever starts reads all of it, and nearly all of it is soon out of date"
        ),
        "segment.bytes": Setting(
            str(64 << 20),
            "64 MB: only closed segments are compacted, and a start reads the open one as it is",
        ),
        "max.compaction.lag.ms": Setting(str(DAY), "what is delivered is gone within a day or two"),
        "delete.retention.ms": Setting(
            str(DAY),
            "a tombstone outlives any start that began to read before it: one that takes a day has failed",
        ),
    },
)
