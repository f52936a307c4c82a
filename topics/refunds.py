"""What does the topic ``refunds`` carry?  Requests for money back, their withdrawal and their resolution."""

from typing import Literal

from topics.fields import Event, Id, Text
from topics.inputs import INPUT_SETTINGS
from topics.settings import TopicSettings

RefundKind = Literal["refund_only", "return"]
Fault = Literal["merchant", "buyer", "carrier", "unknown"]


class RefundRequested(Event, frozen=True, kw_only=True, tag="refund_requested"):
    """The buyer asked for money back, with or without sending the goods back."""

    refund_id: Id
    kind: RefundKind
    reason: Text
    fault: Fault


class RefundWithdrawn(Event, frozen=True, kw_only=True, tag="refund_withdrawn"):
    """The request was taken back by the buyer."""

    refund_id: Id


class RefundResolved(Event, frozen=True, kw_only=True, tag="refund_resolved"):
    """The shop or the platform answered the request."""

    refund_id: Id
    outcome: Literal["approved", "rejected"]


RefundsEvent = RefundRequested | RefundWithdrawn | RefundResolved

SETTINGS = TopicSettings(
    "refunds",
    "Requests for money back, their withdrawal and their resolution.",
    INPUT_SETTINGS,
)
