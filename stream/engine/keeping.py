"""How is an order kept?  Packed, as the ledger has it; the first fact of a kind is put into its place in the record as it lies."""

from typing import Final, final

from mypy_extensions import mypyc_attr

from stream.engine.facts import Fact
from stream.engine.joining import FIELDS, SEVERAL, join
from stream.engine.order import PLACES, Order, decode_order, encode_order
from stream.engine.packing import LIST

_NOTHING: Final[bytes] = encode_order(Order())
"""The record of an order of which nothing is known: how many places there are, and each of them empty, a byte each."""

_PLACE: Final[dict[type, int]] = {kind: PLACES.index(field) for kind, field in FIELDS.items()}
"""Where in a record facts of a kind lie."""

_PLACES: Final = len(PLACES)

_ONE: Final = bytes([LIST + 1])
"""What a list of one fact begins with."""

_UNKNOWN: Final = _PLACES + 1
"""Of a record into which nobody has looked: there may be something in any place."""


@mypyc_attr(acyclic=True)
@final
class Kept:
    """An order of a shop; timers hold it too, and find it forgotten once it is."""

    __slots__ = ("_free", "order_id", "packed", "shop")

    def __init__(self, shop: str, order_id: str, packed: bytes | None = None) -> None:
        self.shop = shop
        self.order_id = order_id
        self.packed = packed
        """Its record; None: nothing is known of it, not yet or not any more."""
        self._free = 0 if packed is None else _UNKNOWN
        """The places from this one on are empty."""

    def order(self) -> Order:
        """What is known of it.  Raises DamagedError of a damaged record."""
        return Order() if self.packed is None else decode_order(self.packed)

    def join(self, fact: Fact) -> bool:
        """Add ``fact`` to what is known; False if that changes nothing.  Raises DamagedError of a damaged record.

        Facts nearly always come in the order in which their places lie: such a record need not be unpacked.
        """
        place = _PLACE[type(fact)]
        if place >= self._free:
            self.packed = _appended(self.packed, fact, place)
            self._free = place + 1
            return True
        order = self.order()
        if not join(order, fact):
            return False
        self.packed = encode_order(order)
        self._free = _first_free(order)
        return True

    def forget(self) -> None:
        """Nothing is known of it any more."""
        self.packed = None


def _appended(packed: bytes | None, fact: Fact, place: int) -> bytes:
    """The record with ``fact`` in its ``place``, where that and all behind it are empty."""
    record = _NOTHING if packed is None else packed
    placed = _ONE + fact.packed() if type(fact) in SEVERAL else fact.packed()
    return record[: len(record) - (_PLACES - place)] + placed + _NOTHING[place + 2 :]


def _first_free(order: Order) -> int:
    """The place behind the last one with something in it."""
    filled = [place for place, found in enumerate(order.fields()) if found]
    return filled[-1] + 1 if filled else 0
