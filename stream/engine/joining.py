"""How are facts joined?  So that neither their order of arrival nor repeats matter (SEMANTICS F1-F3).

Of the repeats of one thing the least counts, whole, and of each kind of thing the hundred least are kept: both are the
minimum of a set, so joining is commutative and idempotent.
"""

from bisect import insort
from typing import Final

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
from stream.engine.order import Order

MOST_OF_A_KIND: Final = 100
"""So many changes, packages and refunds of one order are kept (SEMANTICS F2)."""

_SINGLE: Final[dict[type, str]] = {Paid: "paid", Cancelled: "cancelled"}
_MANY: Final[dict[type, tuple[str, str]]] = {
    Changed: ("changed", "event_id"),
    Shipped: ("shipped", "package_id"),
    PickedUp: ("picked_up", "package_id"),
    Requested: ("requested", "refund_id"),
    Withdrawn: ("withdrawn", "refund_id"),
    Resolved: ("resolved", "refund_id"),
}
"""Where facts of a kind are kept, and which of their fields says what thing they are of."""

FIELDS: Final[dict[type, str]] = _SINGLE | {kind: name for kind, (name, _) in _MANY.items()}
"""Where facts of every kind are kept."""

SEVERAL: Final = frozenset(_MANY)
"""The kinds of which an order may have several facts."""


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
    return tuple((field is not None, field) for field in fact.fields())
