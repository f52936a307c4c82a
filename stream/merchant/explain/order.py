"""What is the story of one order?  Its facts, what each did, and where it stands at the clock."""

from collections.abc import Sequence
from dataclasses import dataclass

from stream.engine.explaining import Account, accounts
from stream.engine.facts import Fact
from stream.engine.order import Order
from stream.merchant.explain.known import Known
from stream.merchant.explain.steps import Step, steps
from stream.merchant.explain.windows import Stay, stays
from stream.policy.spec import Version
from topics.alerts import Alert


@dataclass(frozen=True, slots=True)
class Standing:
    """One duty at the clock, and the stays of its bad unit, or of its good one, in windows."""

    account: Account
    stays: Sequence[Stay]


@dataclass(frozen=True, slots=True)
class OrderStory:
    """``ahead`` are facts that the clock has not come to, ``too_late`` those that count for nothing (SEMANTICS F5).

    ``version`` is the one that it was paid under; None: it is not paid, or was before the first.
    """

    known: Known
    order_id: str
    order: Order
    version: Version | None
    steps: Sequence[Step]
    ahead: Sequence[Fact]
    too_late: Sequence[Fact]
    standings: Sequence[Standing]
    left_out: Sequence[str]
    """Metrics that do not count orders of these goods (SEMANTICS U6)."""
    alerts: Sequence[Alert]
    """Those that name it as evidence."""


def order_story(known: Known, order_id: str) -> OrderStory:
    """Of an order that ``known`` holds."""
    order, clock = known.orders[order_id], known.clock
    judged = known.verdicts.judged_by(order)
    facts = sorted(order.all(), key=lambda fact: fact.at)
    found = [] if clock is None else accounts(known.verdicts, order, clock, known.says)
    return OrderStory(
        known=known,
        order_id=order_id,
        order=order,
        version=judged[0] if judged else None,
        steps=steps(known, order),
        ahead=[fact for fact in facts if clock is None or fact.at > clock],
        too_late=[fact for fact in facts if counts_for_nothing(known, order, fact)],
        standings=[Standing(each, _stays(known, each)) for each in found],
        left_out=[
            each.metric.name
            for each in (judged[1] if judged else ())
            if order.paid is not None and order.paid.goods not in each.metric.goods
        ],
        alerts=[alert for alert in known.alerts if any(one.order_id == order_id for one in alert.evidence)],
    )


def counts_for_nothing(known: Known, order: Order, fact: Fact) -> bool:
    """Whether ``fact`` is dated too long after the payment (SEMANTICS F5)."""
    judged = known.verdicts.judged_by(order)
    return judged is not None and order.paid is not None and fact.at > order.paid.at + judged[0].keep


def _stays(known: Known, account: Account) -> list[Stay]:
    unit = next((each for each in account.units if each.bad), next(iter(account.units), None))
    return [] if unit is None else stays(known, unit)
