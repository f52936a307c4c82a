"""What of an order was so at an instant?  Its facts up to then, and what follows from them for every metric alike."""

from typing import Final, TypeVar, final

from mypy_extensions import mypyc_attr

from stream.engine.facts import (
    KIND_BITS,
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
from stream.engine.order import Order
from stream.policy.spec import Metric

T = TypeVar("T", bound=Fact)

FOR_EVER: Final = 1 << 62
"""An instant after all others."""

BY_CANCELLATION: Final = ""
"""What puts a duty aside where it is no refund; no id is empty."""

_NEVER: Final[dict[str, int]] = {}

_CANCELLED: Final = KIND_BITS[Cancelled]
_CHANGED: Final = KIND_BITS[Changed]
_SHIPPED: Final = KIND_BITS[Shipped]
_PICKED_UP: Final = KIND_BITS[PickedUp]
_REQUESTED: Final = KIND_BITS[Requested]
_WITHDRAWN: Final = KIND_BITS[Withdrawn]
_RESOLVED: Final = KIND_BITS[Resolved]


@mypyc_attr(acyclic=True, free_list_len=1)
@final
class View:
    """The state of a paid order (SEMANTICS T1): of its facts those up to an instant that count (F5)."""

    __slots__ = (
        "cancelled_at",
        "changed",
        "paid",
        "picked_up",
        "requested",
        "resolved_at",
        "shipped",
        "shipped_at",
        "withdrawn_at",
    )

    def __init__(  # noqa: PLR0913, PLR0917 - a record
        self,
        paid: Paid,
        cancelled_at: int | None,
        changed: tuple[Changed, ...],
        shipped: tuple[Shipped, ...],
        shipped_at: int | None,
        picked_up: tuple[PickedUp, ...],
        requested: tuple[Requested, ...],
        withdrawn_at: dict[str, int],
        resolved_at: dict[str, int],
    ) -> None:
        self.paid = paid
        self.cancelled_at = cancelled_at
        self.changed = changed
        self.shipped = shipped
        self.shipped_at = shipped_at
        """When the order was complete (SEMANTICS F3)."""
        self.picked_up = picked_up
        self.requested = requested
        self.withdrawn_at = withdrawn_at
        self.resolved_at = resolved_at

    def promise(self, metric: Metric) -> int | None:
        """The promise in force under ``metric`` (SEMANTICS D1); None where there was none to begin with (F4)."""
        promise = self.paid.ship_by
        if promise is None:
            return None
        for change in self.changed:
            if self.counts(change, promise, metric):
                promise = change.ship_by
        return promise

    def counts(self, change: Changed, promise: int, metric: Metric) -> bool:
        """Whether ``change`` moves ``promise``, the one that is in force before it (SEMANTICS D1)."""
        return change.reason in metric.promise_reasons and (
            metric.retroactive_promises or self._in_time(change, promise)
        )

    def _in_time(self, change: Changed, promise: int) -> bool:
        return change.at <= promise and (self.shipped_at is None or change.at <= self.shipped_at)

    def aside_by(self, deadline: int, done: int | None) -> str | None:
        """What puts a duty with this deadline, done at ``done``, on neither side (SEMANTICS D3): BY_CANCELLATION, or a refund's id.

        None: nothing does.
        """
        before = deadline if done is None or done > deadline else done - 1
        if self.cancelled_at is not None and self.cancelled_at <= before:
            return BY_CANCELLATION
        for request in self.requested:
            if request.at <= before and self.withdrawn_at.get(request.refund_id, FOR_EVER) > deadline:
                return request.refund_id
        return None


def view(order: Order, keep: int, t: int) -> View | None:
    """The state of ``order`` at ``t``; None if it was not paid then (SEMANTICS F4).

    A fact dated more than ``keep`` after the payment counts for nothing (F5).
    """
    paid = order.paid
    if paid is None:
        return None
    paid_at = paid.at
    if paid_at > t:
        return None
    last = min(t, paid_at + keep)
    shipped = _until(order.shipped, last)
    return View(
        paid,
        _cancelled_at(order, last),
        _until(order.changed, last),
        shipped,
        _complete_at(shipped),
        _until(order.picked_up, last),
        _until(order.requested, last),
        _times(order.withdrawn, last),
        _times(order.resolved, last),
    )


def view_before(later: View, order: Order, keep: int, t: int, kinds: int) -> View | None:
    """The same, given the state ``later`` at an instant since when nothing has come but facts of these ``kinds``, as bits."""
    paid_at = later.paid.at
    if paid_at > t:
        return None
    last = min(t, paid_at + keep)
    ships = kinds & _SHIPPED
    shipped = _until(order.shipped, last) if ships else later.shipped
    return View(
        later.paid,
        _cancelled_at(order, last) if kinds & _CANCELLED else later.cancelled_at,
        _until(order.changed, last) if kinds & _CHANGED else later.changed,
        shipped,
        _complete_at(shipped) if ships else later.shipped_at,
        _until(order.picked_up, last) if kinds & _PICKED_UP else later.picked_up,
        _until(order.requested, last) if kinds & _REQUESTED else later.requested,
        _times(order.withdrawn, last) if kinds & _WITHDRAWN else later.withdrawn_at,
        _times(order.resolved, last) if kinds & _RESOLVED else later.resolved_at,
    )


def _cancelled_at(order: Order, last: int) -> int | None:
    cancelled = order.cancelled
    return cancelled.at if cancelled is not None and cancelled.at <= last else None


def _until(facts: tuple[T, ...], last: int) -> tuple[T, ...]:
    """Those dated up to ``last``; they lie in the order of time."""
    if not facts or facts[-1].at <= last:
        return facts
    return tuple([fact for fact in facts if fact.at <= last])


def _times(facts: tuple[Withdrawn, ...] | tuple[Resolved, ...], last: int) -> dict[str, int]:
    """When each refund of ``facts`` had them."""
    return {fact.refund_id: fact.at for fact in facts if fact.at <= last} if facts else _NEVER


def _complete_at(shipped: tuple[Shipped, ...]) -> int | None:
    for package in shipped:
        if package.completes_order is not False:
            return package.at
    return None
