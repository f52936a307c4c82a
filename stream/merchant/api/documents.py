"""What does the API answer?  One type a body; what OpenAPI says of them is made from these types."""

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from stream.merchant.api.trends import Point
from topics.alerts import Alert
from topics.rates import Rates

Clock = Literal["real", "events"]


class RuleTrend(Struct, frozen=True, kw_only=True):
    """How the rate of a rule, or its score, has moved; the oldest point first, at most 24."""

    rule: str
    points: Sequence[Point]


class AlertCounts(Struct, frozen=True, kw_only=True):
    """How many alerts of a shop there are."""

    firing: int
    resolved: int


class Feed(Struct, frozen=True, kw_only=True):
    """How fresh an answer is.

    ``read_to`` is the latest event time up to which anything of the shop's partition is known to have been judged; null: nothing
    is known of it.  ``away_since`` is the time since when Kafka has not answered, so that nothing new is known; null: it answers.
    """

    read_to: str | None
    away_since: str | None


class ShopStanding(Struct, frozen=True, kw_only=True):
    """How a shop stands: its rates as the topic ``rates`` has them (null: nothing has been counted yet), and how they moved.

    ``position`` is what a stream of the shop's events goes on from (``after``); null where nothing is known of the shop.
    """

    shop_id: str
    rates: Rates | None
    trend: Sequence[RuleTrend]
    alerts: AlertCounts
    feed: Feed
    position: str | None


class AlertPage(Struct, frozen=True, kw_only=True):
    """Alerts, the one that fired last first; ``next`` is the ``after`` of the page that follows, null on the last one."""

    alerts: Sequence[Alert]
    next: str | None


class OrderAtRisk(Struct, frozen=True, kw_only=True):
    """An open order, when it is late unless it is shipped, and by which metrics."""

    order_id: str
    due: str
    metrics: Sequence[str]


class MetricAtRisk(Struct, frozen=True, kw_only=True):
    """How many open orders a metric on shipping in time has, and how many fall due within so long after ``as_of``."""

    metric: str
    open: int
    within_1h: int
    within_6h: int
    within_24h: int


class OrdersAtRisk(Struct, frozen=True, kw_only=True):
    """The open orders of a shop that are due next, the next one first, and how many there are by metric.

    At most 50 a metric are named; ``as_of`` is the event time at which this was so, null where nothing is known.
    """

    shop_id: str
    as_of: str | None
    metrics: Sequence[MetricAtRisk]
    orders: Sequence[OrderAtRisk]
    feed: Feed


class SessionInfo(Struct, frozen=True, kw_only=True):
    """Who asks, and what he may see: these shops, or all of them (``ops``).

    ``clock`` is ``events`` where the events' times have nothing to do with the present, as in a recording.
    """

    name: str | None
    shops: Sequence[str]
    ops: bool
    clock: Clock


class Removed(Struct, frozen=True, kw_only=True):
    """The data of a stream's event ``removed``: an alert that is there no more."""

    alert_id: str


class Problem(Struct, frozen=True, kw_only=True):
    """What is wrong, as RFC 9457 has it; ``detail`` is a sentence for a person."""

    title: str
    status: int
    detail: str
    type: str = "about:blank"
