"""What does the topic ``orders`` carry?  Payments, changes of the promise to ship, cancellations."""

from typing import Literal

from topics.fields import Event, Natural, Text, Time
from topics.inputs import INPUT_SETTINGS
from topics.settings import TopicSettings

Goods = Literal["physical", "virtual", "presale", "custom"]
PromiseReason = Literal["delay_report_approved", "buyer_agreed", "platform"]


class OrderPaid(Event, frozen=True, kw_only=True, tag="order_paid"):
    """An order was paid; from here on the shop owes what it promised.

    ``ship_by`` may be missing for virtual goods only (SEMANTICS F4).  ``ship_from`` and ``ship_to`` are region codes,
    ``amount`` is in minor units of ``currency``.
    """

    ship_by: Time | None = None
    goods: Goods
    ship_from: Text
    ship_to: Text
    items: Natural
    amount: Natural
    currency: Text
    category: Text | None = None


class PromiseChanged(Event, frozen=True, kw_only=True, tag="promise_changed"):
    """The promise to ship was moved to ``ship_by``."""

    ship_by: Time
    reason: PromiseReason


class OrderCancelled(Event, frozen=True, kw_only=True, tag="order_cancelled"):
    """The order was called off."""

    by: Literal["buyer", "merchant", "platform"]
    reason: Text


OrdersEvent = OrderPaid | PromiseChanged | OrderCancelled

SETTINGS = TopicSettings(
    "orders",
    "Payments, changes of the promise to ship, cancellations.",
    INPUT_SETTINGS,
)
