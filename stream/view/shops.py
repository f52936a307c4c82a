"""Which shops are in the worst trouble, and how do their rates stand and move?"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from stream.policy.durations import milliseconds
from stream.view.trends import Trend
from topics.rates import Rates, RuleRates, TierRates
from topics.times import millis

A_WINDOW = 36
"""A value of a trend is this part of the rule's window: a picture of twelve is a third of it."""

WITHOUT_WINDOW = 3_600_000
"""A score's documents name no window; milliseconds."""

Rank = tuple[int, int, float, str]
"""Firing tiers, pending ones, room before the line: the less, the worse; in the end the shop's id."""


@dataclass(slots=True)
class Shop:
    """What is known of one shop."""

    rates: Rates
    trends: dict[str, Trend] = field(default_factory=dict)
    """By rule."""

    def rules(self) -> Iterator[tuple[RuleRates, TierRates]]:
        """Each rule with the tier that tells most: the one in the worst state, and nearest to its line."""
        return ((rule, worst_tier(rule)) for rule in self.rates.rules if rule.tiers)

    def worst(self) -> tuple[RuleRates, TierRates] | None:
        """The rule that tells most, with its tier; None without any."""
        return min(self.rules(), key=lambda each: _tier_rank(each[1]), default=None)

    def take(self, rates: Rates) -> None:
        """How it stands now."""
        self.rates = rates
        at = millis(rates.as_of)
        for rule, tier in self.rules():
            value = measure(tier)
            if value is not None:
                self._trend(rule).take(at, value)

    def _trend(self, rule: RuleRates) -> Trend:
        known = self.trends.get(rule.rule)
        if known is None:
            length = milliseconds(rule.window) if rule.window else None
            known = self.trends[rule.rule] = Trend((length or WITHOUT_WINDOW) // A_WINDOW)
        return known


def measure(tier: TierRates) -> float | None:
    """Its rate, or its score."""
    return tier.rate if tier.score is None else tier.score


def worst_tier(rule: RuleRates) -> TierRates:
    """The tier of a rule that tells most; a rule has at least one."""
    return min(rule.tiers, key=_tier_rank)


def _tier_rank(tier: TierRates) -> tuple[int, float]:
    return ("firing", "pending", "inactive").index(tier.state), _room(tier)


def _room(tier: TierRates) -> float:
    """How far from its line, as a share of what is counted; what has none is far."""
    if tier.score is not None and tier.threshold:
        return (tier.score - tier.threshold) / abs(tier.threshold)
    if tier.headroom is None or not tier.counted:
        return 1.0
    return tier.headroom / tier.counted


def rank(rates: Rates) -> Rank:
    """Where a shop belongs among the others."""
    tiers = [tier for rule in rates.rules for tier in rule.tiers]
    firing = sum(tier.state == "firing" for tier in tiers)
    pending = sum(tier.state == "pending" for tier in tiers)
    return -firing, -pending, min(map(_room, tiers), default=1.0), rates.shop_id


@dataclass(slots=True)
class Shops:
    """All shops; whatever is asked for costs by what is asked for, not by how many shops there are."""

    rules: dict[str, RuleRates] = field(default_factory=dict)
    """The rules, as the shop has them that was heard of last."""
    below: dict[str, bool] = field(default_factory=dict)
    """Of each rule, as far as it can be told, whether what lies below its line is bad, or what lies above."""
    _known: dict[str, Shop] = field(default_factory=dict)
    _ranks: dict[str, Rank] = field(default_factory=dict)
    _order: list[Rank] = field(default_factory=list)
    _firing: int = 0
    _pending: int = 0

    def __len__(self) -> int:
        return len(self._known)

    @property
    def firing(self) -> int:
        """How many shops have an alert that fires."""
        return self._firing

    @property
    def pending(self) -> int:
        """How many have none, but a tier that waits to fire."""
        return self._pending

    def take(self, rates: Rates) -> None:
        """How a shop stands now."""
        self.forget(rates.shop_id, keep=True)
        known = self._known.get(rates.shop_id)
        if known is None:
            known = self._known[rates.shop_id] = Shop(rates)
        known.take(rates)
        self.rules = {rule.rule: rule for rule in rates.rules if rule.tiers} or self.rules
        self._learn(rates)
        self._place(rates.shop_id, rank(rates))

    def _learn(self, rates: Rates) -> None:
        for rule in rates.rules:
            if rule.rule not in self.below and (found := below(rule)) is not None:
                self.below[rule.rule] = found

    def forget(self, shop_id: str, *, keep: bool = False) -> None:
        """Nothing is known of it any more; its trends only, with ``keep``."""
        old = self._ranks.pop(shop_id, None)
        if old is not None:
            del self._order[bisect_left(self._order, old)]
            self._count(old, -1)
        if not keep:
            self._known.pop(shop_id, None)

    def worst(self, count: int) -> Sequence[Shop]:
        """The ``count`` in the worst trouble, the worst first."""
        return [self._known[shop_id] for *_, shop_id in self._order[: max(count, 0)]]

    def _place(self, shop_id: str, place: Rank) -> None:
        self._ranks[shop_id] = place
        insort(self._order, place)
        self._count(place, 1)

    def _count(self, place: Rank, by: int) -> None:
        if place[0]:
            self._firing += by
        elif place[1]:
            self._pending += by


def below(rule: RuleRates) -> bool | None:
    """Whether the rate of a rule is the share of the good, or of the bad (SEMANTICS U8); None if its counts do not tell."""
    for tier in rule.tiers:
        if tier.score is not None:
            return True
        if tier.rate is not None and tier.counted and tier.good != tier.bad:
            good, bad = ((side or 0) / tier.counted for side in (tier.good, tier.bad))
            return abs(tier.rate - good) < abs(tier.rate - bad)
    return None
