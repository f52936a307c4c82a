"""How are two columns searched as one, a shop and an instant?  As one number each, by which both are in order."""

from dataclasses import dataclass

import numpy as np

from stream.backtest.timeline.rows import I64

_ROOM = 62


@dataclass(frozen=True, slots=True)
class Pairs:
    """Makes one number of a shop and an instant; instants before ``first`` or after ``last`` are all alike."""

    first: int
    last: int
    shops: int

    def pack(self, shop: np.ndarray, at: np.ndarray) -> np.ndarray:
        """By shop, then by instant.  Where 64 bits have no room, by Python's own numbers."""
        bits = (self.last - self.first + 2).bit_length()
        since = np.clip(at, self.first - 1, self.last + 1) - (self.first - 1)
        if bits + self.shops.bit_length() <= _ROOM:
            packed: np.ndarray = (shop.astype(np.int64) << bits) | since
        else:
            packed = shop.astype(object) * (1 << bits) + since.astype(object)
        return packed


def places(known: np.ndarray, asked: np.ndarray, *, after: bool = False) -> I64:
    """Where ``asked`` would stand among ``known``, which rises: before its like or, with ``after``, behind it."""
    return np.searchsorted(known, asked, "right" if after else "left").astype(np.int64)
