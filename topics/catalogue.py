"""Which topics are there, in which order are they told, and which events belong in which?"""

from collections.abc import Mapping

from topics import alerts, ledger, notifications, orders, pickups, policies, rates, refunds, ships
from topics.dead_letters import dead_letters_of
from topics.orders import OrderCancelled, OrderPaid, OrdersEvent, PromiseChanged
from topics.pickups import PackagePickedUp
from topics.refunds import RefundRequested, RefundResolved, RefundsEvent, RefundWithdrawn
from topics.settings import TopicSettings
from topics.ships import PackageShipped

InputEvent = OrdersEvent | PackageShipped | PackagePickedUp | RefundsEvent
"""Any event that a producer may send."""

EVENTS: Mapping[str, tuple[type[InputEvent], ...]] = {
    orders.SETTINGS.name: (OrderPaid, PromiseChanged, OrderCancelled),
    ships.SETTINGS.name: (PackageShipped,),
    pickups.SETTINGS.name: (PackagePickedUp,),
    refunds.SETTINGS.name: (RefundRequested, RefundWithdrawn, RefundResolved),
}
"""The input topics, and the events that each carries."""

INPUTS: tuple[str, ...] = tuple(EVENTS)

_OUTPUT_SETTINGS = (alerts.SETTINGS, rates.SETTINGS, policies.SETTINGS, ledger.SETTINGS)

OUTPUTS: tuple[str, ...] = tuple(settings.name for settings in _OUTPUT_SETTINGS)
"""The compacted topics that a worker writes, beside the dead letters."""

DEAD_LETTERS: Mapping[str, str] = {topic: dead_letters_of(topic).name for topic in INPUTS}
"""Of each input topic, where that goes which cannot be read."""

OF_WORKERS: tuple[str, ...] = (*INPUTS, *OUTPUTS, *DEAD_LETTERS.values())
"""The topics that a worker needs: all but the notifier's own."""

TOPICS: tuple[TopicSettings, ...] = (
    orders.SETTINGS,
    ships.SETTINGS,
    pickups.SETTINGS,
    refunds.SETTINGS,
    *_OUTPUT_SETTINGS,
    notifications.SETTINGS,
    *map(dead_letters_of, INPUTS),
)
"""All of them."""
