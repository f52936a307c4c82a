"""How does a shop stand?  Its rates against their lines, what its tiers wait for, its alerts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from stream.engine.states import TierState, timer_of
from stream.merchant.explain.known import Known
from stream.policy.spec import Tier


class Waiting(NamedTuple):
    """A tier that is pending, or firing and clear: since when, and when it fires or resolves if that lasts; milliseconds."""

    since: int
    until: int | None


@dataclass(frozen=True, slots=True)
class ShopStory:
    """``waiting`` is by rule and severity."""

    known: Known
    waiting: Mapping[tuple[str, str], Waiting]


def shop_story(known: Known) -> ShopStory:
    """Of the shop."""
    tiers = _tiers(known)
    found = {
        (each.rule, each.severity): waiting
        for each in known.states
        if (waiting := _waiting(each.state, tiers.get((each.rule, each.severity)))) is not None
    }
    return ShopStory(known, found)


def _tiers(known: Known) -> Mapping[tuple[str, str], Tier]:
    rules = known.version.rules.values() if known.version else ()
    return {(rule.name, tier.severity): tier for rule in rules for tier in rule.tiers}


def _waiting(state: TierState, tier: Tier | None) -> Waiting | None:
    since = state.pending_since if state.pending_since is not None else state.clear_since
    return None if since is None else Waiting(since, None if tier is None else timer_of(state, tier))
