"""Which kinds of metric are there, and what does each allow?  A new kind is one entry here and its word in the specs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from stream.policy.spec import ExemptionAnchor, Kind, MetricAnchor
from topics.orders import Goods, PromiseReason
from topics.refunds import Fault, RefundKind

ALL_GOODS: frozenset[str] = frozenset(get_args(Goods))
ALL_REASONS: frozenset[str] = frozenset(get_args(PromiseReason))
ALL_REFUND_KINDS: frozenset[str] = frozenset(get_args(RefundKind))
ALL_FAULTS: frozenset[str] = frozenset(get_args(Fault))

SHIPPED_GOODS = ALL_GOODS - {"virtual"}
COMMON_OPTIONS = frozenset({"kind", "goods", "lag", "promise_reasons", "retroactive_promises"})
REFUND_OPTIONS = frozenset({"kinds", "reasons", "faults"})


@dataclass(frozen=True, slots=True)
class KindTraits:
    """What a policy may say about metrics of one kind.

    ``beyond`` is the word of a tier whose rate is bad on that side (SEMANTICS U8), ``anchors`` where a unit may be placed,
    the first being the default, ``exemption_anchors`` by which times an exemption may ask for it (E3), ``has_deadline``
    whether there is something to extend (E4).  ``unit`` and ``share`` are for people: what is counted, and what its rate is the
    share of.
    """

    beyond: Literal["below", "above"]
    goods: frozenset[str]
    anchors: tuple[MetricAnchor, ...]
    exemption_anchors: frozenset[ExemptionAnchor]
    options: frozenset[str]
    has_deadline: bool
    unit: str
    share: str

    @property
    def keys(self) -> frozenset[str]:
        """The keys that a metric of this kind may have."""
        anchor = {"anchor"} if len(self.anchors) > 1 else set()
        return COMMON_OPTIONS | self.options | anchor


KINDS: Mapping[Kind, KindTraits] = {
    "on_time_ship": KindTraits(
        beyond="below",
        goods=SHIPPED_GOODS,
        anchors=("decided", "due", "paid", "shipped"),
        exemption_anchors=frozenset({"paid", "due", "decided", "shipped"}),
        options=frozenset(),
        has_deadline=True,
        unit="orders",
        share="shipped on time",
    ),
    "pickup_anomaly": KindTraits(
        beyond="above",
        goods=SHIPPED_GOODS,
        anchors=("decided",),
        exemption_anchors=frozenset({"paid", "due", "decided", "shipped"}),
        options=frozenset({"pickup_within"}),
        has_deadline=True,
        unit="packages",
        share="not picked up as they should be",
    ),
    "return": KindTraits(
        beyond="above",
        goods=ALL_GOODS,
        anchors=("paid", "requested"),
        exemption_anchors=frozenset({"paid", "due", "decided", "requested"}),
        options=REFUND_OPTIONS,
        has_deadline=False,
        unit="orders",
        share="asked back",
    ),
    "after_sales": KindTraits(
        beyond="below",
        goods=ALL_GOODS,
        anchors=("decided",),
        exemption_anchors=frozenset({"paid", "due", "decided", "requested"}),
        options=REFUND_OPTIONS | {"resolve_within"},
        has_deadline=True,
        unit="refund requests",
        share="resolved in time",
    ),
}
