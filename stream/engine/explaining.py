"""What became of each duty of an order at an instant, and why?  For people who ask; nothing is judged by it.

What counts is what the kinds' judges find; this sets beside it the duty that it is of, and what they find where no exemption
but those that extend a deadline holds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from stream.engine.exempting import Exemptions
from stream.engine.facts import Changed
from stream.engine.findings import BoundMetric, Duty, Findings, Says, Unit
from stream.engine.order import Order
from stream.engine.verdicts import Verdicts
from stream.engine.view import View, view
from stream.policy.spec import Metric

State = Literal["good", "bad", "open", "set_aside", "not_placed", "exempt"]
"""``open``: its deadline is still to come; ``set_aside`` (SEMANTICS D3; of after-sales withdrawn, U5) and ``exempt`` (E4): on
neither side; ``not_placed``: it counts nowhere until the order is shipped (U1)."""

Objection = Literal["reason", "after_promise", "after_shipping"]
"""Why a change of the promise does not count (SEMANTICS D1)."""


@dataclass(frozen=True, slots=True)
class Account:
    """One duty under one metric: ``units`` are those that count, ``without`` those that would but for exemptions.

    Where it is bad ``why`` is a sentence and ``verdict`` its word; else both are empty.
    """

    metric: Metric
    duty: Duty
    state: State
    units: Sequence[Unit]
    without: Sequence[Unit]
    verdict: str = ""
    why: str = ""

    @property
    def exempted_by(self) -> Sequence[str]:
        """The ids of the exemptions but for which it would count otherwise, the extending ones left out (SEMANTICS E4)."""
        held = {each.effect for each in self.duty.held}
        if self.state == "exempt":
            effect = "drop" if "drop" in held else "forgive"
        elif self.state == "good" and any(unit.bad for unit in self.without):
            effect = "count_good"
        else:
            return ()
        return [each.id for each in self.duty.held if each.effect == effect]

    @property
    def spared_by(self) -> Sequence[str]:
        """The ids of the exemptions that keep it out of penalties (SEMANTICS E5)."""
        if not any(unit.spared for unit in self.units):
            return ()
        return [each.id for each in self.duty.held if each.effect == "penalty_only"]


class Move(NamedTuple):
    """A change of the promise, and why it does not count; None: it does."""

    change: Changed
    objection: Objection | None


def accounts(verdicts: Verdicts, order: Order, t: int, says: Says) -> list[Account]:
    """All duties of ``order`` at ``t``, metric by metric of the version that it was paid under; none of one that is not judged."""
    judged = verdicts.judged_by(order)
    state = view(order, judged[0].keep, t) if judged else None
    if judged is None or state is None:
        return []
    metrics = [each for each in judged[1] if state.paid.goods in each.metric.goods]
    return [account for bound in metrics for account in _of_metric(bound, state, t, says)]


def moves(verdicts: Verdicts, order: Order, t: int, metric: str) -> list[Move]:
    """The changes of the promise known at ``t``, in the order of time, as ``metric`` takes them."""
    judged = verdicts.judged_by(order)
    state = view(order, judged[0].keep, t) if judged else None
    bound = next((each for each in judged[1] if each.metric.name == metric), None) if judged else None
    if state is None or bound is None or state.paid.ship_by is None:
        return []
    return list(_moves(state, state.paid.ship_by, bound.metric))


def _moves(state: View, promise: int, metric: Metric) -> Iterator[Move]:
    for change in state.changed:
        if state.counts(change, promise, metric):
            promise = change.ship_by
            yield Move(change, None)
        elif change.reason not in metric.promise_reasons:
            yield Move(change, "reason")
        else:
            yield Move(change, "after_promise" if change.at > promise else "after_shipping")


def _of_metric(bound: BoundMetric, state: View, t: int, says: Says) -> Iterator[Account]:
    metric = bound.metric
    units, others = _units(bound, state, t), _units(_only_extending(bound), state, t)
    for duty in bound.kind.duties(state, bound, t):
        mine, without = _of_duty(units, duty), _of_duty(others, duty)
        bad = next((unit for unit in mine if unit.bad), None)
        if bad is None:
            yield Account(metric, duty, _state(duty, mine, without, t), mine, without)
        else:
            verdict = bound.kind.explain(state, duty, bad, says)
            yield Account(metric, duty, "bad", mine, without, verdict.word, verdict.why)


def _units(bound: BoundMetric, state: View, t: int) -> Sequence[Unit]:
    found = Findings(t)
    bound.kind.judge(state, bound, found)
    return found.units


def _only_extending(bound: BoundMetric) -> BoundMetric:
    extending = Exemptions([each for each in bound.exemptions.all if each.effect == "extend"])
    return replace(bound, exemptions=extending)


def _of_duty(units: Sequence[Unit], duty: Duty) -> Sequence[Unit]:
    """Of a return, the order's count is a unit without a thing, and its mark may be another."""
    return [unit for unit in units if unit.thing == duty.thing or duty.deadline is None]


def _state(duty: Duty, units: Sequence[Unit], without: Sequence[Unit], t: int) -> State:
    """Of a duty that is not bad."""
    if units:
        return "good"
    if without:
        return "exempt"
    if duty.aside is not None:
        return "set_aside"
    return "open" if duty.deadline is not None and duty.deadline > t else "not_placed"
