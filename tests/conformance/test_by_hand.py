"""What do SEMANTICS and DESIGN 6 say of what the cases do not show?  Worked out here, for the engine and for the oracle."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from stream.backtest.replay import replay
from stream.policy.reading import Source, read_policies
from tests.conformance.cases import Row, usual_event, usual_policy
from tests.oracle.computation import Oracle
from tests.oracle.times import instant, written

PAID = instant("2024-01-01T00:00:00Z")
HOUR = 3_600_000
DAY = 24 * HOUR
END = PAID + 9 * DAY

Answer = Callable[[str, Sequence[Row]], tuple[Sequence[Mapping[str, Any]], Mapping[str, Any]]]


def _oracle(policy: str, events: Sequence[Row]) -> tuple[Sequence[Row], Row]:
    oracle = Oracle([policy], events)
    return oracle.alerts(END), oracle.rates("S", END)[0]


def _replay(policy: str, events: Sequence[Row]) -> tuple[Sequence[Row], Row]:
    result = replay(
        read_policies([Source("policy.toml", policy)]), (json.dumps(event).encode() for event in events), END
    )
    rates: Mapping[str, Any] = result.rates["S"]
    return result.alerts, rates["rules"][0]["tiers"][0]


ANSWERS = pytest.mark.parametrize("answer", [_oracle, _replay], ids=["oracle", "replay"])

ON_TIME = """
[metrics.m]
kind = "on_time_ship"

