"""How are the rates of shops spread, and where in it do the thresholds lie?  Counted at the end of each day."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stream.policy.spec import PolicySet, Rule

MOST = 100
"""Of a rate (which may exceed 1) and of a score, all beyond so many hundredths or points are one bin."""

Sample = Mapping[str, Mapping[int, int]]
"""By rule, and by hundredth of its rate (or point of its score), cut: on how many days how many shops stood there."""


@dataclass(slots=True)
class Samples:
    """Takes how shops stand as it changes, and counts them at the end of each day.

    A shop counts where it is judged by its rate: with the least ``min_orders`` of the rule's tiers counted, or with a score.
    """

    policy: PolicySet
    _now: dict[str, dict[str, int]] = field(default_factory=dict)
    """The bin of each shop in each rule."""
    _bins: Counter[tuple[str, int]] = field(default_factory=Counter)
    """How many stand there now."""
    _counted: Counter[tuple[str, int]] = field(default_factory=Counter)
    _least: Mapping[tuple[str, str], int] = field(init=False)

    def __post_init__(self) -> None:
        self._least = {
            (version.version, rule.name): _least_orders(rule)
            for version in self.policy.versions
            for rule in version.rules.values()
        }

    def take(self, shop: str, rates: Mapping[str, Any]) -> None:
        """A shop stands so now."""
        version = rates["policy_version"]
        bins = {
            rule["rule"]: at
            for rule in rates["rules"]
            if (at := _bin(rule["tiers"][0], self._least[version, rule["rule"]])) is not None
        }
        self._bins.subtract(self._now.get(shop, {}).items())
        self._bins.update(bins.items())
        self._now[shop] = bins

    def end_day(self) -> None:
        """All count as they stand now."""
        self._counted.update(self._bins)

    def sample(self) -> Sample:
        """What was counted."""
        found: dict[str, dict[int, int]] = {}
        for (rule, at), count in sorted(self._counted.items()):
            if count:
                found.setdefault(rule, {})[at] = count
        return found


def _least_orders(rule: Rule) -> int:
    return min(tier.min_orders for tier in rule.tiers)


def _bin(tier: Mapping[str, Any], least: int) -> int | None:
    if tier["score"] is not None:
        return _cut(tier["score"], 1_000_000)
    if tier["rate"] is None or tier["counted"] < least:
        return None
    return _cut(tier["rate"], 10_000)


def _cut(number: float, millionths: int) -> int:
    """By whole millionths, so that no float decides."""
    return min(round(number * 1_000_000) // millionths, MOST)
