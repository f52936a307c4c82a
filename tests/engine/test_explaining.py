"""Is what is said of each duty what the engine finds?  Its states against units, deadlines and what is pending."""

from collections.abc import Sequence

import pytest
from hypothesis import given, note

from stream.engine.explaining import Account, accounts, moves
from stream.engine.joining import join
from stream.engine.order import Order
from stream.engine.reading import Event, read_event
from stream.engine.verdicts import Verdicts
from stream.policy.spec import PolicySet
from tests.engine.story import (
    ON_TIME,
    cancelled,
    changed,
    hours,
    paid,
    picked_up,
    policy,
    requested,
    resolved,
    shipped,
    withdrawn,
)
from tests.oracle.times import instant
from tests.properties.dice import DICE, Dice
from tests.properties.policies import policies
from tests.properties.running import FEWER, lines, policy_of
from tests.properties.streams import Event as Line
from tests.properties.streams import streams


def record(events: Sequence[Event]) -> Order:
    order = Order()
    for event in events:
        join(order, event.fact)
    return order


def says(at: int) -> str:
    return str(at)


def told(policy_set: PolicySet, order: Order, t: int) -> Sequence[Account]:
    return accounts(Verdicts(policy_set), order, t, says)


@FEWER
@given(policies(), streams(), DICE)
def test_the_accounts_of_any_order_are_what_the_engine_finds(
    texts: list[str], events: list[Line], dice: Dice
) -> None:
    """U1 to U5, D3, E4: every unit has its account, and what is open is what is pending."""
    note("\n".join(texts))
    policy_set = policy_of(texts)
    verdicts, orders = Verdicts(policy_set), _orders(events)
    times = [instant(event["occurred_at"]) for event in events]
    for order in orders:
        t = dice.one(times) + dice.one((0, -1, 3_600_000, 90_000_000))
        found, said = verdicts.find(order, t), told(policy_set, order, t)
        assert [unit for each in said for unit in each.units] == found.units
        deadlines = [each.duty.deadline for each in said if each.duty.deadline is not None]
        assert deadlines == verdicts.deadlines(order, t)
        still_open = [each.duty.deadline for each in said if each.state == "open"]
        assert still_open == [each.deadline for each in found.pending]
        for each in said:
            assert (each.state == "bad") == any(unit.bad for unit in each.units) == bool(each.why)
            assert (each.state in {"good", "bad"}) == bool(each.units)
            assert (each.state == "exempt") <= bool(each.exempted_by)
            assert (each.state == "set_aside") <= (each.duty.aside is not None)
            assert each.state != "not_placed" or each.metric.anchor == "shipped"


def _orders(events: Sequence[Line]) -> Sequence[Order]:
    found: dict[tuple[str, str], Order] = {}
    for line in lines(events):
        event = read_event(None, None, line)
        join(found.setdefault((event.shop_id, event.order_id), Order()), event.fact)
    return list(found.values())


def exemption(effect: str, metric: str = "m", more: str = "") -> str:
    return f'[[exemptions]]\nid = "x"\nmetrics = ["{metric}"]\neffect = "{effect}"\nanchor = "paid"\n{more}\n'


PICKUP = ON_TIME.replace("on_time_ship", "pickup_anomaly").replace("below", "above")
AFTER_SALES = ON_TIME.replace('"on_time_ship"', '"after_sales"\nresolve_within = "2h"')
DECIDED_LATER = exemption("forgive", more="from = 2024-01-01T05:30:00Z").replace('"paid"', '"decided"')
SOON = PICKUP.replace('anomaly"', 'anomaly"\npickup_within = "2h"')
RETURN = ON_TIME.replace("on_time_ship", "return").replace("below", "above")


