"""What is known of one order?  Facts, joined so that neither their order of arrival nor repeats matter (SEMANTICS F1-F3).

Of the repeats of one thing the least counts, whole, and of each kind of thing the hundred least are kept: both are the
minimum of a set, so joining is commutative and idempotent.  A fact begins with its time and its event id and goes on with
the fields in the contract's order, which is the order that "least" asks for.
"""

from bisect import insort
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import msgspec

MOST_OF_A_KIND = 100
"""So many changes, packages and refunds of one order are kept (SEMANTICS F2)."""


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


_SINGLE: Mapping[type, str] = {Paid: "paid", Cancelled: "cancelled"}
_MANY: Mapping[type, tuple[str, str]] = {
    Changed: ("changed", "event_id"),
    Shipped: ("shipped", "package_id"),
    PickedUp: ("picked_up", "package_id"),
    Requested: ("requested", "refund_id"),
    Withdrawn: ("withdrawn", "refund_id"),
    Resolved: ("resolved", "refund_id"),
}
"""Where facts of a kind are kept, and which of their fields says what thing they are of."""

KIND_BITS: Mapping[type, int] = {kind: 1 << index for index, kind in enumerate([*_SINGLE, *_MANY])}
"""Kinds of fact as bits, so that a set of them is a number."""

encode_order = msgspec.msgpack.Encoder().encode
"""An order's record, packed."""

decode_order = msgspec.msgpack.Decoder(Order).decode
"""And back; raises msgspec.DecodeError."""


def join(order: Order, fact: Fact) -> bool:
    """Add ``fact`` to what is known; False if that changes nothing."""
    name = _SINGLE.get(type(fact))
    if name is None:
        name, identity = _MANY[type(fact)]
        joined = _join_many(getattr(order, name), fact, identity)
        if joined is None:
            return False
        setattr(order, name, joined)
        return True
    known = getattr(order, name)
    if known is not None and not _less(fact, known):
        return False
    setattr(order, name, fact)
    return True


def _join_many(known: tuple[Fact, ...], fact: Fact, identity: str) -> tuple[Fact, ...] | None:
    """What is ``known`` with ``fact`` among it; None if that changes nothing."""
    if not known:
        return (fact,)
    name, others = getattr(fact, identity), list(known)
    for index, other in enumerate(known):
        if getattr(other, identity) == name:
            if not _less(fact, other):
                return None
            del others[index]
            break
    else:
        if len(known) == MOST_OF_A_KIND and not _less(fact, known[-1]):
            return None
    insort(others, fact, key=_rank)
    return tuple(others[:MOST_OF_A_KIND])


def _less(one: Fact, other: Fact) -> bool:
    if one.at != other.at:
        return one.at < other.at
    return one.event_id < other.event_id if one.event_id != other.event_id else _rank(one) < _rank(other)


def _rank(fact: Fact) -> tuple[tuple[bool, object], ...]:
    """By which facts of one thing are compared: a missing field comes first.  Texts compare as their UTF-8 bytes do."""
    return tuple((field is not None, field) for field in msgspec.structs.astuple(fact))
