"""What of a shop's rates is looked at?  The metrics and windows of a policy set's rules, and their tiers, numbered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from stream.policy.durations import duration_text
from stream.policy.kinds import KINDS
from stream.policy.spec import PolicySet


class Place(NamedTuple):
    """A metric in a window, both as documents of rates write them."""

    metric: str
    window: str


class TierName(NamedTuple):
    """What a tier is known by through all versions (SEMANTICS V2)."""

    rule: str
    severity: str


@dataclass(frozen=True, slots=True)
class Rated:
    """A place that rates are compared in.

    ``good_share`` says that a low rate is the bad one (U8); shops with fewer than ``min_orders`` are left out: the least that a
    tier over it asks for, in any version.
    """

    place: Place
    good_share: bool
    min_orders: int


@dataclass(frozen=True, slots=True)
class Watched:
    """All that is looked at; scores have no place here, for their points are no rates."""

    rated: tuple[Rated, ...]
    tiers: tuple[TierName, ...]


def watched(policy: PolicySet) -> Watched:
    """What ``policy``, in all its versions, gives to look at, in the order in which it is written."""
    least: dict[Place, int] = {}
    good: dict[Place, bool] = {}
    tiers: dict[TierName, None] = {}
    for version in policy.versions:
        for rule in version.rules.values():
            tiers.update((TierName(rule.name, tier.severity), None) for tier in rule.tiers)
            if rule.metric is None:
                continue
            place = Place(rule.metric, duration_text(rule.window))
            good[place] = KINDS[version.metrics[rule.metric].kind].beyond == "below"
            asked = min(tier.min_orders for tier in rule.tiers)
            least[place] = min(asked, least.get(place, asked))
    return Watched(tuple(Rated(place, good[place], least[place]) for place in good), tuple(tiers))


def numbered(of: Watched) -> tuple[Mapping[Place, int], Mapping[TierName, int]]:
    """Where each place and each tier stands in ``of``."""
    return (
        {rated.place: number for number, rated in enumerate(of.rated)},
        {tier: number for number, tier in enumerate(of.tiers)},
    )
