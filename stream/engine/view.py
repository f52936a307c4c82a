"""What of an order was so at an instant?  Its facts up to then, and what follows from them for every metric alike."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar, final

from mypy_extensions import mypyc_attr

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

T = TypeVar("T", Changed, Shipped, PickedUp, Requested)

FOR_EVER: Final = 1 << 62
"""An instant after all others."""

BY_CANCELLATION: Final = ""
"""What puts a duty aside where it is no refund; no id is empty."""

_NEVER: Final[Mapping[str, int]] = {}


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

    def __init__(self, order: Order, paid: Paid, last: int) -> None:
        cancelled = order.cancelled
        self.paid: Paid = paid
        self.cancelled_at: int | None = (
            cancelled.at if cancelled is not None and cancelled.at <= last else None
        )
        self.changed: tuple[Changed, ...] = _until(order.changed, last)
        self.shipped: tuple[Shipped, ...] = _until(order.shipped, last)
        self.picked_up: tuple[PickedUp, ...] = _until(order.picked_up, last)
        self.requested: tuple[Requested, ...] = _until(order.requested, last)
        self.withdrawn_at: Mapping[str, int] = _times(order.withdrawn, last)
        self.resolved_at: Mapping[str, int] = _times(order.resolved, last)
        self.shipped_at: int | None = _complete_at(self.shipped)
        """When the order was complete (SEMANTICS F3)."""

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
    if paid is None or paid.at > t:
        return None
    return View(order, paid, min(t, paid.at + keep))


def _until(facts: tuple[T, ...], last: int) -> tuple[T, ...]:
    """Those dated up to ``last``; they lie in the order of time."""
    if not facts or facts[-1].at <= last:
        return facts
    return tuple([fact for fact in facts if fact.at <= last])


def _times(facts: Sequence[Withdrawn] | Sequence[Resolved], last: int) -> Mapping[str, int]:
    """When each refund of ``facts`` had them."""
    return {fact.refund_id: fact.at for fact in facts if fact.at <= last} if facts else _NEVER


def _complete_at(shipped: Sequence[Shipped]) -> int | None:
    for package in shipped:
        if package.completes_order is not False:
            return package.at
    return None