[rules.r]
metric = "m"
window = "20d"
"""


def _event(kind: str, order: str, at: int, **fields: Any) -> Row:
    return usual_event(
        type=kind, event_id=f"{kind}-{order}-{at}", order_id=order, occurred_at=written(at), **fields
    )


def _paid(order: str, due: int = PAID + DAY) -> Row:
    return _event("order_paid", order, PAID, ship_by=written(due))


def _counts(rates: Row) -> list[Any]:
    return [rates["good"], rates["bad"], rates["counted"]]


@ANSWERS
def test_a_fact_dated_more_than_keep_after_payment_counts_for_nothing(answer: Answer) -> None:
    """F5."""
    policy = usual_policy(ON_TIME + "alarm = { bad_above = 9 }", keep="2d")
    events = [_paid(order, PAID + 3 * DAY) for order in ("at", "after")]
    events += [
        _event("package_shipped", "at", PAID + 2 * DAY),
        _event("package_shipped", "after", PAID + 2 * DAY + 1),
    ]
    assert _counts(answer(policy, events)[1]) == [1, 1, 2]


@ANSWERS
def test_of_changes_an_order_keeps_the_hundred_least(answer: Answer) -> None:
    """F2: the change that is the 101st would have put the promise off beyond the end."""
    policy = usual_policy(ON_TIME + "alarm = { bad_above = 9 }")
    changes = [
        _event("promise_changed", "o", PAID + n * 1000, ship_by=written(PAID + DAY + n * 1000))
        for n in range(1, 101)
    ]
    too_many = _event("promise_changed", "o", PAID + 101_000, ship_by=written(END + DAY))
    assert _counts(answer(policy, [too_many, _paid("o"), *changes])[1]) == [0, 1, 1]
    assert _counts(answer(policy, [too_many, _paid("o"), *changes[1:]])[1]) == [0, 0, 0]


@ANSWERS
@pytest.mark.parametrize(
    ("metric", "kind", "name"),
    [
        ('kind = "pickup_anomaly"', "package_shipped", "package_id"),
        ('kind = "after_sales"\nresolve_within = "1h"', "refund_requested", "refund_id"),
    ],
    ids=["packages", "refunds"],
)
def test_of_packages_and_refunds_an_order_keeps_the_hundred_least(
    answer: Answer, metric: str, kind: str, name: str
) -> None:
    """F2."""
    rule = ON_TIME.replace('kind = "on_time_ship"', metric)
    things = [_event(kind, "o", PAID + n * 1000, **{name: f"x{n}"}) for n in range(103)]
    policy = usual_policy(rule + "alarm = { bad_above = 900 }")
    assert _counts(answer(policy, [*reversed(things), _paid("o")])[1]) == [0, 100, 100]


@ANSWERS
@pytest.mark.parametrize(
    ("tier", "good", "bad", "headroom"),
    [
        ("below = 0.90", 20, 0, 2),  # 20/22 is not below, 20/23 is
        ("below = 0.90", 18, 2, 0),
        ("below = 0.90", 8, 2, -10),  # 17/19 is below, 18/20 is not
        ("below = 0.90, min_orders = 30", 20, 0, 9),  # with 10 more they are 30, and 20/30 is below
        ("below = 0.90, min_bad = 5", 20, 0, 4),
        ("below = 0.90, min_bad = 5, bad_above = 2", 20, 0, 2),
        ("below = 0.90, min_orders = 30, bad_above = 2", 2, 3, None),  # no good unit ends it
        ("bad_above = 3", 1, 1, 2),
        ("bad_above = 3", 1, 5, None),
        ("below = 0", 4, 4, None),  # no rate is below nothing
        ("below = 1", 3, 1, None),  # one bad is too many for ever
        ("below = 1.0", 0, 0, 0),
    ],
)
def test_headroom_says_how_far_the_line_is(
    answer: Answer, tier: str, good: int, bad: int, headroom: int | None
) -> None:
    """R8."""
    events = [_paid(f"o{number}") for number in range(good + bad)] + [_event("order_cancelled", "zz", PAID)]
    events += [_event("package_shipped", f"o{number}", PAID + HOUR) for number in range(good)]
    rates = answer(usual_policy(ON_TIME + f"alarm = {{ {tier} }}"), events)[1]
    assert (*_counts(rates), rates["headroom"]) == (good, bad, good + bad, headroom)


@ANSWERS
def test_evidence_is_the_twenty_bad_units_placed_last_ties_by_order_id(answer: Answer) -> None:
    """DESIGN 6, R7."""
    late = [_paid(f"o{number:02}", PAID + DAY + number % 3 * HOUR) for number in range(25)]
    (alert,) = answer(usual_policy(ON_TIME + "alarm = { bad_above = 23 }"), late)[0]
    newest_first = sorted(range(25), key=lambda number: (-(number % 3), number))
    # It fires when the last of them is late: with those of the last hour all 25 are.
    assert [each["order_id"] for each in alert["evidence"]] == [
        f"o{number:02}" for number in newest_first[:20]
    ]
    assert alert["at_fire"]["bad"] == 25


@ANSWERS
def test_an_alert_of_a_score_carries_the_score_and_the_evidence_of_what_costs_most(answer: Answer) -> None:
    """S3, S1: the return costs 70 of 71, the late order 1."""
    policy = usual_policy("""
[metrics.m]
kind = "on_time_ship"

[metrics.n]
kind = "return"

[scores.s]
window = "20d"
parts = [{ metric = "m", weight = 1 }, { metric = "n", weight = 70 }]

[rules.r]
score = "s"
alarm = { below = 0.3 }
""")
    events = [_paid("returned"), _paid("kept", PAID + 2 * DAY), _paid("sent", PAID + 2 * DAY)]
    events += [_event("package_shipped", order, PAID + HOUR) for order in ("returned", "kept", "sent")]
    events += [_event("refund_requested", order, PAID + DAY) for order in ("returned", "sent")]
    events += [_paid("late")]
    events += [_event("refund_requested", "late", PAID + DAY + 1, refund_id="f9")]
    (alert,) = answer(policy, events)[0]
    # On time 3 of 4, returned 3 of 4: (0.75 + 70 * 0.25) / 71.
    counts = alert["at_fire"]
    assert {counts[name] for name in ("good", "bad", "counted", "rate", "headroom")} == {None}
    assert counts["score"] == 0.257042
    assert (alert["metric"], alert["window"]) == (None, None)
    assert {each["order_id"] for each in alert["evidence"]} == {"returned", "sent", "late"}
