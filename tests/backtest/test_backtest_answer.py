"""Does a backtest, from events to words, say what hand-made cases ask for?"""

import json
import re

import pytest

from stream.backtest.errors import (
    NothingRecordedError,
    NotInForceError,
    OutsideError,
    TimeZonesError,
    UnknownShopError,
)
from stream.backtest.judging import by_engine
from stream.backtest.span import reach
from tests.backtest.asking import (
    DAY,
    HOUR,
    Case,
    InMemory,
    cancelled,
    hours,
    order,
    orders,
    policy,
    policy_of,
)

# 4 of 5 are good from hour 2 on, 4 of 6 from hour 3 on; the good ones leave the window at hour 11, the bad ones at 12 and 13.
SLUMP = orders(good=(1.0, 1.1, 1.2, 1.3), bad=(2.0, 3.0))
STRICT, USUAL = policy("alarm = { below = 0.85 }"), policy()


def fired(case: Case, side: str) -> list[tuple[object, object]]:
    judged = case.answer.baseline.judged if side == "baseline" else case.answer.candidate.judged
    return [(alert["fired_at"], alert["resolved_at"]) for alert in judged.alerts]


@pytest.mark.parametrize(
    ("baseline", "candidate", "said"),
    [
        (USUAL, USUAL, ("unchanged",)),
        (USUAL, STRICT, ("earlier", "longer")),
        (STRICT, USUAL, ("later", "shorter")),
        (USUAL, policy("alarm = { below = 0.8, keep_firing_for = '2h' }"), ("longer",)),
        (policy("alarm = { below = 0.8, keep_firing_for = '2h' }"), USUAL, ("shorter",)),
        (USUAL, policy("alarm = { below = 0.8, for = '30m' }"), ("later", "shorter")),
        (USUAL, policy("alarm = { below = 0.6, min_bad = 2 }"), ("later", "shorter")),
        (USUAL, policy("alarm = { below = 0.8, min_orders = 7 }"), ("removed",)),
        (policy("alarm = { below = 0.8, min_orders = 7 }"), USUAL, ("added",)),
    ],
)
def test_each_change_of_policy_has_its_words(baseline: str, candidate: str, said: tuple[str, ...]) -> None:
    assert Case(SLUMP, baseline, candidate, 0, 20).said == [said]


def test_both_are_judged_by_the_engine_and_handed_out_as_alerts_are() -> None:
    case = Case(SLUMP, USUAL, STRICT, 0, 20)
    assert fired(case, "baseline") == [("2024-01-01T03:00:00.000Z", "2024-01-01T13:00:00.000Z")]
    assert fired(case, "candidate") == [("2024-01-01T02:00:00.000Z", "2024-01-01T13:00:00.000Z")]
    (alert,) = case.answer.baseline.judged.alerts
    assert (alert["emitted_at"], alert["state"], alert["policy"]) == (None, "resolved", "test")


def test_both_ends_of_the_range_are_in_it() -> None:
    assert Case(SLUMP, policy("alarm = { below = 0 }"), USUAL, 3, 20).said == [("added",)]
    assert Case(SLUMP, policy("alarm = { below = 0 }"), USUAL, 0, 3).said == [("added",)]
    assert Case(SLUMP, policy("alarm = { below = 0 }"), USUAL, 0, 2.99).said == []


def test_an_alert_is_as_it_is_at_the_end_of_the_range() -> None:
    (alert,) = Case(SLUMP, begin=0, end=8).answer.baseline.judged.alerts
    assert (alert["state"], alert["resolved_at"]) == ("firing", None)


def test_what_fired_before_the_range_is_told_as_such_and_not_as_added() -> None:
    case = Case(SLUMP, policy("alarm = { below = 0 }"), USUAL, 5, 20)
    assert case.said == [("added_before",)]
    assert case.answer.words["added"] == 0
    assert (case.answer.candidate.summary.alerts, case.answer.candidate.summary.firing_before) == (0, 1)
    assert case.answer.touched == 0


def test_what_resolved_before_the_range_is_not_told_of() -> None:
    assert Case(SLUMP, begin=13, end=20).answer.baseline.judged.alerts == []


def test_t5_without_a_range_both_end_where_the_later_would_by_itself() -> None:
    events = order("late", 5, good=False)
    case = Case(events, USUAL, policy(metric='anchor = "due"'))
    assert (case.answer.span.begin, case.answer.span.end) == (hours(4), hours(5))


