"""Whom does a change of policy touch?  What changes, by category, region and size of the shops."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from stream.backtest.comparing import Change, Word
from stream.backtest.profiles import Profile, Sizes
from stream.backtest.summary import shops_touched, word_counts


@dataclass(frozen=True, slots=True)
class Class:
    """Shops that have something in common."""

    name: str
    shops: int
    touched: int
    """Shops of it for which something changes."""
    baseline: int
    """Alerts, those that began before the range too."""
    candidate: int
    changed: int
    """Alerts, or pairs that match, of which something changes."""
    words: Mapping[Word, int]


Breakdown = Mapping[str, Sequence[Class]]
"""By ``category``, ``region`` and ``size``."""


@dataclass(slots=True)
class _Group:
    shops: int = 0
    changes: list[Change] = field(default_factory=list)


def breakdown(changes: Sequence[Change], profiles: Mapping[str, Profile], sizes: Sizes) -> Breakdown:
    """All classes that there are, those with most shops first; sizes from small to large."""
    by_size = _classes(changes, profiles, lambda profile: sizes.of(profile.orders))
    order = {name: number for number, name in enumerate(sizes.names())}
    return {
        "category": _largest_first(_classes(changes, profiles, lambda profile: profile.category)),
        "region": _largest_first(_classes(changes, profiles, lambda profile: profile.region)),
        "size": sorted(by_size, key=lambda each: order[each.name]),
    }


def _largest_first(classes: Sequence[Class]) -> Sequence[Class]:
    return sorted(classes, key=lambda each: (-each.shops, each.name))


def _classes(
    changes: Sequence[Change], profiles: Mapping[str, Profile], name_of: Callable[[Profile], str]
) -> list[Class]:
    groups: dict[str, _Group] = {}
    for profile in profiles.values():
        groups.setdefault(name_of(profile), _Group()).shops += 1
    for change in changes:
        groups[name_of(profiles[change.tier.shop])].changes.append(change)
    return [
        Class(
            name,
            group.shops,
            shops_touched(group.changes),
            sum(change.baseline is not None for change in group.changes),
            sum(change.candidate is not None for change in group.changes),
            sum(change.changed for change in group.changes),
            word_counts(group.changes),
        )
        for name, group in groups.items()
    ]
