"""What may happen to an order?  Facts, which are packed into its record (`order`).

A fact begins with its time and its event id and goes on with the fields in the contract's order, which is the order that
"least" asks for when repeats are joined (SEMANTICS F2).
"""

from collections.abc import Mapping
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


KIND_BITS: Mapping[type, int] = {kind: 1 << index for index, kind in enumerate(get_args(Fact))}
"""Kinds of fact as bits, so that a set of them is a number."""