def test_t5_the_later_end_is_that_of_both() -> None:
    extended = """
[[exemptions]]
id = "x"
metrics = ["m"]
effect = "extend"
anchor = "due"
by = "5h"
"""
    for texts in ((USUAL, policy(more=extended)), (policy(more=extended), USUAL)):
        assert Case(order("late", 5, good=False), *texts).answer.span.end == hours(10)


def test_only_the_shops_that_are_asked_for_are_judged() -> None:
    events = [*SLUMP, *orders(bad=(2.0,), shop="T")]
    case = Case(events, policy("alarm = { below = 0 }"), USUAL, 0, 20, shops=frozenset({"T"}))
    assert [each.change.tier.shop for each in case.answer.changes] == ["T"]
    assert list(case.answer.profiles) == ["T"]


def test_what_happened_after_the_range_changes_nothing_in_it() -> None:
    late = [*SLUMP, *orders(bad=(8.0, 9.0))]
    until = Case(SLUMP, USUAL, STRICT, 0, 7).answer
    assert Case(late, USUAL, STRICT, 0, 7).answer.baseline.judged.alerts == until.baseline.judged.alerts


def test_what_happened_after_all_that_is_asked_for_is_not_kept() -> None:
    lines = [json.dumps(event).encode() for event in SLUMP]
    known = by_engine(InMemory(lines), last=hours(1.2)).known
    # Paid and shipped up to hour 1.2, and the payment of what is late at hour 2.
    assert (known.events, known.latest) == (8, hours(1.2))


def test_how_far_before_the_range_is_read_is_what_a_judgement_can_hang_on() -> None:
    tiers = """
a = { below = 0.8, for = "3h" }
b = { below = 0.7, for = "1h", keep_firing_for = "4h" }
"""
    texts = (
        policy(tiers, metric='lag = "2h"'),
        policy(since="2024-06-01T00:00:00Z", version="2", window="20h"),
    )
    # keep, then window, lag, `for` and `keep_firing_for` of the tier that reaches furthest.
    assert reach(policy_of(texts[0])) == 60 * DAY + (10 + 2 + 1 + 4) * HOUR
    assert reach(policy_of(*texts)) == 60 * DAY + 20 * HOUR


def test_how_far_is_read_hangs_on_the_longest_lag_of_a_score() -> None:
    score = """
[scores.s]
window = "5h"
pane = "1h"
parts = [{ metric = "m", weight = 1 }]
[rules.q]
score = "s"
low = { below = 0.5, for = "9h" }
"""
    assert reach(policy_of(policy(metric='lag = "2h"', more=score))) == 60 * DAY + (5 + 2 + 9) * HOUR


@pytest.mark.parametrize(
    ("case", "error", "said"),
    [
        (Case([], begin=0, end=1), NothingRecordedError, "memory has no events to judge"),
        (Case(SLUMP, shops=frozenset({"S", "Q", "P"})), UnknownShopError, "memory has no events of 'P', 'Q'"),
        (Case(SLUMP, begin=-5, end=-1), OutsideError, "nothing of it lies from 2023-12-31T19:00:00.000Z"),
        (Case(SLUMP, begin=9000, end=9001), OutsideError, "nothing of it lies from 2025-01-10T00:00:00.000Z"),
        (
            Case(SLUMP, USUAL, policy(zone="Asia/Shanghai")),
            TimeZonesError,
            "time_zone is UTC, the candidate's Asia/",
        ),
        (
            Case(SLUMP, USUAL, policy(since="2024-06-01T00:00:00Z"), 0, 20),
            NotInForceError,
            "the candidate is in force from 2024-06-01T00:00:00.000Z on only",
        ),
    ],
)
def test_what_cannot_be_answered_is_said_in_a_line(case: Case, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=re.escape(said)) as caught:
        _ = case.answer
    assert "\n" not in str(caught.value)


def test_silence_in_the_range_is_no_mistake() -> None:
    # Paid at hour 4, due at hour 5: nothing is recorded in the range, and the order becomes late in it.
    case = Case(order("late", 5, good=False), begin=4.5, end=6)
    assert fired(case, "baseline") == [("2024-01-01T05:00:00.000Z", None)]


def test_a_recording_without_a_paid_order_has_no_shops() -> None:
    answer = Case([cancelled(1)], begin=0, end=2).answer
    assert (answer.profiles, answer.breakdown["size"], answer.baseline.summary.alerts_a_shop_day) == (
        {},
        [],
        0,
    )
