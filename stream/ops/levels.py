"""How are rates told apart?  In levels of half a point, each with the bounds of its bucket exact.

A shop's rate is a share of whole numbers, ``part / counted``.  Level 0 is no rate, 1 a rate of exactly 0, 2 to 201 are
``(0, 1/200]`` to ``(199/200, 1)``, 202 is exactly 1, and 203 all beyond (SEMANTICS U4).  So a level says at once to which
bucket of `catalogue.RATES` a rate belongs, and how bad it is.
"""

from collections.abc import Sequence

from stream.ops.catalogue import RATES

STEPS = 200
NONE = 0
ZERO = 1
ONE = STEPS + 2
BEYOND = STEPS + 3
LEVELS = STEPS + 4

_ENDS = [ONE if bound == 1 else ZERO + round(bound * STEPS) for bound in RATES]
"""The last level of each bucket."""


def level(part: int, counted: int) -> int:
    """That of the rate ``part / counted``; neither is below 0."""
    if not counted:
        return NONE
    if part >= counted:
        return ONE if part == counted else BEYOND
    return ZERO - (-part * STEPS // counted)


def badness(of: int, *, good_share: bool) -> int:
    """How bad a level is: the more, the worse; 0 is not bad at all, or not known.

    ``good_share``: the rate is that of the good, so that a low one is bad (SEMANTICS U8).
    """
    if of == NONE:
        return 0
    return max(0, ONE - of) if good_share else of - ZERO


def cumulated(shops: Sequence[int]) -> list[tuple[str, int]]:
    """Of the number of shops in each level: how many have a rate of at most each bound, and in all (``+Inf``)."""
    rows, so_far, begin = [], 0, ZERO
    for bound, end in zip(RATES, _ENDS, strict=True):
        so_far += sum(shops[begin : end + 1])
        begin = end + 1
        rows.append((str(bound), so_far))
    return [*rows, ("+Inf", so_far + sum(shops[begin:]))]
