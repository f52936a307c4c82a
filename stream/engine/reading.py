"""What does a record say?  Bytes of the contract become an event with one fact, or a reason why not."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, final

import msgspec
from mypy_extensions import mypyc_attr

from stream.engine.facts import (
    Cancelled,
    Changed,
    Fact,
    Paid,
    PickedUp,
    Requested,
    Resolved,
    Shipped,
    Withdrawn,
)
from topics.catalogue import EVENTS, InputEvent
from topics.fields import MAX_ID_BYTES
from topics.orders import OrderCancelled, OrderPaid, PromiseChanged
from topics.pickups import PackagePickedUp
from topics.refunds import RefundRequested, RefundResolved, RefundWithdrawn
from topics.ships import PackageShipped
from topics.times import millis

Reason = Literal[
    "no_value",
    "not_utf8",
    "not_json",
    "not_an_object",
    "unknown_type",
    "wrong_topic",
    "missing_field",
    "wrong_field",
    "no_offset",
    "id_too_long",
    "key_not_shop",
]
"""Why a record is no event, in one word."""


LONGEST_DETAIL = 300
"""Characters: a decoder quotes what it could not read, which may be of any length."""


class UnreadableEvent(Exception):  # noqa: N818 - it is not an error of ours, and is caught record by record
    """A record is no event; its text is a sentence for people, ``reason`` one word for machines."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@mypyc_attr(acyclic=True, free_list_len=1)
@final
class Event:
    """One fact of one order; ``occurred_at`` is in milliseconds."""

    __slots__ = ("fact", "occurred_at", "order_id", "shop_id")

    def __init__(self, shop_id: str, order_id: str, occurred_at: int, fact: Fact) -> None:
        self.shop_id = shop_id
        self.order_id = order_id
        self.occurred_at = occurred_at
        self.fact = fact


def read_event(topic: str | None, key: bytes | None, value: bytes | None) -> Event:
    """The event in a record of ``topic``, whose key has to be its shop.

    Of a recording, where neither is known, ``topic`` is None and ``key`` is not looked at.  Raises UnreadableEvent.
    """
    if value is None:
        raise UnreadableEvent("no_value", "the record has no value; events are never deleted")
    plain = value.isascii() and _BACKSLASH not in value
    event = _decode(value, plain=plain)
    if topic is not None:
        belongs = _TOPIC_OF[type(event)]
        if belongs != topic:
            raise UnreadableEvent("wrong_topic", f"an event of this type belongs in {belongs}")
        if key is None or key != event.shop_id.encode():
            raise UnreadableEvent("key_not_shop", f"the key is not the shop_id, {event.shop_id[:80]!r}")
    if not plain:
        _check_ids(event)
    fact = _FACTS[type(event)](event)
    return Event(event.shop_id, event.order_id, fact.at, fact)


def topic_of(event: Event) -> str:
    """The topic that an event belongs in."""
    return _TOPIC_OF_FACT[type(event.fact)]


_decode_json: Final = msgspec.json.Decoder(InputEvent).decode
_BACKSLASH: Final = 0x5C
"""As a number: bytes that are asked for other bytes raise an error within, and catch it, which takes eight times as long."""
_POINT: Final = 0x2E
FEW_POINTS: Final = 4
_FINE: Final = re.compile(rb'("(?:occurred_at|ship_by)"\s*:\s*"[^"\\]*\.[0-9]{6})[0-9]+')


def _decode(value: bytes, *, plain: bool) -> InputEvent:
    """``plain`` says that it is ASCII without an escape, as nearly all are: that need not be looked at again."""
    try:
        if not plain:
            str(value, "utf-8")
        event: InputEvent = _decode_json(_FINE.sub(rb"\1", value) if _has_fine_digits(value) else value)
        return event  # noqa: TRY300 - what follows are the ways in which the line above fails
    except UnicodeDecodeError as error:
        raise UnreadableEvent("not_utf8", f"not UTF-8: {error.reason} at byte {error.start}") from None
    except msgspec.ValidationError as error:
        raise UnreadableEvent(_reason_of(str(error)), str(error)[:LONGEST_DETAIL]) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableEvent("not_json", f"not JSON: {error}") from None


