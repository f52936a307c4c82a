"""Where is a tier on a score in breach, and where is it not clear?  (SEMANTICS S1-S3)

A score is a weighted mean of rates and so a fraction whose denominator is a product of counts: exact arithmetic on it does not
fit into 64 bits.  So its distance from the line is enclosed between two whole numbers, over all points at once; only where
these do not agree on the side is the engine's own exact arithmetic asked, point by point.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

import numpy as np

from stream.backtest.columns.lines import BETWEEN, BREACH, Classes
from stream.backtest.columns.pairs import Pairs, places
from stream.backtest.columns.points import Points
from stream.backtest.timeline.rows import I32, I64, Flags
from stream.engine.rules import ScoreTier
from stream.engine.scores import Distance, Piece
from stream.engine.windows import NOTHING, Sums

_RATE_BITS = 24
"""A rate is known to 1 in 2 ** 24."""
_FINE_BITS = 24
"""So fine are the numbers that say where a part's line begins and how steep it is."""
_ROOM = 1 << 62


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of several windows at every instant at which one of them changes; good, bad and counted of each."""

    shop: I32
    at: I64
    of: Mapping[int, tuple[I64, I64, I64]]

    def at_point(self, windows: int, index: int) -> list[Sums]:
        """The sums of all ``windows`` at one point, as the engine has them."""
        sums = [NOTHING] * windows
        for window, (good, bad, counted) in self.of.items():
            sums[window] = Sums(int(good[index]), int(bad[index]), int(counted[index]))
        return sums

    def some(self, indexes: I64) -> "Counts":
        """At these points only."""
        of = {
            window: (good[indexes], bad[indexes], counted[indexes])
            for window, (good, bad, counted) in self.of.items()
        }
        return Counts(self.shop[indexes], self.at[indexes], of)


def together(windows: Mapping[int, Points]) -> Counts:
    """The windows side by side."""
    pairs = Pairs(
        min((int(points.at.min()) for points in windows.values() if len(points.at)), default=0),
        max((int(points.at.max()) for points in windows.values() if len(points.at)), default=0),
        max((int(points.shop[-1]) for points in windows.values() if len(points.at)), default=0),
    )
    packed = {window: pairs.pack(points.shop, points.at) for window, points in windows.items()}
    instants = np.concatenate(list(packed.values()))
    instants.sort()  # np.unique would go by hashes, which is several times as slow
    new = np.ones(len(instants), np.bool_)
    new[1:] = instants[1:] != instants[:-1]
    instants = instants[new]
    shop = np.zeros(len(instants), np.int32)
    at = np.zeros(len(instants), np.int64)
    for window, points in windows.items():
        mine = places(instants, packed[window])
        shop[mine], at[mine] = points.shop, points.at
    of = {
        window: _aligned(points, shop, places(packed[window], instants, after=True) - 1)
        for window, points in windows.items()
    }
    return Counts(shop, at, of)


def _aligned(points: Points, shop: I32, last: I64) -> tuple[I64, I64, I64]:
    """What counts in one window at all instants; ``last`` is where its latest change up to each stands."""
    if not len(points.at):
        nothing = np.zeros(len(shop), np.int64)
        return nothing, nothing, nothing
    index = np.maximum(last, 0)
    known = (last >= 0) & (points.shop[index] == shop)
    good, bad, counted = (
        np.where(known, column[index], 0).astype(np.int64)
        for column in (points.good, points.bad, points.counted)
    )
    return good, bad, counted


def score_classes(tier: ScoreTier, counts: Counts, windows: int) -> Classes:
    """What ``tier`` makes of every point of ``counts``; ``windows`` are all that the engine knows."""
    found: Classes = np.zeros(len(counts.at), np.uint8)
    # A threshold never lies inside ``clear_at`` (R1): what is not below that is not below the threshold.
    unclear = np.flatnonzero(_below(tier.clear_at, counts, windows))
    found[unclear] = BETWEEN
    found[unclear[_below(tier.line, counts.some(unclear), windows)]] = BREACH
    return found


def _below(line: Distance, counts: Counts, windows: int) -> Flags:
    """Where the score is strictly below ``line``; where there is none it is not."""

    def exactly(index: int) -> bool:
        return line.below(counts.at_point(windows, index)) is True

    enclosed = _enclosed(line, counts)
    if enclosed is None:
        return np.array([exactly(index) for index in range(len(counts.at))], np.bool_)
    least, most, scored = enclosed
    below: Flags = most < 0
    for index in np.flatnonzero((most >= 0) & (least < 0) & scored).tolist():
        below[index] = exactly(index)
    return below & scored


def _enclosed(line: Distance, counts: Counts) -> tuple[I64, I64, Flags] | None:
    """Two numbers between which the distance lies, in some fine unit, and where there is a score.

    None where the numbers of a policy are so far apart that 64 bits have no room for them.
    """
    unit = _unit(line)
    if unit is None:
        return None
    size = len(counts.at)
    least, most, scored = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.bool_)
    for part, pieces, missing in line.parts:
        good, bad, counted = counts.of[part.window]
        enough = counted >= part.spec.min_orders
        scored |= enough
        low, high = _part(pieces, good if part.below else bad, counted, unit)
        if missing is None:
            low, high = np.where(enough, low, 0), np.where(enough, high, 0)
        else:
            flat = Fraction(missing.flat, missing.whole) / unit
            low, high = np.where(enough, low, floor(flat)), np.where(enough, high, ceil(flat))
        least += low
        most += high
    return least, most, scored


def _unit(line: Distance) -> Fraction | None:
    """So fine that the greatest number of a line is about 2 ** `_FINE_BITS` of them, times what a rate is told in."""
    numbers = [
        abs(Fraction(number, piece.whole))
        for _, pieces, missing in line.parts
        for piece in (*pieces, *([] if missing is None else [missing]))
        for number in (piece.flat, piece.steep)
    ]
    steepest_rates = [
        Fraction(piece.over, piece.under) for _, pieces, _ in line.parts for piece in pieces if piece.under
    ]
    greatest = max(numbers, default=Fraction(0)) or Fraction(1)
    reach = max([Fraction(1), *steepest_rates])
    total = (1 << (_FINE_BITS + _RATE_BITS)) * (reach + 1) * max(1, len(line.parts)) * 4
    return greatest / (1 << (_FINE_BITS + _RATE_BITS)) if total < _ROOM else None


def _part(pieces: Sequence[Piece], share: I64, counted: I64, unit: Fraction) -> tuple[I64, I64]:
    """Between which numbers a part's distance lies, times its weight; of points with too few it does not matter."""
    least, most = np.zeros(len(share), np.int64), np.zeros(len(share), np.int64)
    safe = np.maximum(counted, 1)
    left = np.ones(len(share), np.bool_)
    for piece in pieces:
        here = left & _up_to(piece, share, safe)
        left &= ~here
        if here.any():
            least[here], most[here] = _on_piece(piece, share[here], safe[here], unit)
    return least, most


def _up_to(piece: Piece, share: I64, counted: I64) -> Flags:
    """Where the rate is in the piece, if in none before it."""
    if piece.under == 0:
        return np.ones(len(share), np.bool_)
    most = max(int(share.max(initial=0)), int(counted.max(initial=0))) * max(abs(piece.over), piece.under)
    if most >= _ROOM:
        share, counted = share.astype(object), counted.astype(object)
    found: Flags = (share * piece.under <= counted * piece.over).astype(np.bool_)
    return found


def _on_piece(piece: Piece, share: I64, counted: I64, unit: Fraction) -> tuple[I64, I64]:
    flat = Fraction(piece.flat, piece.whole) / unit
    low, high = np.full(len(share), floor(flat), np.int64), np.full(len(share), ceil(flat), np.int64)
    if piece.steep:
        steep = Fraction(piece.steep, piece.whole) / unit / (1 << _RATE_BITS)
        down, up = floor(steep), ceil(steep)
        rate = (share << _RATE_BITS) // counted
        over = rate + ((rate * counted) != (share << _RATE_BITS))
        low += np.minimum(down * rate, down * over)
        high += np.maximum(up * rate, up * over)
    return low, high
