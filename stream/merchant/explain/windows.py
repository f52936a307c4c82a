"""In which windows is a unit, and from when until when?  By the rules of the version in force at the clock (SEMANTICS W2, V1)."""

from collections.abc import Sequence
from typing import NamedTuple

from stream.engine.findings import Unit
from stream.engine.windows import WindowKey, boundaries
from stream.merchant.explain.known import Known


class Stay(NamedTuple):
    """A unit's stay in the window of a rule; it is in it from ``enters`` on and no more from ``leaves`` on."""

    rule: str
    severities: Sequence[str]
    length: int
    pane: int
    enters: int
    leaves: int
    now: bool
    spared: bool
    """The tiers are penalties, and an exemption keeps it out of them (SEMANTICS E5)."""


def stays(known: Known, unit: Unit) -> list[Stay]:
    """One of each rule, and one more where some of its tiers are penalties that count otherwise."""
    version, clock = known.version, known.clock
    if version is None or clock is None:
        return []
    tiers: dict[tuple[str, WindowKey], list[str]] = {}
    for rule in version.rules.values():
        for tier in rule.tiers:
            for key in known.layout.keys_of(version, rule, tier):
                if key.metric == unit.metric:
                    tiers.setdefault((rule.name, key), []).append(tier.severity)
    return [_stay(known, clock, unit, rule, key, found) for (rule, key), found in tiers.items()]


def _stay(  # noqa: PLR0913, PLR0917 - a unit, and one window
    known: Known, clock: int, unit: Unit, rule: str, key: WindowKey, severities: Sequence[str]
) -> Stay:
    window, number = known.layout.index_of(key), unit.place // key.pane
    # From before the pane itself begins, so that both of its boundaries are still to come.
    crossed = boundaries(known.layout.series_of[window], number, number * key.pane - 1)
    enters, leaves = sorted(at for at, boundary in crossed if boundary.window == window)
    spared = key.penalty and unit.spared
    now = not spared and number in known.layout.range(window, clock)
    return Stay(rule, severities, key.length * key.pane, key.pane, enters, leaves, now, spared)
