"""What does the topic ``rates`` carry?  How every shop stands now, rule by rule; the key is ``shop_id``."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from topics.fields import Id, Time
from topics.settings import BROKER_DEFAULT_BYTES, DAY, Setting, TopicSettings

TierState = Literal["inactive", "pending", "firing"]


class TierRates(Struct, frozen=True, kw_only=True):
    """One tier of a rule: the shop's counts as that tier counts them (SEMANTICS E5), and how far from its line.

    Of a tier on shipping in time also what would be if no further fact came (P1, P2): ``breach_at`` is when it is in breach
    next, null if never or if it is already; ``to_save`` how many of the orders due first would have to be shipped at once so
    that it never is, null if all of them are not enough.
    """

    severity: str
    threshold: int | float | None
    state: TierState
    good: int | None
    bad: int | None
    counted: int | None
    rate: float | None
    headroom: int | None
    score: int | float | None = None
    breach_at: Time | None = None
    to_save: int | None = None


class RuleRates(Struct, frozen=True, kw_only=True):
    """One rule; ``metric`` and ``window`` are null where it is on a score."""

    rule: str
    metric: str | None
    window: str | None
    tiers: Sequence[TierRates]


class DueOrder(Struct, frozen=True, kw_only=True):
    """An order that is to be shipped, and by when."""

    order_id: Id
    due: Time


class AtRisk(Struct, frozen=True, kw_only=True):
    """The open orders of a metric on shipping in time (SEMANTICS P3): how many there are, and how many of them are due within
    so long after ``as_of``; ``due_next`` are those due first.
    """

    metric: str
    open: int
    within_1h: int
    within_6h: int
    within_24h: int
    due_next: Sequence[DueOrder]


class Rates(Struct, frozen=True, kw_only=True):
    """How a shop stands at ``as_of``, in event time, by the version of the policy in force then."""

    shop_id: Id
    as_of: Time
    policy_version: str | None
    rules: Sequence[RuleRates]
    at_risk: Sequence[AtRisk] = ()


SETTINGS = TopicSettings(
    "rates",
    "How every shop stands now, rule by rule; the last record of a shop counts.",
    {
        "cleanup.policy": Setting(
            "compact", "only how a shop stands now is asked for; what was, a replay tells"
        ),
        "max.message.bytes": Setting(
            str(BROKER_DEFAULT_BYTES),
            "Kafka's default: a tier takes about 150 bytes, a policy of 100 rules 30 kB; at most 200 open orders are named, "
            "with ids of 256 bytes another 60 kB",
        ),
        "min.cleanable.dirty.ratio": Setting(
            "0.2",
            "shops are written again and again, and who starts reads all of it: keep the log near what is true",
        ),
        "segment.bytes": Setting(
            str(64 << 20),
            "only closed segments are compacted: of 1 GB, Kafka's default, readers would wade through all",
        ),
        "max.compaction.lag.ms": Setting(str(DAY), "a partition of few shops is compacted too, once a day"),
    },
)
