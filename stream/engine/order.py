"""What is known of one order, and how is that packed into the record that the ledger has of it?

A record has a place for each kind of fact, in the order of `PLACES`: the fact, or of what there may be several a list of them
in the order of time.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final, TypeAlias, final

import msgspec
from mypy_extensions import i64, mypyc_attr

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
from stream.engine.packing import LIST, LIST_16, MOST_IN_SHORT, NIL, DamagedError, after, entries
from topics.fields import MAX_INTEGER

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


_BEGIN: Final = bytes([LIST + len(PLACES)])
_NOTHING: Final = bytes([NIL])


def encode_order(order: Order) -> bytes:
    """An order's record, packed."""
    return b"".join(
        [
            _BEGIN,
            _NOTHING if order.paid is None else order.paid.packed(),
            _NOTHING if order.cancelled is None else order.cancelled.packed(),
            _several(order.changed),
            _several(order.shipped),
            _several(order.picked_up),
            _several(order.requested),
            _several(order.withdrawn),
            _several(order.resolved),
        ]
    )


def _several(facts: Sequence[Fact]) -> bytes:
    count = len(facts)
    begin = bytes([LIST + count]) if count <= MOST_IN_SHORT else bytes([LIST_16]) + count.to_bytes(2)
    return begin + b"".join([each.packed() for each in facts])


def decode_order(packed: bytes) -> Order:
    """What a record says that is one of ours, or has been looked through (`check_record`)."""
    paid: i64 = 1
    if packed[0] != LIST + len(PLACES):
        raise DamagedError(packed[0])
    cancelled = after(packed, paid)
    changed = after(packed, cancelled)
    shipped = after(packed, changed)
    picked_up = after(packed, shipped)
    requested = after(packed, picked_up)
    withdrawn = after(packed, requested)
    resolved = after(packed, withdrawn)
    return Order(
        None if packed[paid] == NIL else Paid(packed, paid),
        None if packed[cancelled] == NIL else Cancelled(packed, cancelled),
        ()
        if packed[changed] == LIST
        else tuple([Changed(packed, each) for each in entries(packed, changed)]),
        _shipped(packed, shipped),
        _picked_up(packed, picked_up),
        ()
        if packed[requested] == LIST
        else tuple([Requested(packed, each) for each in entries(packed, requested)]),
        ()
        if packed[withdrawn] == LIST
        else tuple([Withdrawn(packed, each) for each in entries(packed, withdrawn)]),
        ()
        if packed[resolved] == LIST
        else tuple([Resolved(packed, each) for each in entries(packed, resolved)]),
    )


# Of packages there is nearly always one: that costs no list of where each begins.


def _shipped(packed: bytes, begin: i64) -> tuple[Shipped, ...]:
    if packed[begin] == LIST:
        return ()
    if packed[begin] == LIST + 1:
        return (Shipped(packed, begin + 1),)
    return tuple([Shipped(packed, each) for each in entries(packed, begin)])


def _picked_up(packed: bytes, begin: i64) -> tuple[PickedUp, ...]:
    if packed[begin] == LIST:
        return ()
    if packed[begin] == LIST + 1:
        return (PickedUp(packed, begin + 1),)
    return tuple([PickedUp(packed, each) for each in entries(packed, begin)])


Whole: TypeAlias = Annotated[int, msgspec.Meta(le=MAX_INTEGER)]

_check: Final = msgspec.msgpack.Decoder(
    tuple[
        tuple[Whole, str, Whole | None, str, str, str, Whole, Whole, str, str | None] | None,
        tuple[Whole, str, str, str] | None,
        list[tuple[Whole, str, Whole, str]],
        list[tuple[Whole, str, str, str, bool | None]],
        list[tuple[Whole, str, str, str]],
        list[tuple[Whole, str, str, str, str, str]],
        list[tuple[Whole, str, str]],
        list[tuple[Whole, str, str, str]],
    ]
).decode
"""What lies in each place, by the fields of its facts."""


def check_record(packed: bytes) -> None:
    """Look through a record from outside.  Raises msgspec.DecodeError of one that says something else than records do."""
    _check(packed)
