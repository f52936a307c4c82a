"""What is known of one order?  Facts, and the record of them that is packed into the ledger.

A fact begins with its time and its event id and goes on with the fields in the contract's order, which is the order that
"least" asks for when repeats are joined (SEMANTICS F2).
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias, get_args

import msgspec


class _Fact(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What all facts say; packed it is a list of its fields.  It holds nothing that the collector would have to follow."""

    at: int
    event_id: str


class Paid(_Fact, frozen=True):
    """The order was paid."""

    ship_by: int | None
    goods: str
    ship_from: str
    ship_to: str
    items: int
    amount: int
    currency: str
    category: str | None


class Changed(_Fact, frozen=True):
    """The promise was changed."""

    ship_by: int
    reason: str


class Cancelled(_Fact, frozen=True):
    """The order was called off."""

    by: str
    reason: str


class Shipped(_Fact, frozen=True):
    """A package left the shop; ``completes_order`` None means true."""

    package_id: str
    carrier: str
    completes_order: bool | None


class PickedUp(_Fact, frozen=True):
    """A carrier scanned a package."""

    package_id: str
    carrier: str


class Requested(_Fact, frozen=True):
    """The buyer asked for money back."""

    refund_id: str
    kind: str
    reason: str
    fault: str


class Withdrawn(_Fact, frozen=True):
    """The buyer took a request back."""

    refund_id: str


class Resolved(_Fact, frozen=True):
    """A request was answered."""

    refund_id: str
    outcome: str


Fact: TypeAlias = Paid | Changed | Cancelled | Shipped | PickedUp | Requested | Withdrawn | Resolved


class Order(msgspec.Struct, array_like=True, gc=False):
    """An order's record; what there may be several of is in the order of time."""

    paid: Paid | None = None
    cancelled: Cancelled | None = None
    changed: tuple[Changed, ...] = ()
    shipped: tuple[Shipped, ...] = ()
    picked_up: tuple[PickedUp, ...] = ()
    requested: tuple[Requested, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()
    resolved: tuple[Resolved, ...] = ()

    def all(self) -> Iterator["Fact"]:
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


KIND_BITS: Mapping[type, int] = {kind: 1 << index for index, kind in enumerate(get_args(Fact))}
"""Kinds of fact as bits, so that a set of them is a number."""

encode_order = msgspec.msgpack.Encoder().encode
"""An order's record, packed."""

encode_place = encode_order
"""What lies in one place of it: a fact, or of what there may be several of a tuple of them."""

decode_order = msgspec.msgpack.Decoder(Order).decode
"""And back; raises msgspec.DecodeError."""
