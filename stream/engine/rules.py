"""Is a tier in breach, is it clear, and how far from its line is it?  (SEMANTICS R1-R4, R8, S3)"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from stream.engine.scores import Distance, Part, distance
from stream.engine.windows import Layout, Sums
from stream.policy.kinds import KINDS
from stream.policy.spec import Number, Rule, Tier, Version

_ZERO = Number("0", Fraction(0))
"""What no score is below; a tier on a score has a threshold, the reader sees to it."""

TierKey = tuple[str, str]
"""Rule and severity: what a tier is known by through all versions (SEMANTICS V2)."""


class Ratio(NamedTuple):
    """A decimal as two whole numbers: comparing by them is exact, and quicker than by a Fraction."""

    over: int
    under: int


class Bounds(NamedTuple):
    """Counts that are known to lie within these."""

    least_good: int
    most_bad: int
    most_counted: int


@dataclass(frozen=True, slots=True)
class RateTier:
    """A tier on a metric's rate; ``good_share`` says whether the rate is that of the good (SEMANTICS U8)."""

    key: TierKey
    rule: Rule
    tier: Tier
    threshold: int | float | None
    """The number as written, for documents."""
    window: int
    good_share: bool
    line: Ratio | None
    clear_at: Ratio | None

    @property
    def windows(self) -> Sequence[int]:
        """Those it looks at."""
        return (self.window,)

    def breach(self, sums: list[Sums]) -> bool:
        """SEMANTICS R3; ``sums`` are those of all windows."""
        return self.breach_of(sums[self.window])

    def breach_of(self, sums: Sums) -> bool:
        """The same, of its own window."""
        tier = self.tier
        if tier.bad_above is not None and sums.bad > tier.bad_above:
            return True
        return (
            self.line is not None
            and sums.counted >= tier.min_orders
            and (tier.min_bad is None or sums.bad >= tier.min_bad)
            and self._beyond(sums, self.line)
        )

    def is_safe(self, bounds: Bounds) -> bool:
        """Whether no counts within ``bounds`` are a breach; of a `good_share`."""
        tier = self.tier
        if tier.bad_above is not None and bounds.most_bad > tier.bad_above:
            return False
        if self.line is None or bounds.most_counted < tier.min_orders:
            return True
        if tier.min_bad is not None and bounds.most_bad < tier.min_bad:
            return True
        good, bad = bounds.least_good, bounds.most_bad
        return not self._beyond(Sums(good, bad, good + bad), self.line)

    def _beyond(self, sums: Sums, line: Ratio) -> bool:
        """Whether the rate is strictly on the bad side of ``line``, by whole numbers (SEMANTICS R2)."""
        over, under = line
        if self.good_share:
            return sums.good * under < over * sums.counted
        return sums.bad * under > over * sums.counted

    def clear(self, sums: list[Sums]) -> bool:
        """SEMANTICS R4, of a tier that is not in breach."""
        mine = sums[self.window]
        return (
            self.clear_at is None
            or mine.counted < self.tier.min_orders
            or not self._beyond(mine, self.clear_at)
        )

    def too_few(self, sums: list[Sums]) -> bool:
        """Whether there is too little in the window to judge by."""
        return sums[self.window].counted < self.tier.min_orders

    def rate(self, sums: Sums) -> Fraction | None:
        """None where nothing is counted (SEMANTICS U8)."""
        return Fraction(self.share(sums), sums.counted) if sums.counted else None

    def share(self, sums: Sums) -> int:
        """What the rate is the share of: the good, or the bad."""
        return sums.good if self.good_share else sums.bad

    # -- headroom (SEMANTICS R8)

    def headroom(self, sums: Sums) -> int | None:
        """How many more bad units are no breach; in breach, minus how many more good ones end it; None: no number."""
        if self.breach_of(sums):
            needed = self._good_units_needed(sums)
            return None if needed is None else -needed
        first = [n for n in (self._first_by_rate(sums), self._first_by_count(sums)) if n is not None]
        return min(first) - 1 if first else None

    def _first_by_count(self, sums: Sums) -> int | None:
        return None if self.tier.bad_above is None else self.tier.bad_above - sums.bad + 1

    def _first_by_rate(self, sums: Sums) -> int | None:
        """The least number of more bad units with which the rate is a breach, which it is not with none."""
        if self.line is None:
            return None
        least = max(0, self.tier.min_orders - sums.counted, (self.tier.min_bad or 0) - sums.bad)
        beyond = self._least_beyond(sums, self.line)
        if beyond is not None:
            return max(least, beyond)
        # More bad units do not bring the rate beyond a line of 1 or more, but it may be there already (U4).
        more = Sums(sums.good, sums.bad + least, sums.counted + least)
        return least if self._beyond(more, self.line) else None

    def _least_beyond(self, sums: Sums, line: Ratio) -> int | None:
        """From how many more bad units on the rate is beyond the line for good; None: never."""
        over, under = line
        if self.good_share:
            return None if over == 0 else max(0, sums.good * under // over - sums.counted + 1)
        if over >= under:
            return None
        return max(0, (over * sums.counted - sums.bad * under) // (under - over) + 1)

    def _good_units_needed(self, sums: Sums) -> int | None:
        """The least number of more good units that end a breach."""
        tier, line = self.tier, self.line
        if line is None or (tier.bad_above is not None and sums.bad > tier.bad_above):
            return None
        over, under = line
        if self.good_share:
            lacking, each = over * sums.counted - sums.good * under, under - over
        else:
            lacking, each = sums.bad * under - over * sums.counted, over
        return None if each <= 0 else -(-lacking // each)


@dataclass(frozen=True, slots=True)
class ScoreTier:
    """A tier on a score."""

    key: TierKey
    rule: Rule
    tier: Tier
    threshold: int | float | None
    """The number as written, for documents."""
    parts: tuple[Part, ...]
    zero: Distance
    line: Distance
    clear_at: Distance

    @property
    def windows(self) -> Sequence[int]:
        """Those it looks at."""
        return [part.window for part in self.parts]

    def score(self, sums: list[Sums]) -> Fraction | None:
        """None where no part has enough."""
        mean = self.zero.mean(sums)
        return None if mean is None else Fraction(*mean)

    def breach(self, sums: list[Sums]) -> bool:
        """Strictly below the threshold; no score is no breach (SEMANTICS S2)."""
        return self.line.below(sums) is True

    def clear(self, sums: list[Sums]) -> bool:
        """Of a tier that is not in breach: at or inside ``clear_at``, or no score."""
        return self.clear_at.below(sums) is not True

    def too_few(self, sums: list[Sums]) -> bool:
        """Whether no part has enough."""
        return self.line.below(sums) is None

    def costliest(self, sums: list[Sums]) -> Part:
        """The part that takes most from the score, the first of equals (SEMANTICS S3)."""
        return max(self.parts, key=lambda part: part.cost(sums[part.window]))


CompiledTier = RateTier | ScoreTier


def compile_tiers(version: Version, layout: Layout) -> list[CompiledTier]:
    """All tiers of a version, in the order in which they are written."""
    return [
        _compile(version, rule, tier, [layout.index_of(key) for key in layout.keys_of(version, rule, tier)])
        for rule in version.rules.values()
        for tier in rule.tiers
    ]


def _compile(version: Version, rule: Rule, tier: Tier, windows: Sequence[int]) -> CompiledTier:
    key = (rule.name, tier.severity)
    if rule.score is not None:
        return _on_score(version, key, rule, tier, windows)
    good_share = _good_share(version, rule.metric or "")
    line = tier.below or tier.above
    return RateTier(
        key, rule, tier, _as_written(line), windows[0], good_share, _ratio(line), _ratio(tier.clear_at)
    )


def _on_score(version: Version, key: TierKey, rule: Rule, tier: Tier, windows: Sequence[int]) -> ScoreTier:
    spec = version.scores[rule.score or ""]
    parts = tuple(
        Part(part, window, _good_share(version, part.metric))
        for part, window in zip(spec.parts, windows, strict=True)
    )
    threshold = tier.below or _ZERO
    clear_at = tier.clear_at or threshold
    lines = (_ZERO, threshold, clear_at)
    written = _as_written(tier.below)
    return ScoreTier(
        key, rule, tier, written, parts, *[distance(parts, spec.missing, line.value) for line in lines]
    )


def _ratio(number: Number | None) -> Ratio | None:
    return None if number is None else Ratio(*number.value.as_integer_ratio())


def _good_share(version: Version, metric: str) -> bool:
    return KINDS[version.metrics[metric].kind].beyond == "below"


def _as_written(number: Number | None) -> int | float | None:
    if number is None:
        return None
    return int(number.text) if number.text.lstrip("-").isdecimal() else float(number.text)
