"""What do the metrics find in an order at an instant?  Units that count, and the deadlines of all duties."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from stream.engine.exempting import NO_EFFECTS, Exemptions, Times, effects
from stream.engine.view import View
from stream.engine.windows import Sums
from stream.policy.spec import Exemption, Metric


class Unit(NamedTuple):
    """Something that counts, in the pane of ``place`` (SEMANTICS U1-U5).

    ``thing`` is the package or the refund where that is the unit, else empty.  Of ``return`` placed at the request, the
    count of the order and its mark are two of these.  ``spared`` ones count for no tier with ``penalty`` (E5).
    """

    metric: str
    thing: str
    place: int
    decided: int
    good: int
    bad: int
    counted: int
    spared: bool

    @property
    def sums(self) -> Sums:
        """What it adds to a window."""
        return Sums(self.good, self.bad, self.counted)


def verdict(metric: Metric, thing: str, place: int, decided: int, *, good: bool) -> Unit:
    """The unit of a deadline duty, before exemptions."""
    return Unit(metric.name, thing, place, decided, int(good), int(not good), 1, spared=False)


@dataclass(frozen=True, slots=True)
class BoundMetric:
    """A metric of a version with the exemptions that name it."""

    metric: Metric
    exemptions: Exemptions
    judge: "Judge"
    passing: int
    """The bit that says that a deadline of its passes."""
    affected_by: int
    """What can change what it finds: the kinds of fact, as bits, and its deadlines' passing."""

    def times(self, view: View, exemptions: Sequence[Exemption]) -> Times:
        """The times that all units of an order have, as far as ``exemptions`` ask for them."""
        due = view.promise(self.metric) if exemptions and self.exemptions.needs_due else None
        return Times(view.paid.at, due=due)


class Pending(NamedTuple):
    """A deadline, and the bit of its metric."""

    deadline: int
    passing: int


@dataclass(slots=True)
class Findings:
    """What was found at ``t``."""

    t: int
    units: list[Unit] = field(default_factory=list)
    deadlines: list[int] = field(default_factory=list)
    """Of every duty, extended where exempt, whether or not it is done, set aside or exempt."""
    pending: list["Pending"] = field(default_factory=list)
    """Duties that become bad, if no further fact comes."""

    def add(self, unit: Unit, exemptions: Sequence[Exemption], times: Times) -> None:
        """Add what exemptions make of the unit of a deadline duty (SEMANTICS E4, E5)."""
        held = NO_EFFECTS
        if exemptions:
            held = effects(exemptions, times._replace(decided=unit.decided), self.t)
        if held.drop:
            return
        if unit.bad and held.count_good:
            unit = unit._replace(good=1, bad=0)
        if not unit.bad or not held.forgive:
            self.units.append(unit._replace(spared=True) if held.spared else unit)


class Verdict(NamedTuple):
    """Why a unit is bad: one word for machines, one sentence for people."""

    word: str
    why: str


class Says(Protocol):
    """Writes a time for people."""

    def __call__(self, at: int) -> str:
        """As it is read in the policy's time zone."""
        ...


class Judge(Protocol):
    """Finds the units of a kind of metric."""

    def __call__(self, view: View, bound: BoundMetric, found: Findings) -> None:
        """Add the units that count at ``view.t``, and all deadlines, to ``found``."""
        ...


class MetricKind(Protocol):
    """A module of `stream.engine.kinds`: how a kind of metric finds its units, and says why one is bad."""

    AFFECTED_BY: frozenset[type]
    """The kinds of fact that can change what it finds, apart from exemptions."""

    judge: Judge

    def explain(self, view: View, unit: Unit, says: Says) -> Verdict:
        """Why ``unit``, one of those found, is bad."""
        ...
