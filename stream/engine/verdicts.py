"""What does an order contribute at an instant?  A pure function of its record, the policy set and the instant."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from stream.engine.exempting import Exemptions
from stream.engine.facts import KIND_BITS, Changed, Shipped
from stream.engine.findings import BoundMetric, Duty, Findings, Says, Unit, Verdict
from stream.engine.kinds import METRIC_KINDS
from stream.engine.order import Order
from stream.engine.view import FOR_EVER, View, view, view_before
from stream.policy.spec import Kind, Metric, PolicySet, Version

EVERYTHING: Final = -1
"""All that can affect a metric, as bits."""

ANY_FACT: Final = (1 << len(KIND_BITS)) - 1
"""All kinds of fact, as bits."""

FORGETTING: Final = ANY_FACT + 1
"""A bit beside the kinds of fact, that affects no metric: the order may be forgotten."""

_FIRST_PASSING: Final = FORGETTING << 1


class Explained(NamedTuple):
    """Why a unit is bad, by which version of the policy, and the duty that it is of."""

    version: str
    duty: Duty
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Bound:
    """A version as far as orders paid under it are concerned (SEMANTICS V1)."""

    version: Version
    start: int
    keep: int
    metrics: list[BoundMetric]
    _of_goods: dict[str, list[BoundMetric]] = field(default_factory=dict)

    def of_goods(self, goods: str) -> list[BoundMetric]:
        """The metrics that look at such goods, of which there are few kinds."""
        found = self._of_goods.get(goods)
        if found is None:
            found = self._of_goods[goods] = [each for each in self.metrics if goods in each.metric.goods]
        return found


def _bind(number: int, metric: Metric, exemptions: Exemptions) -> BoundMetric:
    kind = METRIC_KINDS[metric.kind]
    # The promise in force depends on its changes, and on when the order was shipped (D1).
    facts = kind.affected_by | {Changed, Shipped} if exemptions.needs_due else kind.affected_by
    passing = _FIRST_PASSING << number
    return BoundMetric(
        metric,
        exemptions,
        kind,
        passing,
        passing | sum(KIND_BITS[each] for each in facts),
    )


@dataclass(slots=True)
class Verdicts:
    """The metrics of all versions, bound to the exemptions, which hold for all of them alike (SEMANTICS E2)."""

    policy: PolicySet
    _starts: list[int] = field(init=False)
    _newest_first: list[_Bound] = field(init=False)
    _kinds: Mapping[str, Kind] = field(init=False)

    def __post_init__(self) -> None:
        exemptions = {
            name: Exemptions([each for each in self.policy.exemptions if name in each.metrics])
            for version in self.policy.versions
            for name in version.metrics
        }
        self._kinds = {
            metric.name: metric.kind
            for version in self.policy.versions
            for metric in version.metrics.values()
        }
        numbers = {name: number for number, name in enumerate(self._kinds)}
        self._starts = [version.effective_from for version in self.policy.versions]
        self._newest_first = [
            _Bound(
                version,
                version.effective_from,
                version.keep,
                [
                    _bind(numbers[metric.name], metric, exemptions[metric.name])
                    for metric in version.metrics.values()
                ],
            )
            for version in reversed(self.policy.versions)
        ]

    def version_at(self, t: int) -> Version | None:
        """The version in force at ``t``; None before the first."""
        index = bisect_right(self._starts, t)
        return self.policy.versions[index - 1] if index else None

    def kind_of(self, metric: str) -> Kind:
        """A metric of one name keeps its kind through all versions (SEMANTICS V1)."""
        return self._kinds[metric]

    def passing_of(self, metric: str) -> int:
        """The bit that says that a deadline of a metric of this name passes, in all versions."""
        return _FIRST_PASSING << list(self._kinds).index(metric)

    @property
    def promises(self) -> Sequence[str]:
        """The metrics on shipping in time, of all versions."""
        return [name for name, kind in self._kinds.items() if kind == "on_time_ship"]

    def keep_of(self, order: Order) -> int:
        """For how long after its payment facts of ``order`` count (SEMANTICS F5); 0 if it is not judged."""
        bound = self._of(order)
        return bound.keep if bound else 0

    def _of(self, order: Order) -> _Bound | None:
        """What an order is judged by: the version in force when it was paid."""
        paid = order.paid
        if paid is not None:
            at = paid.at
            for bound in self._newest_first:
                if bound.start <= at:
                    return bound
        return None

    def bound_of(self, order: Order, metric: str) -> BoundMetric | None:
        """The metric of this name that an order is judged by; None if it is judged by none."""
        bound = self._of(order)
        if bound is None or order.paid is None:
            return None
        return next((each for each in bound.of_goods(order.paid.goods) if each.metric.name == metric), None)

    def state_of(self, order: Order, t: int) -> View | None:
        """What is so of it at ``t``; None if it is not judged."""
        bound = self._of(order)
        return view(order, bound.keep, t) if bound else None

    def find(self, order: Order, t: int, affected: int = EVERYTHING) -> Findings:
        """What counts at ``t``, and when else it may change with no further fact.

        Only of those metrics that one of ``affected`` can change: kinds of fact, and deadlines that pass, as bits.
        """
        found, bound = Findings(t), self._of(order)
        state = view(order, bound.keep, t) if bound else None
        if bound and state:
            _judge(bound.of_goods(state.paid.goods), state, found, affected)
        return found

    def change(self, order: Order, t: int, affected: int = EVERYTHING) -> tuple[Findings, Findings]:
        """What counts the millisecond before ``t``, and at ``t``."""
        before, found, bound = Findings(t - 1), Findings(t), self._of(order)
        state = view(order, bound.keep, t) if bound else None
        if bound and state:
            metrics = bound.of_goods(state.paid.goods)
            # Where it is only time that passes the facts are the same.
            earlier = view_before(state, order, bound.keep, t - 1, affected) if affected & ANY_FACT else state
            if earlier:
                _judge(metrics, earlier, before, affected)
            _judge(metrics, state, found, affected)
        return before, found

    def deadlines(self, order: Order, t: int = FOR_EVER) -> list[int]:
        """Every deadline at ``t``; by default when all facts are known and every exemption is published (SEMANTICS T5)."""
        bound, deadlines = self._of(order), list[int]()
        state = view(order, bound.keep, t) if bound else None
        if bound and state:
            _judge(bound.of_goods(state.paid.goods), state, Findings(t, deadlines), EVERYTHING)
        return deadlines

    def explain(self, order: Order, t: int, unit: Unit, says: Says) -> Explained:
        """Why ``unit``, one of those found in ``order`` at ``t``, is bad."""
        bound = self._of(order)
        state = view(order, bound.keep, t) if bound else None
        if bound is None or state is None:
            raise ValueError("a unit is explained by the order in which it was found")
        metric = next(each for each in bound.metrics if each.metric.name == unit.metric)
        duty = next(each for each in metric.kind.duties(state, metric, t) if each.thing == unit.thing)
        return Explained(bound.version.version, duty, metric.kind.explain(state, duty, unit, says))

    def judged_by(self, order: Order) -> tuple[Version, Sequence[BoundMetric]] | None:
        """The version that ``order`` was paid under, and its metrics (SEMANTICS V1); None: it is not judged."""
        bound = self._of(order)
        return None if bound is None else (bound.version, bound.metrics)


def _judge(metrics: list[BoundMetric], state: View, found: Findings, affected: int) -> None:
    """Add to ``found`` what those of ``metrics`` find that one of ``affected`` can change."""
    for metric in metrics:
        if metric.affected_by & affected:
            metric.kind.judge(state, metric, found)
