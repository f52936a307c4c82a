"""What do the metrics find in an order at an instant?  Units that count, and the deadlines of all duties."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol, final

from mypy_extensions import mypyc_attr

from stream.engine.exempting import Exemptions, Times, effects
from stream.engine.view import View
from stream.policy.spec import Exemption, Metric


@mypyc_attr(acyclic=True, free_list_len=1)
@final
class Unit:
    """Something that counts, in the pane of ``place`` (SEMANTICS U1-U5).

    ``thing`` is the package or the refund where that is the unit, else empty.  Of ``return`` placed at the request, the
    count of the order and its mark are two of these.  ``spared`` ones count for no tier with ``penalty`` (E5).
    """

    __slots__ = ("bad", "counted", "decided", "good", "metric", "place", "spared", "thing")

    def __init__(  # noqa: PLR0913, PLR0917 - a record
        self,
        metric: str,
        thing: str,
        place: int,
        decided: int,
        good: int,
        bad: int,
        counted: int,
        spared: bool,  # noqa: FBT001 - a field
    ) -> None:
        self.metric = metric
        self.thing = thing
        self.place = place
        self.decided = decided
        self.good = good
        self.bad = bad
        self.counted = counted
        self.spared = spared

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Unit)
            and self.place == other.place
            and self.bad == other.bad
            and self.metric == other.metric
            and self.thing == other.thing
            and self.decided == other.decided
            and self.good == other.good
            and self.counted == other.counted
            and self.spared == other.spared
        )

    def __hash__(self) -> int:
        return hash((self.metric, self.thing, self.place))

    def __repr__(self) -> str:
        return f"Unit({self.metric!r}, {self.thing!r}, placed {self.place}, good {self.good}, bad {self.bad})"


def verdict(metric: Metric, thing: str, place: int, decided: int, *, good: bool) -> Unit:
    """The unit of a deadline duty, before exemptions."""
    return Unit(metric.name, thing, place, decided, 1 if good else 0, 0 if good else 1, 1, False)


@dataclass(frozen=True, slots=True)
class BoundMetric:
    """A metric of a version with the exemptions that name it."""

    metric: Metric
    exemptions: Exemptions
    kind: "MetricKind"
    passing: int
    """The bit that says that a deadline of its passes."""
    affected_by: int
    """What can change what it finds: the kinds of fact, as bits, and its deadlines' passing."""

    def times(
        self,
        view: View,
        *,
        shipped: int | None = None,
        requested: int | None = None,
        decided: int | None = None,
    ) -> Times:
        """The times of a unit that exemptions may ask for; the promise in force only if one of them does."""
        due = view.promise(self.metric) if self.exemptions.needs_due else None
        return Times(view.paid.at, due, shipped, requested, decided)


@mypyc_attr(acyclic=True, free_list_len=1)
@final
class Pending:
    """A deadline, and the bit of its metric."""

    __slots__ = ("deadline", "passing")

    def __init__(self, deadline: int, passing: int) -> None:
        self.deadline = deadline
        self.passing = passing

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Pending) and self.deadline == other.deadline and self.passing == other.passing
        )

    def __hash__(self) -> int:
        return hash((self.deadline, self.passing))


@mypyc_attr(acyclic=True, free_list_len=1)
@final
class Findings:
    """What was found at ``t``."""

    __slots__ = ("deadlines", "pending", "t", "units")

    def __init__(self, t: int, deadlines: list[int] | None = None) -> None:
        self.t = t
        self.units: list[Unit] = []
        self.deadlines = deadlines
        """Of every duty, extended where exempt, whether or not it is done, set aside or exempt; None: nobody asks for them."""
        self.pending: list[Pending] = []
        """Duties that become bad, if no further fact comes."""

    def add(self, unit: Unit, exemptions: tuple[Exemption, ...], times: Times | None) -> None:
        """Add what ``exemptions`` make of the unit of a deadline duty; ``times`` are needed if there are any (E4, E5)."""
        if times is None:
            self.units.append(unit)
            return
        times.decided = unit.decided
        held = effects(exemptions, times, self.t)
        if held.drop:
            return
        if unit.bad and held.count_good:
            unit.good, unit.bad = 1, 0
        if not unit.bad or not held.forgive:
            unit.spared = held.spared
            self.units.append(unit)


class Verdict(NamedTuple):
    """Why a unit is bad: one word for machines, one sentence for people."""

    word: str
    why: str


MOST_EXEMPTIONS = 10
"""So many exemptions are named of a unit: an alert must fit into its topic, however many a policy has."""


@dataclass(frozen=True, slots=True)
class Duty:
    """What one order, package or request is judged by at an instant: not made to judge, but for whoever asks why.

    ``thing`` is as in `Unit`.  ``promised`` is the deadline before any extension, ``deadline`` after; None of a return, which has
    none.  ``done`` is when it was done, or the return requested.  ``aside`` is what puts it on neither side (`View.aside_by`,
    of after-sales the request's own withdrawal).  ``held`` are the exemptions that hold for it.
    """

    thing: str
    promised: int | None
    deadline: int | None
    done: int | None
    aside: str | None
    held: Sequence[Exemption]

    @property
    def in_time(self) -> bool:
        """Whether it was done by its deadline."""
        return self.done is not None and self.deadline is not None and self.done <= self.deadline

    @property
    def extended_by(self) -> Sequence[str]:
        """The ids of the exemptions that put the deadline where it is; none where it was not moved."""
        promised = self.promised
        if promised is None or self.deadline == promised:
            return ()
        return [
            each.id
            for each in self.held
            if each.effect == "extend"
            and (each.until if each.by is None else promised + each.by) == self.deadline
        ]

    def extension(self, says: "Says") -> str:
        """From which deadline, and by what, for a sentence; empty where it was not moved."""
        by = self.extended_by
        if not by or self.promised is None:
            return ""
        return f"extended from {says(self.promised)} by {', '.join(by[:MOST_EXEMPTIONS])}"


class Says(Protocol):
    """Writes a time for people."""

    def __call__(self, at: int) -> str:
        """As it is read in the policy's time zone."""
        ...


class MetricKind(ABC):
    """How a kind of metric finds its units, and says why one is bad."""

    affected_by: ClassVar[frozenset[type]]
    """The kinds of fact that can change what it finds, apart from exemptions."""

    @abstractmethod
    def judge(self, view: View, bound: BoundMetric, found: Findings) -> None:
        """Add the units that count at ``found.t``, and all deadlines, to ``found``."""

    @abstractmethod
    def duties(self, view: View, bound: BoundMetric, t: int) -> Sequence[Duty]:
        """What there is to judge at ``t``, whether or not it counts; of what `judge` finds each unit is of one of these."""

    @abstractmethod
    def explain(self, view: View, duty: Duty, unit: Unit, says: Says) -> Verdict:
        """Why ``unit``, one of those found for ``duty``, is bad."""
