"""What of an order was so at an instant?  Its facts up to then, and what follows from them for every metric alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from stream.engine.facts import (
    Changed,
    Order,
    Paid,
    PickedUp,
    Requested,
    Resolved,
    Shipped,
    Withdrawn,
)
from stream.policy.spec import Metric

T = TypeVar("T", Changed, Shipped, PickedUp, Requested, Withdrawn, Resolved)

FOR_EVER = 1 << 62
"""An instant after all others."""


@dataclass(slots=True)
class View:
    """The state of a paid order at ``t`` (SEMANTICS T1): of its facts those with ``occurred_at <= t`` that count (F5)."""

    t: int
    paid: Paid
    cancelled_at: int | None
    changed: Sequence[Changed]
    shipped: Sequence[Shipped]
    picked_up: Sequence[PickedUp]
    requested: Sequence[Requested]
    withdrawn_at: dict[str, int]
    resolved_at: dict[str, int]
    shipped_at: int | None
    """When the order was complete (SEMANTICS F3)."""

    def promise(self, metric: Metric) -> int | None:
        """The promise in force under ``metric`` (SEMANTICS D1); None where there was none to begin with (F4)."""
        promise = self.paid.ship_by
        if promise is None:
            return None
        for change in self.changed:
            if change.reason in metric.promise_reasons and (
                metric.retroactive_promises or self._in_time(change, promise)
            ):
                promise = change.ship_by
        return promise

    def _in_time(self, change: Changed, promise: int) -> bool:
        return change.at <= promise and (self.shipped_at is None or change.at <= self.shipped_at)

    def set_aside(self, deadline: int, done: int | None) -> bool:
        """Whether a duty with this deadline, done at ``done``, is on neither side (SEMANTICS D3)."""
        before = deadline if done is None else min(deadline, done - 1)
        if self.cancelled_at is not None and self.cancelled_at <= before:
            return True
        return any(
            request.at <= before and self.withdrawn_at.get(request.refund_id, FOR_EVER) > deadline
            for request in self.requested
        )


def view(order: Order, keep: int, t: int) -> View | None:
    """The state of ``order`` at ``t``; None if it was not paid then (SEMANTICS F4).

    A fact dated more than ``keep`` after the payment counts for nothing (F5).
    """
    paid = order.paid
    if paid is None or paid.at > t:
        return None
    last = min(t, paid.at + keep)
    shipped = _until(order.shipped, last)
    cancelled = order.cancelled
    return View(
        t,
        paid,
        cancelled.at if cancelled is not None and cancelled.at <= last else None,
        _until(order.changed, last),
        shipped,
        _until(order.picked_up, last),
        _until(order.requested, last),
        {fact.refund_id: fact.at for fact in _until(order.withdrawn, last)} if order.withdrawn else {},
        {fact.refund_id: fact.at for fact in _until(order.resolved, last)} if order.resolved else {},
        next((fact.at for fact in shipped if fact.completes_order is not False), None),
    )


def _until(facts: Sequence[T], last: int) -> Sequence[T]:
    """Those dated up to ``last``; they lie in the order of time."""
    if not facts or facts[-1].at <= last:
        return facts
    return [fact for fact in facts if fact.at <= last]
