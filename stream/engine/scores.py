"""How good is a shop in all?  The weighted mean of the points of several metrics, exact (SEMANTICS S1, S2)."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from stream.engine.windows import Sums
from stream.policy.spec import ScorePart

ONE = Fraction(1)


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


def on_line(line: Sequence[tuple[Fraction, Fraction]], rate: Fraction) -> Fraction:
    """The points at ``rate``: straight between those given, flat beyond them."""
    after = bisect_right(line, rate, key=lambda point: point[0])
    if after == 0:
        return line[0][1]
    if after == len(line):
        return line[-1][1]
    (left, low), (right, high) = line[after - 1], line[after]
    return low + (high - low) * (rate - left) / (right - left)


def score(parts: Sequence[Part], missing: Fraction | None, sums: Sequence[Sums]) -> Fraction | None:
    """The weighted mean; ``sums`` are those of all windows.  None if no part has enough (SEMANTICS S2)."""
    points = [part.points(sums[part.window]) for part in parts]
    if all(each is None for each in points):
        return None
    weighed = [
        (part.spec.weight, missing if each is None else each)
        for part, each in zip(parts, points, strict=True)
    ]
    known = [(weight, each) for weight, each in weighed if each is not None]
    return sum((weight * each for weight, each in known), Fraction(0)) / sum(weight for weight, _ in known)
