"""How much counts in a window, at every instant at which that changes?  Sums of what entered less what left (SEMANTICS W2).

A row counts in a window from the later of its own instant and the entering of its pane, until its pane leaves.  So a
window's counts are the running sums, by time, of what enters and, turned, of what leaves; no pane need be kept.
"""

from typing import NamedTuple

import numpy as np

from stream.backtest.timeline.rows import I32, I64, Flags, Rows
from stream.engine.windows import NOTHING, Sums, WindowKey

_CODE_BITS = 5
"""Three numbers from -1 to 1."""
_KEY_BITS = 63


class Points(NamedTuple):
    """The counts of one window, shop by shop, each from an instant on until the next of the same shop."""

    shop: I32
    at: I64
    good: I32
    bad: I32
    counted: I32
    corrected_shop: I32
    """Where, and when, a bad unit was taken back from the window; by shop, then by time."""
    corrected_at: I64
    starts: I64
    """Where each shop's begin, and, at the end, where the last one's end."""

    def last(self, shop: int, t: int) -> int:
        """Where the counts of ``shop`` at ``t`` stand; -1: nothing has counted yet."""
        if shop + 1 >= len(self.starts):
            return -1
        first, after = int(self.starts[shop]), int(self.starts[shop + 1])
        index = first + int(np.searchsorted(self.at[first:after], t, "right")) - 1
        return index if index >= first else -1

    def some(self, which: Flags) -> "Points":
        """These of them only; where bad units were taken back stays the same."""
        shop = self.shop[which]
        return Points(
            shop,
            self.at[which],
            self.good[which],
            self.bad[which],
            self.counted[which],
            self.corrected_shop,
            self.corrected_at,
            starts_of(shop),
        )

    def sums(self, shop: int, t: int) -> Sums:
        """What counts for ``shop`` at ``t``."""
        index = self.last(shop, t)
        if index < 0:
            return NOTHING
        return Sums(int(self.good[index]), int(self.bad[index]), int(self.counted[index]))

    def corrected(self, shop: int, t: int) -> bool:
        """Whether a bad unit was taken back at ``t``."""
        first = int(np.searchsorted(self.corrected_shop, shop, "left"))
        after = int(np.searchsorted(self.corrected_shop, shop, "right"))
        index = first + int(np.searchsorted(self.corrected_at[first:after], t, "left"))
        return index < after and int(self.corrected_at[index]) == t


def points(rows: Rows, key: WindowKey, end: int) -> Points:
    """The counts of the window up to and including ``end``."""
    enters, leaves, counts = _stay(rows, key, end)
    shop, began = rows.shop[counts], enters[counts]
    code = _code(rows.good[counts], rows.bad[counts], rows.counted[counts])
    turned = _CODES - 1 - code
    shops, times, codes = _ordered(
        np.concatenate([shop, shop]),
        np.concatenate([began, np.minimum(leaves[counts], end + 1)]),
        np.concatenate([code, turned]),
    )
    last = np.ones(len(shops), np.bool_)
    last[:-1] = (shops[1:] != shops[:-1]) | (times[1:] != times[:-1])
    last &= times <= end
    corrected = counts & (rows.bad < 0) & (rows.at == enters)
    shops = shops[last]
    return Points(
        shops,
        times[last],
        _running(_GOOD, codes, last),
        _running(_BAD, codes, last),
        _running(_COUNTED, codes, last),
        rows.shop[corrected],
        rows.at[corrected],
        starts_of(shops),
    )


def starts_of(shops: I32) -> I64:
    """Where each shop's begin in a column that rises, and where the last one's end."""
    most = int(shops[-1]) + 1 if len(shops) else 0
    return np.searchsorted(shops, np.arange(most + 1, dtype=np.int32)).astype(np.int64)


def _stay(rows: Rows, key: WindowKey, end: int) -> tuple[I64, I64, Flags]:
    """From when on and until when each row counts, and whether it does at all before ``end`` has passed."""
    pane = rows.place // key.pane
    enters = np.maximum(rows.at, (pane + key.lag) * key.pane)
    leaves = (pane + (key.lag + key.length)) * key.pane
    counts = (enters < leaves) & (enters <= end)
    if key.penalty:
        counts &= ~rows.spared
    return enters, leaves, counts


# What a row adds as one small number, so that it can be sorted together with its shop and its time.
_CODES = 27
_GOOD, _BAD, _COUNTED = (
    np.array([code // step % 3 - 1 for code in range(_CODES)], np.int32) for step in (9, 3, 1)
)


def _code(good: np.ndarray, bad: np.ndarray, counted: np.ndarray) -> np.ndarray:
    code: np.ndarray = ((good + 1) * 9 + (bad + 1) * 3 + (counted + 1)).astype(np.int64)
    return code


def _ordered(shop: np.ndarray, at: I64, code: np.ndarray) -> tuple[I32, I64, np.ndarray]:
    """By shop, then by time.  As one number each, if that has room: one sort instead of two."""
    if not len(at):
        return shop.astype(np.int32), at, code
    first = int(at.min())
    time_bits = (int(at.max()) - first).bit_length()
    if int(shop.max()).bit_length() + time_bits + _CODE_BITS > _KEY_BITS:
        by = np.lexsort((at, shop))
        return shop[by].astype(np.int32), at[by], code[by]
    key = (shop.astype(np.int64) << (time_bits + _CODE_BITS)) | ((at - first) << _CODE_BITS) | code
    key.sort()
    shops = (key >> (time_bits + _CODE_BITS)).astype(np.int32)
    times = ((key >> _CODE_BITS) & ((1 << time_bits) - 1)) + first
    return shops, times, key & ((1 << _CODE_BITS) - 1)


def _running(step: I32, codes: np.ndarray, last: Flags) -> I32:
    """Sums over all shops: each shop's begin at nothing, for all that enters leaves, at the latest when all is over."""
    sums: I32 = np.cumsum(step[codes], dtype=np.int32)[last]
    return sums
