"""How good is a shop in all?  The weighted mean of the points of several metrics, exact (SEMANTICS S1, S2)."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import lcm
from typing import Final

from stream.engine.windows import Sums
from stream.policy.spec import ScorePart

ONE: Final = Fraction(1)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a score, the window that it looks at, and whether a high rate is good (SEMANTICS U8)."""

    spec: ScorePart
    window: int
    below: bool

    def points(self, sums: Sums) -> Fraction | None:
        """Of what is counted in the window; None if it is too little."""
        if sums.counted < self.spec.min_orders:
            return None
        rate = Fraction(sums.good if self.below else sums.bad, sums.counted)
        if self.spec.points is not None:
            return on_line(self.spec.points, rate)
        return rate if self.below else max(ONE - rate, Fraction(0))

    def cost(self, sums: Sums) -> Fraction:
        """How much it takes from the score: its weight times what is missing to its best; less than 0 if too little counts.

        A part that counts too little to be judged by explains nothing, whatever `missing` gives for it.
        """
        points = self.points(sums)
        if points is None:
            return -ONE
        best = ONE if self.spec.points is None else max(each for _, each in self.spec.points)
        return self.spec.weight * (best - points)


@dataclass(frozen=True, slots=True)
class Piece:
    """Up to the rate ``over / under`` (0: without end) a part lies ``(flat + steep * rate) / whole`` from a line."""

    over: int
    under: int
    flat: int
    steep: int
    whole: int


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a score is from a line, times the weights' sum: by whole numbers, which is exact, and quick."""

    parts: tuple[tuple[Part, tuple[Piece, ...], Piece | None], ...]
    weights: tuple[int, ...]
    """Of the parts, whole numbers each: the weight times ``scale``."""
    scale: int

    def below(self, sums: list[Sums]) -> bool | None:
        """Whether the score is strictly below the line; None if there is none (SEMANTICS S2)."""
        above, _ = self._measured(sums)
        return None if above is None else above < 0

    def mean(self, sums: list[Sums]) -> tuple[int, int] | None:
        """How far the score is above the line, as a numerator and a denominator; None if there is none."""
        above, under = self._measured(sums)
        if above is None:
            return None
        weights = 0
        for (part, _, missing), weight in zip(self.parts, self.weights, strict=True):
            if missing is not None or sums[part.window].counted >= part.spec.min_orders:
                weights += weight
        return above * self.scale, under * weights

    def _measured(self, sums: list[Sums]) -> tuple[int | None, int]:
        """The distance as a numerator and a denominator; no numerator if no part has enough."""
        above, under, scored = 0, 1, False
        for part, pieces, missing in self.parts:
            mine = sums[part.window]
            if mine.counted >= part.spec.min_orders:
                scored = True
                counted, share = mine.counted, mine.good if part.below else mine.bad
                piece = _piece_at(pieces, share, counted)
            elif missing is not None:
                counted, share, piece = 1, 0, missing
            else:
                continue
            whole = piece.whole * counted
            above = above * whole + (piece.flat * counted + piece.steep * share) * under
            under *= whole
        return above if scored else None, under


def _piece_at(pieces: tuple[Piece, ...], share: int, counted: int) -> Piece:
    for piece in pieces:
        if share * piece.under <= piece.over * counted:
            return piece
    raise ValueError("the last piece has no end")


def distance(parts: Sequence[Part], missing: Fraction | None, line: Fraction) -> Distance:
    """From ``line``; ``missing`` are the points of a part with too few, None: it is left out."""
    scale = lcm(*(part.spec.weight.denominator for part in parts))
    return Distance(
        tuple(
            (
                part,
                tuple(_piece(part, line, *segment) for segment in _segments(part)),
                None if missing is None else _piece(part, line, None, missing, Fraction(0)),
            )
            for part in parts
        ),
        tuple(int(part.spec.weight * scale) for part in parts),
        scale,
    )


def _segments(part: Part) -> Iterator[tuple[Fraction | None, Fraction, Fraction]]:
    """The line of a part's points: up to which rate, where it begins at the rate 0, and how steep it is."""
    points = part.spec.points
    if points is None:
        yield (None, Fraction(0), ONE) if part.below else (ONE, ONE, -ONE)
    else:
        yield points[0][0], points[0][1], Fraction(0)
        for (left, low), (right, high) in pairwise(points):
            steep = (high - low) / (right - left)
            yield right, low - steep * left, steep
    yield None, Fraction(0) if points is None else points[-1][1], Fraction(0)


def _piece(part: Part, line: Fraction, until: Fraction | None, flat: Fraction, steep: Fraction) -> Piece:
    over, under = (0, 0) if until is None else until.as_integer_ratio()
    from_line, slope = part.spec.weight * (flat - line), part.spec.weight * steep
    whole = lcm(from_line.denominator, slope.denominator)
    return Piece(over, under, int(from_line * whole), int(slope * whole), whole)


def on_line(line: Sequence[tuple[Fraction, Fraction]], rate: Fraction) -> Fraction:
    """The points at ``rate``: straight between those given, flat beyond them."""
    after = bisect_right(line, rate, key=lambda point: point[0])
    if after == 0:
        return line[0][1]
    if after == len(line):
        return line[-1][1]
    (left, low), (right, high) = line[after - 1], line[after]
    return low + (high - low) * (rate - left) / (right - left)