def _has_fine_digits(value: bytes) -> bool:
    """Whether there may be digits beyond the microsecond: they are cut, where the decoder would round them (SEMANTICS T1).

    The few points that an event has are cut off one by one, which is less work than to find each behind the last; of a value
    of nothing but points that would take for ever.
    """
    rest = value
    for _ in range(FEW_POINTS):
        if _POINT not in rest:
            return False
        _, _, rest = rest.partition(b".")
        if _begins_fine(rest, 0):
            return True
    point = rest.find(b".")
    while point >= 0:
        if _begins_fine(rest, point + 1):
            return True
        point = rest.find(b".", point + 1)
    return False


def _begins_fine(value: bytes, begin: int) -> bool:
    """Whether the seventh byte from ``begin`` is a digit."""
    return begin + 6 < len(value) and 0x30 <= value[begin + 6] <= 0x39


def _reason_of(message: str) -> Reason:
    if "`$.type`" in message or message.endswith("required field `type`"):
        return "unknown_type"
    if message.startswith("Expected `object`"):
        return "not_an_object"
    if "missing required field" in message:
        return "missing_field"
    if "timezone" in message:
        return "no_offset"
    too_long = f"length <= {MAX_ID_BYTES} - at `$." in message and "_id`" in message
    return "id_too_long" if too_long else "wrong_field"


def _check_ids(event: InputEvent) -> None:
    """The contract's limit is in bytes; the decoder has counted characters."""
    for name in _IDS[type(event)]:
        found: str = getattr(event, name)
        if not found.isascii() and len(found.encode()) > MAX_ID_BYTES:
            detail = f"{name} has {len(found.encode())} bytes, at most {MAX_ID_BYTES} are allowed"
            raise UnreadableEvent("id_too_long", detail)


def _paid(event: OrderPaid) -> Paid:
    if event.ship_by is None and event.goods != "virtual":
        detail = "Object missing required field `ship_by`: only virtual goods may be without"
        raise UnreadableEvent("missing_field", detail)
    return Paid.of(
        millis(event.occurred_at),
        event.event_id,
        None if event.ship_by is None else millis(event.ship_by),
        event.goods,
        event.ship_from,
        event.ship_to,
        event.items,
        event.amount,
        event.currency,
        event.category,
    )


def _changed(event: PromiseChanged) -> Changed:
    return Changed.of(millis(event.occurred_at), event.event_id, millis(event.ship_by), event.reason)


def _cancelled(event: OrderCancelled) -> Cancelled:
    return Cancelled.of(millis(event.occurred_at), event.event_id, event.by, event.reason)


def _shipped(event: PackageShipped) -> Shipped:
    at = millis(event.occurred_at)
    return Shipped.of(at, event.event_id, event.package_id, event.carrier, event.completes_order)


def _picked_up(event: PackagePickedUp) -> PickedUp:
    return PickedUp.of(millis(event.occurred_at), event.event_id, event.package_id, event.carrier)


def _requested(event: RefundRequested) -> Requested:
    at = millis(event.occurred_at)
    return Requested.of(at, event.event_id, event.refund_id, event.kind, event.reason, event.fault)


def _withdrawn(event: RefundWithdrawn) -> Withdrawn:
    return Withdrawn.of(millis(event.occurred_at), event.event_id, event.refund_id)


def _resolved(event: RefundResolved) -> Resolved:
    return Resolved.of(millis(event.occurred_at), event.event_id, event.refund_id, event.outcome)


_FACTS: Final[dict[type[InputEvent], Callable[[Any], Fact]]] = {
    OrderPaid: _paid,
    PromiseChanged: _changed,
    OrderCancelled: _cancelled,
    PackageShipped: _shipped,
    PackagePickedUp: _picked_up,
    RefundRequested: _requested,
    RefundWithdrawn: _withdrawn,
    RefundResolved: _resolved,
}
_IDS: Mapping[type, tuple[str, ...]] = {
    kind: tuple(name for name in kind.__struct_fields__ if name.endswith("_id")) for kind in _FACTS
}
_TOPIC_OF: Final[dict[type, str]] = {kind: topic for topic, kinds in EVENTS.items() for kind in kinds}
_TOPIC_OF_FACT: Mapping[type, str] = {
    Paid: "orders",
    Changed: "orders",
    Cancelled: "orders",
    Shipped: "ships",
    PickedUp: "pickups",
    Requested: "refunds",
    Withdrawn: "refunds",
    Resolved: "refunds",
}
