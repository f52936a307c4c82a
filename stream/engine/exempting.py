"""Which exemptions hold for a unit, and what do they do to it?  (SEMANTICS E1-E6)"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, final

from mypy_extensions import mypyc_attr

from stream.engine.facts import Paid
from stream.policy.spec import Exemption, ExemptionAnchor

CASES_REMEMBERED = 4_096
"""So many combinations of regions, goods and category are not matched again; a marketplace has a few hundred."""


@mypyc_attr(acyclic=True, free_list_len=1)
@final
class Times:
    """The times of a unit that an exemption may ask for, by its ``anchor``; None: not there (yet) (SEMANTICS E3)."""

    __slots__ = ("decided", "due", "paid", "requested", "shipped")

    def __init__(
        self,
        paid: int,
        due: int | None = None,
        shipped: int | None = None,
        requested: int | None = None,
        decided: int | None = None,
    ) -> None:
        self.paid = paid
        self.due = due
        self.shipped = shipped
        self.requested = requested
        self.decided = decided

    def of(self, anchor: ExemptionAnchor) -> int | None:
        """The one that ``anchor`` names."""
        if anchor == "paid":
            return self.paid
        if anchor == "due":
            return self.due
        if anchor == "shipped":
            return self.shipped
        return self.requested if anchor == "requested" else self.decided


class Effects(NamedTuple):
    """What holds for a unit, apart from extensions; the first that is true wins, ``spared`` beside it (E4, E5)."""

    drop: bool = False
    count_good: bool = False
    forgive: bool = False
    spared: bool = False
    """Counts for no tier with ``penalty``."""


NO_EFFECTS: Final = Effects()


def covers(region: str, code: str) -> bool:
    """Whether the region code of an exemption covers an order's (SEMANTICS E6)."""
    return code == region or (_digits(region) and _digits(code) and code.startswith(_prefix(region)))


def _digits(code: str) -> bool:
    return code.isascii() and code.isdigit()


def _prefix(region: str) -> str:
    """What is left of a code of digits without its trailing pairs of zeros; the first two digits stay."""
    while len(region) >= 4 and region.endswith("00"):
        region = region[:-2]
    return region


def _matches(exemption: Exemption, paid: Paid) -> bool:
    """Whether it holds for an order by what the order is, whatever the times (SEMANTICS E1)."""
    if exemption.goods is not None and paid.goods not in exemption.goods:
        return False
    if exemption.categories is not None and paid.category not in exemption.categories:
        return False
    if exemption.regions is None:
        return True
    codes = {"ship_from": (paid.ship_from,), "ship_to": (paid.ship_to,)}.get(
        exemption.region_of, (paid.ship_from, paid.ship_to)
    )
    return any(covers(region, code) for region in exemption.regions for code in codes)


@dataclass(slots=True)
class Exemptions:
    """Those that name one metric."""

    all: Sequence[Exemption]
    needs_due: bool = field(init=False)
    """Whether one of them asks for the promise in force."""
    _of_case: dict[tuple[str, str, str, str | None], tuple[Exemption, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.needs_due = any(exemption.anchor == "due" for exemption in self.all)

    def of(self, paid: Paid) -> tuple[Exemption, ...]:
        """Those that can hold for an order, whatever the times."""
        if not self.all:
            return ()
        case = (paid.ship_from, paid.ship_to, paid.goods, paid.category)
        found = self._of_case.get(case)
        if found is None:
            found = tuple(exemption for exemption in self.all if _matches(exemption, paid))
            if len(self._of_case) >= CASES_REMEMBERED:
                self._of_case.clear()
            self._of_case[case] = found
        return found


def extended(exemptions: tuple[Exemption, ...], deadline: int, times: Times, t: int) -> int:
    """``deadline`` as it is at ``t`` with all extensions, each from the deadline before any; never earlier (E4)."""
    latest = deadline
    for exemption in exemptions:
        if exemption.effect == "extend" and _holds(exemption, times, t):
            until = deadline + exemption.by if exemption.by is not None else exemption.until
            latest = max(latest, until if until is not None else latest)
    return latest


def effects(exemptions: tuple[Exemption, ...], times: Times, t: int) -> Effects:
    """What else holds for a unit at ``t``."""
    held = {exemption.effect for exemption in exemptions if _holds(exemption, times, t)}
    if not held:
        return NO_EFFECTS
    return Effects("drop" in held, "count_good" in held, "forgive" in held, "penalty_only" in held)


def holding(exemptions: tuple[Exemption, ...], times: Times, t: int) -> list[Exemption]:
    """Those of them that hold for a unit at ``t``, for whoever asks which."""
    return [exemption for exemption in exemptions if _holds(exemption, times, t)]


def _holds(exemption: Exemption, times: Times, t: int) -> bool:
    if exemption.published_at is not None and exemption.published_at > t:
        return False
    at = times.of(exemption.anchor)
    if at is None:
        return False
    return (exemption.start is None or at >= exemption.start) and (
        exemption.end is None or at <= exemption.end
    )
