"""What is known of one order, and how is that packed into the record that the ledger has of it?

A record has a place for each kind of fact, in the order of `PLACES`: the fact, or of what there may be several a list of them
in the order of time.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias, final

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

Fields: TypeAlias = tuple[
    Paid | None,
    Cancelled | None,
    tuple[Changed, ...],
    tuple[Shipped, ...],
    tuple[PickedUp, ...],
    tuple[Requested, ...],
    tuple[Withdrawn, ...],
    tuple[Resolved, ...],
]
"""What lies in each place."""

PLACES: Final = (
    "paid",
    "cancelled",
    "changed",
    "shipped",
    "picked_up",
    "requested",
    "withdrawn",
    "resolved",
)
"""Their names, which an order has as attributes."""


@mypyc_attr(acyclic=True, free_list_len=1)
@final
class Order:
    """All facts of an order; a class of its own and no struct, for the engine asks it several times an event."""

    __slots__ = PLACES

    def __init__(  # noqa: PLR0913, PLR0917 - a record
        self,
        paid: Paid | None = None,
        cancelled: Cancelled | None = None,
        changed: tuple[Changed, ...] = (),
        shipped: tuple[Shipped, ...] = (),
        picked_up: tuple[PickedUp, ...] = (),
        requested: tuple[Requested, ...] = (),
        withdrawn: tuple[Withdrawn, ...] = (),
        resolved: tuple[Resolved, ...] = (),
    ) -> None:
        self.paid = paid
        self.cancelled = cancelled
        self.changed = changed
        self.shipped = shipped
        self.picked_up = picked_up
        self.requested = requested
        self.withdrawn = withdrawn
        self.resolved = resolved

    def fields(self) -> Fields:
        """What lies in each place; two orders of which the same is known have the same."""
        return (
            self.paid,
            self.cancelled,
            self.changed,
            self.shipped,
            self.picked_up,
            self.requested,
            self.withdrawn,
            self.resolved,
        )

    def all(self) -> Iterator[Fact]:
        """Every fact."""
        if self.paid is not None:
            yield self.paid
        if self.cancelled is not None:
            yield self.cancelled
        yield from self.changed
        yield from self.shipped
        yield from self.picked_up
        yield from self.requested
        yield from self.withdrawn
        yield from self.resolved


encode_place: Final = msgspec.msgpack.Encoder().encode
"""What lies in one place, packed."""

_decode: Final = msgspec.msgpack.Decoder(Fields).decode


def encode_order(order: Order) -> bytes:
    """An order's record, packed."""
    packed: bytes = encode_place(order.fields())
    return packed


def decode_order(packed: bytes) -> Order:
    """And back; raises msgspec.DecodeError."""
    paid, cancelled, changed, shipped, picked_up, requested, withdrawn, resolved = _fields(packed)
    return Order(paid, cancelled, changed, shipped, picked_up, requested, withdrawn, resolved)


def _fields(packed: bytes) -> Fields:
    fields: Fields = _decode(packed)
    return fields
