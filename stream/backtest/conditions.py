"""Which conditions of a breach does a tier not find met, and is it clear?  (SEMANTICS R3, R4)

Of counts that are given, for whoever has no engine at hand: final counts of a cohort, or those that an alert carries.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from stream.policy.kinds import KINDS
from stream.policy.spec import Number, Rule, Tier, Version

Condition = Literal["line", "min_orders", "min_bad", "bad_above", "score"]


class Counted(NamedTuple):
    """What is counted in a window; of a rule on a score the score alone."""

    good: int
    bad: int
    counted: int
    score: float | None = None


def good_share(version: Version, rule: Rule) -> bool:
    """Whether the rate of ``rule`` is that of the good (SEMANTICS U8); a score is, too: more of it is better."""
    return rule.metric is None or KINDS[version.metrics[rule.metric].kind].beyond == "below"


def breach(rule: Rule, tier: Tier, counted: Counted, *, good: bool) -> bool:
    """Whether it is one; ``good`` as `good_share` says."""
    return not unmet(rule, tier, counted, good=good)


def unmet(rule: Rule, tier: Tier, counted: Counted, *, good: bool) -> Sequence[Condition]:
    """Why it is no breach; nothing if it is one."""
    if rule.score is not None:
        line = tier.below.value if tier.below else Fraction(0)
        return () if counted.score is not None and counted.score < line else ("score",)
    if tier.bad_above is not None and counted.bad > tier.bad_above:
        return ()
    found: list[Condition] = []
    threshold = tier.below or tier.above
    if threshold is None:
        return ("bad_above",)
    if counted.counted < tier.min_orders:
        found.append("min_orders")
    if not beyond(threshold, counted, good=good):
        found.append("line")
    if tier.min_bad is not None and counted.bad < tier.min_bad:
        found.append("min_bad")
    return found


def beyond(line: Number, counted: Counted, *, good: bool) -> bool:
    """Whether the rate is strictly on the bad side of ``line``, by whole numbers (SEMANTICS R2)."""
    over, under = line.value.as_integer_ratio()
    if good:
        return counted.good * under < over * counted.counted
    return counted.bad * under > over * counted.counted
