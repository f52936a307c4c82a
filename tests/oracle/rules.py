"""Is what a tier sees a breach, is it clear, how far is it from its line, what is the score?  (SEMANTICS R3, R4, R8, S1, S2)"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil

from tests.oracle.policies import Part, Score, Tier
from tests.oracle.units import Unit


@dataclass(frozen=True)
class Counts:
    """What is in a window, with the units themselves."""

    good: int
    bad: int
    counted: int
    marked: Sequence[Unit] = ()

    def rate(self, word: str) -> Fraction | None:
        """Of good where a tier says ``below``, of bad where it says ``above`` (U8)."""
        if self.counted == 0:
            return None
        return Fraction(self.good if word == "below" else self.bad, self.counted)

    def more(self, good: int = 0, bad: int = 0) -> "Counts":
        """As it would be with so many more units."""
        return Counts(self.good + good, self.bad + bad, self.counted + good + bad)


def beyond(rate: Fraction | None, line: Fraction | None, word: str) -> bool:
    """Whether a rate is strictly on the wrong side."""
    if rate is None or line is None:
        return False
    return rate < line if word == "below" else rate > line


def breach(counts: Counts, tier: Tier, word: str) -> bool:
    """R3."""
    by_rate = (
        counts.counted >= tier.min_orders
        and beyond(counts.rate(word), tier.threshold, word)
        and (tier.min_bad is None or counts.bad >= tier.min_bad)
    )
    return by_rate or (tier.bad_above is not None and counts.bad > tier.bad_above)


def clear(counts: Counts, tier: Tier, word: str) -> bool:
    """R4."""
    if breach(counts, tier, word):
        return False
    few = counts.counted < tier.min_orders
    return few or tier.threshold is None or not beyond(counts.rate(word), tier.clear_at, word)


def headroom(counts: Counts, tier: Tier, word: str) -> int | None:
    """R8, by trying one number after the other.

    Each of the conditions of a breach is a comparison of two linear functions of n, so it changes at one n at most; beyond
    the last of these nothing changes any more.
    """
    if breach(counts, tier, word):
        last = _last_change(tier, counts, word, of_good=True)
        return next((-n for n in range(last + 1) if not breach(counts.more(good=n), tier, word)), None)
    last = _last_change(tier, counts, word, of_good=False)
    return next((n - 1 for n in range(last + 1) if breach(counts.more(bad=n), tier, word)), None)


def _last_change(tier: Tier, counts: Counts, word: str, *, of_good: bool) -> int:
    changes = [1, tier.min_orders, (tier.min_bad or 0), (tier.bad_above or 0) + 1]
    if tier.threshold is not None:
        # The n with part + n * gain == threshold * (counted + n).
        part = counts.good if word == "below" else counts.bad
        gain = 1 if of_good is (word == "below") else 0
        if gain != tier.threshold:
            changes.append(ceil((tier.threshold * counts.counted - part) / (gain - tier.threshold)))
    return max(changes) + 1


def points(part: Part, counts: Counts, word: str) -> Fraction | None:
    """What a part has (S1); None where it has too few (S2)."""
    rate = counts.rate(word)
    if rate is None or counts.counted < part.min_orders:
        return None
    if part.points is None:
        return rate if word == "below" else max(Fraction(0), 1 - rate)
    if rate <= part.points[0][0]:
        return part.points[0][1]
    for (left, low), (right, high) in pairwise(part.points):
        if rate <= right:
            return low + (high - low) * (rate - left) / (right - left)
    return part.points[-1][1]


def score(parts: Sequence[tuple[Part, Counts, str]], of: Score) -> Fraction | None:
    """The weighted mean (S2); None where no part has enough."""
    found = [(part.weight, points(part, counts, word)) for part, counts, word in parts]
    if all(value is None for _, value in found):
        return None
    filled = [(weight, of.missing if value is None else value) for weight, value in found]
    there = [(weight, value) for weight, value in filled if value is not None]
    return sum((weight * value for weight, value in there), Fraction(0)) / sum(weight for weight, _ in there)


def costliest(parts: Sequence[tuple[Part, Counts, str]]) -> Counts:
    """What is counted of the part that costs most (S3): by how much it lies below its best, times its weight.

    One with too few comes after all others, whatever `missing` gives it: what it has cannot be shown for the score.
    """

    def cost(entry: tuple[Part, Counts, str]) -> Fraction:
        part, counts, word = entry
        value = points(part, counts, word)
        best = max(high for _, high in part.points) if part.points else Fraction(1)
        return Fraction(-1) if value is None else part.weight * (best - value)

    return max(parts, key=cost)[1]
