"""What does a tier see at an instant?  Its counts as documents say them: those of alerts and those of rates (DESIGN 6)."""

from operator import truediv

from stream.engine.rules import CompiledTier, RateTier
from stream.engine.windows import Sums
from topics.alerts import Counts


def counts(tier: CompiledTier, sums: list[Sums]) -> Counts:
    """What ``tier`` sees in ``sums``, those of all windows."""
    if isinstance(tier, RateTier):
        mine = sums[tier.window]
        return Counts(
            good=mine.good,
            bad=mine.bad,
            counted=mine.counted,
            rate=six_digits(tier.share(mine), mine.counted),
            threshold=tier.threshold,
            headroom=tier.headroom(mine),
        )
    score = tier.zero.mean(sums)
    return Counts(
        good=None,
        bad=None,
        counted=None,
        rate=None,
        threshold=tier.threshold,
        headroom=None,
        score=None if score is None else six_digits(score[0], score[1]),
    )


def six_digits(over: int, under: int) -> float | None:
    """``over / under``, neither below 0, rounded to six digits, half to even; None for nothing of nothing."""
    if not under:
        return None
    millionths = over * 1_000_000
    whole = millionths // under
    twice = (millionths - whole * under) * 2
    if twice > under or (twice == under and whole % 2):
        whole += 1
    # Not by `/`: compiled, that makes a float of each first, and so rounds twice where the number is large.
    rounded: float = truediv(whole, 1_000_000)
    return rounded
