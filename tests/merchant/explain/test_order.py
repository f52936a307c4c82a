"""Is the story of an order told right?  Facts in, lines out; and for any policy and stream it ends where the order stands."""

from collections.abc import Sequence
from textwrap import dedent

import orjson
import pytest
from hypothesis import given, note, settings

from stream.engine.reading import Event, read_event
from stream.engine.view import FOR_EVER
from stream.merchant.explain.alert import alert_story
from stream.merchant.explain.alert_lines import alert_lines
from stream.merchant.explain.documents import alert_document, order_document, shop_document
from stream.merchant.explain.known import Known
from stream.merchant.explain.order import OrderStory, order_story
from stream.merchant.explain.order_lines import order_lines
from stream.merchant.explain.shop import shop_story
from stream.merchant.explain.shop_lines import shop_lines
from tests.engine.story import (
    HEAD,
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
from tests.merchant.explain.scene import known
from tests.oracle.times import instant
from tests.properties.dice import DICE, Dice
from tests.properties.policies import policies
from tests.properties.running import EVERY_RUN, lines, policy_of
from tests.properties.streams import Event as Line
from tests.properties.streams import streams

EXTEND = """
[[exemptions]]
id = "storm"
metrics = ["m"]
effect = "extend"
anchor = "due"
by = "2h"
published_at = 2024-01-01T06:00:00Z
"""
ONE_EFFECT = """
[[exemptions]]
id = "flood"
metrics = ["m"]
effect = "{}"
anchor = "paid"
published_at = 2024-01-01T06:00:00Z
"""
PICKUP = ON_TIME.replace('"on_time_ship"', '"pickup_anomaly"\npickup_within = "3h"').replace("below", "above")
RETURN = ON_TIME.replace("on_time_ship", "return").replace("below", "above")
AFTER_SALES = ON_TIME.replace('"on_time_ship"', '"after_sales"\nresolve_within = "2h"')
REASONS = ON_TIME.replace('ship"', 'ship"\npromise_reasons = ["platform"]')
PAID = paid("o", 0, 5)


def told(body: str, events: Sequence[Event], *turns: float) -> list[str]:
    """The lines of order ``o``, without the date that all times are on."""
    story = order_story(known(policy(body), events, *turns), "o")
    return [line.replace("2024-01-01 ", "").rstrip() for line in order_lines(story)]


def steps(found: Sequence[str]) -> str:
    """What befell it, a line each, without the indent that puts what each did under its time."""
    begin = found.index("") + 1
    return "\n".join(" ".join(line.split()) for line in found[begin : found.index("", begin)])


def test_the_whole_story_of_a_late_order() -> None:
    events = [PAID, changed("o", 1, 6), changed("o", 9, 12), shipped("o", 9.5), cancelled("o", 20)]
    assert "\n".join(told(ON_TIME + EXTEND, events, 11)).partition("evidence of")[0] == dedent(
        """\
        order o of shop S, paid under version 0 of policy test
        all up to 11:00:00 is decided (times of UTC)

        00:00:00  paid: to be shipped by 05:00:00; physical goods from 310105 to 440100
                               m: open until 05:00:00
        01:00:00  promise changed to 06:00:00 (platform)
                               m: the change counts
                               m: open until 06:00:00
        06:00:00  exemption published: storm
                               m: open until 08:00:00 (extended from 06:00:00 by storm)
        08:00:00  a deadline passed
                               m: bad: to be shipped by 08:00:00 (extended from 06:00:00 by storm), not shipped yet
        09:00:00  promise changed to 12:00:00 (platform)
                               m: the change does not count: the promise before it had passed
        09:30:00  package p shipped by c

        known, but ahead of what is decided:
          20:00:00  cancelled by the buyer: r

        where it stands:
          m: bad: to be shipped by 08:00:00 (extended from 06:00:00 by storm), shipped at 09:30:00
            exemptions that hold: storm (extend)
            deadline: 08:00:00, extended from 06:00:00 by storm
            placed at 08:00:00
            r (alarm; 10h): counted until 18:00:00

        """
    )


@pytest.mark.parametrize(
    ("body", "events", "clock", "said"),
    [
        (ON_TIME, [PAID, cancelled("o", 1)], 6, "01:00:00 cancelled by the buyer: r\nm: on neither side: cancelled before it was due or done"),
        (ON_TIME, [PAID, cancelled("o", 5.5)], 6, "05:00:00 a deadline passed\nm: bad: to be shipped by 05:00:00, not shipped yet\n05:30:00 cancelled by the buyer: r"),
        (ON_TIME, [PAID, requested("o", 1)], 6, "fault: merchant)\nm: on neither side: refund f was requested before it was due or done"),
        (ON_TIME, [PAID, requested("o", 1), withdrawn("o", 2)], 3, "02:00:00 refund f withdrawn\nm: open until 05:00:00 (was on neither side)"),
        (ON_TIME + ONE_EFFECT.format("drop"), [PAID], 7, "06:00:00 exemption published: flood\nm: on neither side: exempt by flood (was bad)"),
        (ON_TIME + ONE_EFFECT.format("count_good"), [PAID], 7, "m: good: exempt by flood (was bad)"),
        (ON_TIME + ONE_EFFECT.format("penalty_only"), [PAID], 7, "06:00:00 exemption published: flood\nm: bad: to be shipped by 05:00:00, not shipped yet; in no penalty, by flood"),
        (REASONS, [PAID, changed("o", 1, 6, "buyer_agreed")], 2, "m: the change does not count: its reason is none of those that the metric lists"),
        (ON_TIME, [PAID, shipped("o", 1), changed("o", 2, 6)], 3, "m: the change does not count: the order was shipped before it"),
        (ON_TIME, [PAID, shipped("o", 1, "a", completes=False), shipped("o", 2, "b")], 3, "01:00:00 package a shipped by c, with more of the order to come\n02:00:00 package b shipped by c\nm: good"),
        (PICKUP, [PAID, shipped("o", 1), picked_up("o", 2)], 3, "01:00:00 package p shipped by c\nm, package p: open until 04:00:00\n02:00:00 package p scanned by c\nm, package p: good"),
        (RETURN, [PAID, requested("o", 1), withdrawn("o", 2)], 3, "broken (fault: merchant) (was good)\n02:00:00 refund f withdrawn\nm: good (was bad)"),
        (AFTER_SALES, [PAID, requested("o", 1), resolved("o", 4)], 5, "m, refund f: open until 03:00:00\n03:00:00 a deadline passed\nm, refund f: bad: return requested at 01:00:00, to be resolved by 03:00:00, not resolved yet\n04:00:00 refund f resolved: approved"),
        (AFTER_SALES, [PAID, requested("o", 1), withdrawn("o", 2)], 5, "m, refund f: on neither side: withdrawn"),
        (ON_TIME.replace('ship"', 'ship"\nanchor = "shipped"'), [PAID, shipped("o", 7)], 8, "05:00:00 a deadline passed\nm: late, and counted nowhere until it is shipped\n07:00:00 package p shipped by c\nm: bad: to be shipped by 05:00:00, shipped at 07:00:00 (was late, and counted nowhere until it is shipped)"),
    ],
)  # fmt: skip
def test_each_fact_says_what_it_did(body: str, events: Sequence[Event], clock: float, said: str) -> None:
    """D1, D3, E2, E4, U1 to U5."""
    assert said in steps(told(body, events, 5.5, clock))


@pytest.mark.parametrize(
    ("body", "events", "said"),
    [
        (ON_TIME, [shipped("o", 1)], ", not paid as far as is known: nothing is decided of it"),
        (ON_TIME, [paid("o", -48, 5)], ", paid before the first version of policy test: it is not judged"),
        (ON_TIME.replace('ship"', 'ship"\nlag = "4h"'), [PAID, shipped("o", 1)], "    r (alarm; 10h): counted from 05:00:00 until 15:00:00"),
        (ON_TIME.replace('"10h"', '"2h"'), [PAID, shipped("o", 1)], "    r (alarm; 2h): counted until 03:00:00, not any more"),
        (ON_TIME.replace("0.8", "0.8, penalty = true") + ONE_EFFECT.format("penalty_only").replace("06:00", "00:00"), [PAID, shipped("o", 1)], "    r (alarm; 10h): not counted there, for these are penalties"),
        (ON_TIME, [PAID, shipped("o", 1)], "no alert names it as evidence"),
        (ON_TIME, [paid("o", 0, 5, goods="virtual")], "  m: virtual goods are not counted"),
    ],
)  # fmt: skip
def test_it_is_said_where_an_order_stands(body: str, events: Sequence[Event], said: str) -> None:
    """V1, W2, E5."""
    assert any(line.endswith(said) for line in told(body, events, 4))


def test_a_fact_long_after_the_payment_is_said_to_count_for_nothing_f5() -> None:
    short = policy_of([HEAD.format(version=0, since="2023-12-31T00:00:00Z") + 'keep = "2h"\n' + ON_TIME])
    story = order_story(known(short, [PAID, shipped("o", 3)], 4), "o")
    assert [fact.at for fact in story.too_late] == [hours(3)]
    assert any(
        "counts for nothing, more than 2 hours after the payment" in line for line in order_lines(story)
    )


def test_before_anything_is_decided_the_facts_are_all_there_is() -> None:
    story = order_story(known(policy(ON_TIME), [PAID]), "o")
    assert [line for line in order_lines(story) if "paid: " in line] == [
        "  2024-01-01 00:00:00  paid: to be shipped by 2024-01-01 05:00:00; physical goods from 310105 to 440100"
    ]
    assert "nothing is decided yet (times of UTC)" in list(order_lines(story))


@settings(EVERY_RUN, max_examples=50)
@given(policies(), streams(), DICE)
def test_any_story_ends_where_the_order_stands_and_is_told_whole(
    texts: list[str], events: list[Line], dice: Dice
) -> None:
    """All that is told can be written as JSON, too."""
    note("\n".join(texts))
    times = [instant(event["occurred_at"]) for event in events]
    found = known(
        policy_of(texts),
        [read_event(None, None, line) for line in lines(events)],
        (dice.one(times) + dice.one((0, 90_000_000)) - hours(0)) / 3_600_000,
    )
    assert list(shop_lines(shop_story(found)))
    assert orjson.dumps(shop_document(shop_story(found)))
    for alert in found.alerts:
        assert list(alert_lines(alert_story(found, alert)))
        assert orjson.dumps(alert_document(alert_story(found, alert)))
    for order_id in found.orders:
        story = order_story(found, order_id)
        assert list(order_lines(story))
        assert orjson.dumps(order_document(story))
        _assert_ends_where_it_stands(found, story)


def _assert_ends_where_it_stands(found: Known, story: OrderStory) -> None:
    last = {}
    for step in story.steps:
        for before, after in step.changes:
            some = after or before
            assert some is not None
            thing = "" if some.metric.kind == "return" else some.duty.thing
            last[some.metric.name, thing] = None if after is None else (after.state, after.duty.deadline)
    stands = {
        (each.account.metric.name, "" if each.account.metric.kind == "return" else each.account.duty.thing): (
            each.account.state,
            each.account.duty.deadline,
        )
        for each in story.standings
    }
    assert {key: state for key, state in last.items() if state is not None} == stands
    assert (found.clock or FOR_EVER) >= max((step.at for step in story.steps), default=0)
