"""What befell an order, instant by instant, and what did each do?  Facts, deadlines that passed, exemptions that were published.

The order's record is asked what it contributes at each instant and at the millisecond before; so this is what would have been
decided had every fact come in time.  A fact that came late was judged at the clock's instant then (SEMANTICS T4).
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from stream.engine.explaining import Account, Move, accounts, moves
from stream.engine.facts import Changed, Fact
from stream.engine.order import Order
from stream.merchant.explain.known import Known


class Change(NamedTuple):
    """What an instant did to one duty; None: there was none before, or is none any more."""

    before: Account | None
    after: Account | None

    @property
    def some(self) -> Account | None:
        """The later of the two that there is."""
        return self.after or self.before


@dataclass(frozen=True, slots=True)
class Step:
    """One instant: the facts dated so, what it changed, and for each metric with a promise what it makes of a change of it."""

    at: int
    facts: Sequence[Fact]
    changes: Sequence[Change]
    moves: Mapping[str, Move]


def steps(known: Known, order: Order) -> list[Step]:
    """Up to and including the clock, in the order of time; none where nothing is decided yet."""
    if known.clock is None:
        return []
    facts = _by_instant(order)
    return [
        step
        for at in _instants(known, order, known.clock)
        if (step := _step(known, order, at, facts.get(at, []))).facts or step.changes
    ]


def _by_instant(order: Order) -> Mapping[int, list[Fact]]:
    found: dict[int, list[Fact]] = {}
    for fact in order.all():
        found.setdefault(fact.at, []).append(fact)
    return found


def _instants(known: Known, order: Order, last: int) -> Iterator[int]:
    """Of its facts, of publications, and of the deadlines that were pending when they passed."""
    waiting = [fact.at for fact in order.all()]
    waiting += [each.published_at for each in known.policy.exemptions if each.published_at is not None]
    heapq.heapify(waiting)
    before = None
    while waiting and (at := heapq.heappop(waiting)) <= last:
        if at != before:
            yield at
            for pending in known.verdicts.find(order, at).pending:
                heapq.heappush(waiting, pending.deadline)
        before = at


def _step(known: Known, order: Order, at: int, facts: Sequence[Fact]) -> Step:
    before, after = (_by_duty(accounts(known.verdicts, order, t, known.says)) for t in (at - 1, at))
    changes = [
        Change(before.get(key), after.get(key))
        for key in {**before, **after}
        if _seen(before.get(key)) != _seen(after.get(key))
    ]
    return Step(at, facts, changes, _moves(known, order, at, facts))


def _by_duty(found: Sequence[Account]) -> Mapping[tuple[str, str], Account]:
    """By metric and thing; of a return the order is the thing, whichever request marks it."""
    return {
        (each.metric.name, "" if each.metric.kind == "return" else each.duty.thing): each for each in found
    }


def _seen(account: Account | None) -> object:
    """What of an account is worth a line when it changes."""
    if account is None:
        return None
    duty = account.duty
    held = (tuple(account.exempted_by), tuple(account.spared_by))
    return account.state, duty.deadline, duty.aside, held, [unit.place for unit in account.units]


def _moves(known: Known, order: Order, at: int, facts: Sequence[Fact]) -> Mapping[str, Move]:
    """What each metric on shipping in time makes of the last of the changes dated so."""
    if not any(isinstance(fact, Changed) for fact in facts):
        return {}
    judged = known.verdicts.judged_by(order)
    metrics = [each.metric for each in judged[1]] if judged else []
    found = {
        metric.name: moves(known.verdicts, order, at, metric.name)
        for metric in metrics
        if metric.kind == "on_time_ship" and order.paid is not None and order.paid.goods in metric.goods
    }
    return {name: told[-1] for name, told in found.items() if told and told[-1].change.at == at}
