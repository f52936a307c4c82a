"""How are numbers and lengths of time said in a few cells?"""

from decimal import ROUND_FLOOR, Decimal

from topics.rates import RuleRates, TierRates

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

NOTHING = "-"


def figure(tier: TierRates) -> str:
    """A rate in percent, or a score, with one digit behind the point, cut: 79.99 is not said to be 80.0."""
    if tier.score is not None:
        return _cut(tier.score)
    return NOTHING if tier.rate is None else _cut(tier.rate, 100)


def _cut(value: float, times: int = 1) -> str:
    return f"{(Decimal(str(value)) * times).quantize(Decimal('0.1'), ROUND_FLOOR):f}"


def line(rule: RuleRates) -> str:
    """The thresholds of a rule, as its figures are written: ``85/80``."""
    return "/".join(_threshold(tier) for tier in rule.tiers if tier.threshold is not None)


def _threshold(tier: TierRates) -> str:
    threshold = tier.threshold or 0
    return f"{threshold:g}" if scored(tier) else f"{round(threshold * 100, 4):g}"


def scored(tier: TierRates) -> bool:
    """Whether its rule is on a score; a shop without a score has no count either."""
    return tier.counted is None


def count(number: int) -> str:
    """``1,234``, and ``1.2 M`` where that would take too long."""
    return f"{number:,}" if number < 1_000_000 else f"{number / 1_000_000:.1f} M"


def length(milliseconds: float) -> str:
    """``0.4 s``, ``25 s``, ``12 min``, ``3.5 h``, ``12 d``."""
    if milliseconds < 10_000:
        return f"{milliseconds / 1000:.1f} s"
    if milliseconds < 2 * MINUTE_MS:
        return f"{milliseconds / 1000:.0f} s"
    if milliseconds < 2 * HOUR_MS:
        return f"{milliseconds / MINUTE_MS:.0f} min"
    if milliseconds < 2 * DAY_MS:
        return f"{milliseconds / HOUR_MS:.1f} h"
    return f"{milliseconds / DAY_MS:.0f} d"


def per_second(speed: float) -> str:
    """``1,234/s``."""
    return f"{speed:,.0f}/s"
