"""What is known of one order?  Facts, joined so that neither their order of arrival nor repeats matter (SEMANTICS F1-F3).

Of the repeats of one thing the least counts, whole, and of each kind of thing the hundred least are kept: both are the
minimum of a set, so joining is commutative and idempotent.  A fact is a tuple that begins with its time and its event id
and goes on with the fields in the contract's order, which is the order that "least" asks for.
"""

from bisect import insort
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

MOST_OF_A_KIND = 100
"""So many changes, packages and refunds of one order are kept (SEMANTICS F2)."""


class Paid(NamedTuple):
    """The order was paid."""

    at: int
    event_id: str
    ship_by: int | None
    goods: str
    ship_from: str
    ship_to: str
    items: int
    amount: int
    currency: str
    category: str | None


class Changed(NamedTuple):
    """The promise was changed."""

    at: int
    event_id: str
    ship_by: int
    reason: str


class Cancelled(NamedTuple):
    """The order was called off."""

    at: int
    event_id: str
    by: str
    reason: str


class Shipped(NamedTuple):
    """A package left the shop; ``completes_order`` None means true."""

    at: int
    event_id: str
    package_id: str
    carrier: str
    completes_order: bool | None


class PickedUp(NamedTuple):
    """A carrier scanned a package."""

    at: int
    event_id: str
    package_id: str
    carrier: str


class Requested(NamedTuple):
    """The buyer asked for money back."""

    at: int
    event_id: str
    refund_id: str
    kind: str
    reason: str
    fault: str


class Withdrawn(NamedTuple):
    """The buyer took a request back."""

    at: int
    event_id: str
    refund_id: str


class Resolved(NamedTuple):
    """A request was answered."""

    at: int
    event_id: str
    refund_id: str
    outcome: str


Fact = Paid | Changed | Cancelled | Shipped | PickedUp | Requested | Withdrawn | Resolved


class Order(msgspec.Struct, array_like=True):
    """An order's record; every list is in the order of time."""

    paid: Paid | None = None
    cancelled: Cancelled | None = None
    changed: list[Changed] = []
    shipped: list[Shipped] = []
    picked_up: list[PickedUp] = []
    requested: list[Requested] = []
    withdrawn: list[Withdrawn] = []
    resolved: list[Resolved] = []

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
_MANY: Mapping[type, tuple[str, int]] = {
    Changed: ("changed", 1),
    Shipped: ("shipped", 2),
    PickedUp: ("picked_up", 2),
    Requested: ("requested", 2),
    Withdrawn: ("withdrawn", 2),
    Resolved: ("resolved", 2),
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
        many, identity = _MANY[type(fact)]
        return _join_many(getattr(order, many), fact, identity)
    known = getattr(order, name)
    if known is not None and not _less(fact, known):
        return False
    setattr(order, name, fact)
    return True


def _join_many(known: list[Fact], fact: Fact, identity: int) -> bool:
    if not known:
        known.append(fact)
        return True
    name = fact[identity]
    for index, other in enumerate(known):
        if other[identity] == name:
            if not _less(fact, other):
                return False
            del known[index]
            break
    else:
        if len(known) == MOST_OF_A_KIND and not _less(fact, known[-1]):
            return False
    insort(known, fact, key=_rank)
    del known[MOST_OF_A_KIND:]
    return True


def _less(one: Fact, other: Fact) -> bool:
    first, second = one[:2], other[:2]
    return first < second if first != second else _rank(one) < _rank(other)


def _rank(fact: Fact) -> tuple[tuple[bool, object], ...]:
    """By which facts of one thing are compared: a missing field comes first.  Texts compare as their UTF-8 bytes do."""
    return tuple((field is not None, field) for field in fact)
