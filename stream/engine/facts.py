"""What may happen to an order?  Facts, each as it lies in its order's record, and read there when it is asked for something.

A fact begins with its time and its event id and goes on with the fields in the contract's order, which is the order that
"least" asks for when repeats are joined (SEMANTICS F2).
"""

from typing import Any, ClassVar, Final, final

import msgspec
from mypy_extensions import i64, mypyc_attr

from stream.engine.packing import NIL, TRUE, after, entry, number, number_or_none, text, text_or_none

_pack: Final = msgspec.msgpack.Encoder().encode
_unpack: Final = msgspec.msgpack.Decoder(list[object]).decode


@mypyc_attr(acyclic=True)
class Fact:
    """What happened ``at`` an instant, in milliseconds: the list of its fields that begins in ``packed`` at ``begin``.

    At 0 there is nothing else in ``packed``; each kind makes one of its fields so, by `of`.  Nothing but the first field is
    looked at (packing.DamagedError): that is for whoever takes ``packed`` from outside.
    """

    __slots__ = ("_begin", "_packed", "at")

    names: ClassVar[tuple[str, ...]] = ()
    """Of the fields."""

    def __init__(self, packed: bytes, begin: i64) -> None:
        self._packed = packed
        self._begin = begin
        self.at = number(packed, entry(packed, begin, 0))

    @property
    def event_id(self) -> str:
        """Of the event that told it."""
        return self._text(1)

    def packed(self) -> bytes:
        """It alone."""
        if self._begin == 0:
            return self._packed
        return self._packed[self._begin : after(self._packed, self._begin)]

    def fields(self) -> list[object]:
        """What each is."""
        return _unpack(self.packed())

    def told(self) -> dict[str, Any]:
        """The same by their names."""
        return dict(zip(type(self).names, self.fields(), strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Fact) and type(other) is type(self) and other.packed() == self.packed()

    def __hash__(self) -> int:
        return hash(self.packed())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={each!r}' for name, each in self.told().items())})"

    def _text(self, index: i64) -> str:
        return text(self._packed, entry(self._packed, self._begin, index))

    def _text_or_none(self, index: i64) -> str | None:
        return text_or_none(self._packed, entry(self._packed, self._begin, index))

    def _time_or_none(self, index: i64) -> int | None:
        return number_or_none(self._packed, entry(self._packed, self._begin, index))


@mypyc_attr(acyclic=True)
@final
class Paid(Fact):
    """The order was paid."""

    __slots__ = ()
    names = (
        "at", "event_id", "ship_by", "goods", "ship_from", "ship_to", "items", "amount", "currency", "category",
    )  # fmt: skip

    @staticmethod
    def of(  # noqa: PLR0913, PLR0917 - a record
        at: int,
        event_id: str,
        ship_by: int | None,
        goods: str,
        ship_from: str,
        ship_to: str,
        items: int,
        amount: int,
        currency: str,
        category: str | None,
    ) -> "Paid":
        """One with these fields."""
        return Paid(
            _pack((at, event_id, ship_by, goods, ship_from, ship_to, items, amount, currency, category)), 0
        )

    @property
    def ship_by(self) -> int | None:
        """The promise."""
        return self._time_or_none(2)

    @property
    def goods(self) -> str:
        """Which kind of them."""
        return self._text(3)

    @property
    def ship_from(self) -> str:
        """A region."""
        return self._text(4)

    @property
    def ship_to(self) -> str:
        """A region."""
        return self._text(5)

    @property
    def category(self) -> str | None:
        """Of the goods."""
        return self._text_or_none(9)


@mypyc_attr(acyclic=True)
@final
class Changed(Fact):
    """The promise was changed."""

    __slots__ = ()
    names = ("at", "event_id", "ship_by", "reason")

    @staticmethod
    def of(at: int, event_id: str, ship_by: int, reason: str) -> "Changed":
        """One with these fields."""
        return Changed(_pack((at, event_id, ship_by, reason)), 0)

    @property
    def ship_by(self) -> int:
        """The promise from then on."""
        return number(self._packed, entry(self._packed, self._begin, 2))

    @property
    def reason(self) -> str:
        """Why, in a word."""
        return self._text(3)


@mypyc_attr(acyclic=True)
@final
class Cancelled(Fact):
    """The order was called off."""

    __slots__ = ()
    names = ("at", "event_id", "by", "reason")

    @staticmethod
    def of(at: int, event_id: str, by: str, reason: str) -> "Cancelled":
        """One with these fields."""
        return Cancelled(_pack((at, event_id, by, reason)), 0)

    @property
    def by(self) -> str:
        """By whom, in a word."""
        return self._text(2)

    @property
    def reason(self) -> str:
        """Why, in a word."""
        return self._text(3)


@mypyc_attr(acyclic=True)
@final
class Shipped(Fact):
    """A package left the shop."""

    __slots__ = ()
    names = ("at", "event_id", "package_id", "carrier", "completes_order")

    @staticmethod
    def of(at: int, event_id: str, package_id: str, carrier: str, completes_order: bool | None) -> "Shipped":  # noqa: FBT001 - a field
        """One with these fields."""
        return Shipped(_pack((at, event_id, package_id, carrier, completes_order)), 0)

    @property
    def package_id(self) -> str:
        """Which."""
        return self._text(2)

    @property
    def carrier(self) -> str:
        """By whom."""
        return self._text(3)

    @property
    def completes_order(self) -> bool | None:
        """Whether the order was complete with it; None means that it was."""
        tag = self._packed[entry(self._packed, self._begin, 4)]
        return None if tag == NIL else tag == TRUE


@mypyc_attr(acyclic=True)
@final
class PickedUp(Fact):
    """A carrier scanned a package."""

    __slots__ = ()
    names = ("at", "event_id", "package_id", "carrier")

    @staticmethod
    def of(at: int, event_id: str, package_id: str, carrier: str) -> "PickedUp":
        """One with these fields."""
        return PickedUp(_pack((at, event_id, package_id, carrier)), 0)

    @property
    def package_id(self) -> str:
        """Which."""
        return self._text(2)

    @property
    def carrier(self) -> str:
        """By whom."""
        return self._text(3)


@mypyc_attr(acyclic=True)
@final
class Requested(Fact):
    """The buyer asked for money back."""

    __slots__ = ()
    names = ("at", "event_id", "refund_id", "kind", "reason", "fault")

    @staticmethod
    def of(at: int, event_id: str, refund_id: str, kind: str, reason: str, fault: str) -> "Requested":  # noqa: PLR0913, PLR0917 - a record
        """One with these fields."""
        return Requested(_pack((at, event_id, refund_id, kind, reason, fault)), 0)

    @property
    def refund_id(self) -> str:
        """Which."""
        return self._text(2)

    @property
    def kind(self) -> str:
        """With the goods sent back, or without."""
        return self._text(3)

    @property
    def reason(self) -> str:
        """Why, in a word."""
        return self._text(4)

    @property
    def fault(self) -> str:
        """Whose it is, in a word."""
        return self._text(5)


@mypyc_attr(acyclic=True)
@final
class Withdrawn(Fact):
    """The buyer took a request back."""

    __slots__ = ()
    names = ("at", "event_id", "refund_id")

    @staticmethod
    def of(at: int, event_id: str, refund_id: str) -> "Withdrawn":
        """One with these fields."""
        return Withdrawn(_pack((at, event_id, refund_id)), 0)

    @property
    def refund_id(self) -> str:
        """Which."""
        return self._text(2)


@mypyc_attr(acyclic=True)
@final
class Resolved(Fact):
    """A request was answered."""

    __slots__ = ()
    names = ("at", "event_id", "refund_id", "outcome")

    @staticmethod
    def of(at: int, event_id: str, refund_id: str, outcome: str) -> "Resolved":
        """One with these fields."""
        return Resolved(_pack((at, event_id, refund_id, outcome)), 0)

    @property
    def refund_id(self) -> str:
        """Which."""
        return self._text(2)

    @property
    def outcome(self) -> str:
        """How, in a word."""
        return self._text(3)


KINDS: Final[tuple[type[Fact], ...]] = (
    Paid, Changed, Cancelled, Shipped, PickedUp, Requested, Withdrawn, Resolved,
)  # fmt: skip

KIND_BITS: Final[dict[type[Fact], int]] = {kind: 1 << index for index, kind in enumerate(KINDS)}
"""Kinds of fact as bits, so that a set of them is a number."""