@pytest.mark.parametrize(
    ("events", "body", "state", "aside", "exempted"),
    [
        ([], ON_TIME, "open", None, []),
        ([shipped("o", 1)], ON_TIME, "good", None, []),
        ([shipped("o", 6)], ON_TIME, "bad", None, []),
        ([cancelled("o", 1)], ON_TIME, "set_aside", "", []),
        ([requested("o", 1, "r1")], ON_TIME, "set_aside", "r1", []),
        ([requested("o", 1, "r1"), withdrawn("o", 2, "r1")], ON_TIME, "open", None, []),
        ([shipped("o", 6)], ON_TIME + exemption("drop"), "exempt", None, ["x"]),
        ([shipped("o", 6)], ON_TIME + exemption("forgive"), "exempt", None, ["x"]),
        ([shipped("o", 6)], ON_TIME + exemption("count_good"), "good", None, ["x"]),
        ([shipped("o", 1)], ON_TIME + exemption("count_good"), "good", None, []),
        ([shipped("o", 1)], ON_TIME + exemption("forgive"), "good", None, []),
        ([cancelled("o", 1)], ON_TIME + exemption("drop"), "set_aside", "", []),
        ([shipped("o", 6)], ON_TIME + exemption("extend", more='by = "2h"'), "good", None, []),
        (
            [picked_up("o", -1), shipped("o", 1)],
            PICKUP + exemption("count_good"),
            "good",
            None,
            ["x"],
        ),
        (
            [shipped("o", 1), cancelled("o", 5)],
            SOON + exemption("extend", more='by = "4h"'),
            "set_aside",
            "",
            [],
        ),
        ([requested("o", 1), resolved("o", 2), withdrawn("o", 2.5)], AFTER_SALES, "good", None, []),
        (
            [requested("o", 1), withdrawn("o", 4)],
            AFTER_SALES + exemption("extend", more='by = "4h"'),
            "set_aside",
            "f",
            [],
        ),
        ([requested("o", 6)], RETURN, "bad", None, []),
        ([requested("o", 6)], RETURN + DECIDED_LATER, "exempt", None, ["x"]),
        ([requested("o", 6)], RETURN + exemption("forgive"), "exempt", None, ["x"]),
        ([requested("o", 6)], RETURN + exemption("count_good"), "good", None, ["x"]),
        ([], ON_TIME.replace('ship"', 'ship"\nanchor = "shipped"'), "open", None, []),
    ],
)
def test_a_duty_says_what_became_of_it_and_by_whom(
    events: Sequence[Event], body: str, state: str, aside: str | None, exempted: Sequence[str]
) -> None:
    """D3, E4."""
    order = record([paid("o", 0, 10 if state in {"open", "set_aside"} else 5), *events])
    (account,) = told(policy(body), order, hours(8))
    assert (account.state, account.duty.aside, list(account.exempted_by)) == (state, aside, exempted)


def test_an_order_that_is_late_and_counts_where_it_is_shipped_waits_u1() -> None:
    body = ON_TIME.replace('ship"', 'ship"\nanchor = "shipped"')
    (account,) = told(policy(body), record([paid("o", 0, 5)]), hours(8))
    assert account.state == "not_placed"


def test_each_change_of_the_promise_says_why_it_does_not_count_d1() -> None:
    body = ON_TIME.replace('ship"', 'ship"\npromise_reasons = ["platform"]')
    order = record(
        [
            paid("o", 0, 5),
            changed("o", 1, 6),
            changed("o", 2, 7, "buyer_agreed"),
            changed("o", 6.5, 8),
            changed("o", 5.5, 9),
            shipped("o", 5.2),
        ]
    )
    found = [each.objection for each in moves(Verdicts(policy(body)), order, hours(9), "m")]
    assert found == [None, "reason", "after_shipping", "after_promise"]


def test_of_an_order_that_is_not_judged_there_is_nothing_to_say_v1() -> None:
    order = record([paid("o", -48, 5)])
    assert told(policy(ON_TIME), order, hours(9)) == []
    assert moves(Verdicts(policy(ON_TIME)), order, hours(9), "m") == []
    assert told(policy(ON_TIME), record([paid("o", 0, 5)]), hours(-1)) == []
