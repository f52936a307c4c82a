"""How is an order kept?  Packed, as the ledger has it; those that facts have come for of late unpacked too, until their instants come."""

from typing import Final, final

from mypy_extensions import mypyc_attr

from stream.engine.facts import Order, decode_order

UNPACKED: Final = 8_192
"""So many orders of an engine are held unpacked: those of a few batches, whose facts the clock is about to come to."""


@mypyc_attr(acyclic=True)
@final
class Kept:
    """An order of a shop; timers hold it too, and find it forgotten once it is."""

    __slots__ = ("order_id", "packed", "shop", "unpacked")

    def __init__(self, shop: str, order_id: str, packed: bytes | None = None) -> None:
        self.shop = shop
        self.order_id = order_id
        self.packed = packed
        """Its record; None: nothing is known of it, not yet or not any more."""
        self.unpacked: Order | None = None
        """What the record says, while it is held; for all to see, so to be changed only by who writes the record."""

    def order(self) -> Order:
        """What is known of it.  Raises msgspec.DecodeError of a damaged record."""
        if self.unpacked is not None:
            return self.unpacked
        return Order() if self.packed is None else decode_order(self.packed)

    def forget(self) -> None:
        """Nothing is known of it any more."""
        self.packed = None
        self.unpacked = None


@final
class Unpacked:
    """The ``most`` orders that are held unpacked: for each that comes the one that came first goes."""

    def __init__(self, most: int) -> None:
        self._held: list[Kept | None] = [None] * most
        self._oldest = 0

    def hold(self, kept: Kept, order: Order) -> None:
        """``order`` is what the record of ``kept`` says."""
        if kept.unpacked is None:
            self._in_place_of_the_oldest(kept)
        kept.unpacked = order

    def _in_place_of_the_oldest(self, kept: Kept) -> None:
        gone = self._held[self._oldest]
        if gone is not None:
            gone.unpacked = None
        self._held[self._oldest] = kept
        self._oldest = (self._oldest + 1) % len(self._held)
