"""What does the topic ``alerts`` carry?  Every alert's whole state, written anew whenever it changes.

The key is ``alert_id``; the record lies in the partition of its shop.  Of one key the last record counts.
"""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from topics.fields import Id, Time
from topics.settings import BROKER_DEFAULT_BYTES, DAY, Setting, TopicSettings

AlertState = Literal["firing", "resolved"]
ResolvedBecause = Literal["recovered", "corrected", "no_data", "rule_changed"]


class Counts(Struct, frozen=True, kw_only=True):
    """What a rule saw at one instant.

    ``rate`` is rounded to six digits, ``threshold`` the number as the policy has it (null: the tier has none), ``headroom``
    how many more bad units are no breach (SEMANTICS R8).  Of a rule on a score all are null but ``threshold``, and
    ``score`` is given.
    """

    good: int | None
    bad: int | None
    counted: int | None
    rate: float | None
    threshold: int | float | None
    headroom: int | None
    score: int | float | None = None


class Evidence(Struct, frozen=True, kw_only=True):
    """A bad unit of the window as it was at firing; ``package_id`` or ``refund_id`` where it is about one.

    Of a tier with a forecast that fires ahead of the breach: an open order that is to be shipped, its verdict being ``open``.

    ``policy_version`` is the one that the order was paid under, ``exemptions`` the ids of those that held for the unit all the
    same (ten at most; an extension that was too short, or one from penalties alone).  Both are null in alerts of older workers.
    """

    order_id: Id
    package_id: Id | None = None
    refund_id: Id | None = None
    verdict: str
    why: str
    policy_version: str | None = None
    exemptions: Sequence[str] | None = None


class Alert(Struct, frozen=True, kw_only=True):
    """An alert; all times but ``emitted_at`` are event time.

    ``at_fire`` are the counts of firing, ``latest`` those of resolving or, of a firing alert, of the writing.  ``metric``
    and ``window`` are null where the rule is on a score.
    """

    alert_id: str
    shop_id: Id
    policy: str
    policy_version: str
    rule: str
    severity: str
    metric: str | None
    window: str | None
    state: AlertState
    fired_at: Time
    resolved_at: Time | None
    resolved_because: ResolvedBecause | None
    at_fire: Counts
    latest: Counts
    evidence: Sequence[Evidence]
    message: str
    emitted_at: Time | None = None


SETTINGS = TopicSettings(
    "alerts",
    "Every alert's whole state, the last record of a key counting.",
    {
        "cleanup.policy": Setting(
            "compact,delete",
            "compaction keeps an alert's last state, age deletes it: nobody has to remember which resolved alerts wait for "
            "their tombstone",
        ),
        "retention.ms": Setting(
            str(400 * DAY),
            "400 d: a year and a month to compare with; counted from an alert's last writing, so that one that resolved is "
            "gone 400 d later (one that fires for longer is written again when it resolves; its state is in the ledger)",
        ),
        "max.message.bytes": Setting(
            str(BROKER_DEFAULT_BYTES),
            "Kafka's default: 20 pieces of evidence with ids of 256 bytes are about 30 kB",
        ),
        "min.cleanable.dirty.ratio": Setting(
            "0.1",
            "who opens the live page reads this topic from its beginning; it is small, so cleaning it is cheap",
        ),
        "segment.ms": Setting(
            str(7 * DAY),
            "a quiet partition closes its segment once a week: only closed ones are compacted or deleted",
        ),
    },
)
