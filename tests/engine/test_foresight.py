"""What lies ahead of a shop, worked out by hand?  (SEMANTICS P1-P3)"""

from typing import Any

import msgspec

from stream.engine.engine import Engine
from tests.engine.story import HEAD, ON_TIME, cancelled, changed, engine, hours, paid, policy, shipped
from topics.rates import Rates
from topics.times import rfc3339

RULE = """
[metrics.m]
kind = "on_time_ship"
{metric}

[rules.r]
metric = "m"
window = "10h"
pane = "1h"
alarm = {{ {tier} }}
"""


def rule(tier: str, metric: str = "") -> str:
    return RULE.format(tier=tier, metric=metric)


def told(*events: Any, at: float, bodies: tuple[str, ...] = (ON_TIME,)) -> Engine:
    """An engine that has been told these, its clock so many hours after the start."""
    mine = engine(*bodies)
    for each in events:
        mine.apply(each)
    mine.advance(hours(at))
    return mine


def ahead(mine: Engine) -> tuple[str | None, int | None]:
    """When the first tier is in breach next, and how many orders save it."""
    tier: Any = mine.rates("S")["rules"][0]["tiers"][0]  # type: ignore[index]
    return tier["breach_at"], tier["to_save"]


def at_risk(mine: Engine) -> dict[str, Any]:
    found: Any = mine.rates("S")["at_risk"]
    return dict(found[0])


def good(count: int, at: float) -> list[Any]:
    """Orders that are shipped at ``at``."""
    return [
        event
        for number in range(count)
        for event in (paid(f"g{number}", at - 0.5, at + 8), shipped(f"g{number}", at))
    ]


def test_the_order_that_would_be_late_too_many_breaches_at_its_due_and_one_shipped_saves_it_p1_p2() -> None:
    late = [paid("a", 0, 3), paid("b", 0, 4), paid("c", 0, 5)]
    # 7 of 8 at 3 h, 7 of 9 at 4 h, 7 of 10 at 5 h; with one more shipped now 8 of 10 in the end.
    mine = told(*good(7, 1), *late, at=2)
    assert ahead(mine) == (rfc3339(hours(4)), 1)
    # 6 of 8 at 4 h; with one shipped 7 of 9 in the end, with two 8 of 9.
    mine = told(*good(6, 1), *late, at=2)
    assert ahead(mine) == (rfc3339(hours(4)), 2)


def test_good_ones_that_leave_the_window_are_seen_to_leave_p1() -> None:
    # 4 of 5 until the pane of 1 h leaves at 11 h, when "far" is still open; it alone would be 1 of 2 then.
    events = [*good(4, 1), paid("a", 0, 3), paid("far", 0, 12)]
    assert ahead(told(*events, at=4, bodies=(rule("below = 0.5"),))) == (rfc3339(hours(11)), 1)


def test_nothing_is_ahead_of_a_tier_that_is_in_breach_or_has_no_open_orders_p1() -> None:
    assert ahead(told(paid("a", 0, 3), paid("b", 0, 9), at=4)) == (None, 0)
    assert ahead(told(*good(4, 1), paid("a", 0, 3), at=4)) == (None, 0)


def test_what_no_shipping_saves_says_so_p2() -> None:
    # The four that are good leave at 11 h, and "late" is there until 13 h: 1 of 2 with "far", which is all that can be shipped.
    events = [*good(4, 1), paid("late", 0, 3), paid("far", 1, 12)]
    assert ahead(told(*events, at=3)) == (rfc3339(hours(11)), None)
    bodies = (rule("bad_above = 1", 'lag = "2h"'),)
    # Both are bad already, the second is still to enter.
    mine = told(paid("a", 0, 1), paid("b", 0, 2), paid("open", 0, 20), at=3, bodies=bodies)
    assert ahead(mine) == (rfc3339(hours(4)), None)


def test_one_more_order_shipped_may_be_one_too_many_to_be_left_alone_p2() -> None:
    """One shipped makes two orders that count, of which one is bad: enough to be judged, and too few that are good."""
    bodies = (rule("below = 0.6, min_orders = 2"),)
    mine = told(paid("late", 0, 1), paid("a", 0, 3), paid("b", 0, 4), at=2, bodies=bodies)
    assert ahead(mine) == (rfc3339(hours(3)), 2)


def test_fewer_orders_may_do_where_more_would_not_p2() -> None:
    """With one shipped four bad ones are not too many and five orders too few; from four shipped on six count, and 4 of 6 is little."""
    bodies = (rule("below = 0.8, min_orders = 6, bad_above = 4"),)
    events = [paid(f"late{number}", 0, 1) for number in range(2)]
    events += [paid(f"next{number}", 0, 3) for number in range(3)]
    events += [paid(f"far{number}", 0, 30 + 11 * number) for number in range(5)]
    assert ahead(told(*events, at=2, bodies=bodies)) == (rfc3339(hours(3)), 1)


def test_too_few_orders_or_too_few_bad_ones_are_no_danger_p1() -> None:
    events = [paid("a", 0, 3), paid("b", 0, 4)]
    assert ahead(told(*events, at=2, bodies=(rule("below = 0.8, min_orders = 3"),))) == (None, 0)
    assert ahead(told(*events, at=2, bodies=(rule("below = 0.8, min_orders = 2"),))) == (rfc3339(hours(4)), 2)
    assert ahead(told(*events, at=2, bodies=(rule("below = 0.8, min_bad = 3"),))) == (None, 0)
    assert ahead(told(*events, at=2, bodies=(rule("below = 0.8, min_bad = 2"),))) == (rfc3339(hours(4)), 1)


def test_a_fact_that_is_known_but_lies_ahead_is_not_there_p1() -> None:
    mine = told(*good(3, 1), paid("a", 0, 5), shipped("a", 4), at=2)
    assert ahead(mine) == (rfc3339(hours(5)), 1)
    assert at_risk(mine)["open"] == 1
    mine.advance(hours(4))
    assert ahead(mine) == (None, 0)
    assert at_risk(mine)["open"] == 0


def test_a_version_that_starts_before_the_last_due_judges_from_there_on_p1_v2() -> None:
    # Another version is in force from 24 h on; the late one leaves at 26 h, the good ones at 27 h.
    events = [paid("late", 15, 16), *good(3, 17), paid("far", 17, 30)]
    mild, strict = rule("below = 0.5"), rule("below = 0.9")
    assert ahead(told(*events, at=18, bodies=(mild, mild, strict))) == (rfc3339(hours(24)), None)
    assert ahead(told(*events, at=18, bodies=(mild, mild, mild))) == (rfc3339(hours(30)), 1)
    gone = strict.replace("alarm", "other")
    assert ahead(told(*events, at=18, bodies=(mild, mild, gone))) == (None, 0)


EXEMPTION = """
[[exemptions]]
id = "x"
metrics = ["m"]
effect = "{effect}"
anchor = "paid"
published_at = 2024-01-01T{hour:02}:00:00Z
"""


def test_what_counts_already_may_be_left_out_by_an_exemption_that_is_published_ahead_p1_e2() -> None:
    custom = EXEMPTION.format(effect="drop", hour=4) + 'goods = ["custom"]\n'
    good_ones = [paid(f"c{number}", 0, 9, goods="custom") for number in range(4)]
    good_ones += [shipped(f"c{number}", 1) for number in range(4)]
    events = [*good_ones, paid("late", 0, 1.5), paid("far", 0, 9)]
    assert ahead(told(*events, at=2, bodies=(rule("below = 0.5") + custom,))) == (rfc3339(hours(4)), 1)
    # 4 of 6 at 5 h, if the late one still counted.
    events = [*good(4, 1), paid("late", 0, 1.5, goods="custom"), paid("a", 0, 5)]
    assert ahead(told(*events, at=2, bodies=(ON_TIME + custom,))) == (None, 0)
    assert ahead(told(*events, at=2)) == (rfc3339(hours(5)), 1)


def test_an_exemption_that_is_published_before_the_due_is_seen_p1_e2() -> None:
    events = [*good(3, 1), paid("a", 0, 5)]
    before = ON_TIME + EXEMPTION.format(effect="drop", hour=4)
    after = ON_TIME + EXEMPTION.format(effect="drop", hour=6)
    assert ahead(told(*events, at=2, bodies=(before,))) == (None, 0)
    assert ahead(told(*events, at=2, bodies=(after,))) == (rfc3339(hours(5)), 1)
    longer = ON_TIME + EXEMPTION.format(effect="extend", hour=1) + 'by = "2h"\n'
    assert ahead(told(*events, at=2, bodies=(longer,))) == (rfc3339(hours(7)), 1)
    assert at_risk(told(*events, at=2, bodies=(longer,)))["due_next"][0]["due"] == rfc3339(hours(7))


def test_what_is_spared_from_penalties_is_no_danger_to_a_penalty_p1_e5() -> None:
    spared = EXEMPTION.format(effect="penalty_only", hour=0) + 'goods = ["custom"]\n'
    events = [*good(3, 1), paid("a", 0, 5, goods="custom")]
    assert ahead(told(*events, at=2, bodies=(ON_TIME + spared,))) == (rfc3339(hours(5)), 1)
    penalty = rule("below = 0.8, penalty = true") + spared
    assert ahead(told(*events, at=2, bodies=(penalty,))) == (None, 0)


def test_a_tier_that_goes_on_with_another_metric_is_judged_by_it_p1_v2() -> None:
    """Under the other one orders may be late already that are open still, and shipping them changes nothing."""
    both = rule("below = 0.5") + '[metrics.n]\nkind = "on_time_ship"\npromise_reasons = []\n'
    other = both.replace('metric = "m"', 'metric = "n"')
    events = [*good(3, 18), paid("a", 19, 20), changed("a", 19.5, 29), paid("b", 19, 27)]
    mine = told(*events, at=21, bodies=(both, both, other))
    # The good ones leave at 28 h; "a" is late by the other metric and there until 30 h, and "b", shipped now, makes it 1 of 2.
    assert ahead(mine) == (rfc3339(hours(28)), 1)
    assert [each["order_id"] for each in at_risk(mine)["due_next"]] == ["b", "a"]


def test_shipping_after_the_facts_of_an_order_have_ceased_to_count_saves_nothing_p2_f5() -> None:
    head = HEAD.format(version="0", since="2023-12-31T00:00:00Z")
    assert head in policy(ON_TIME).texts[0]
    body = 'keep = "3h"\n' + rule("bad_above = 0")
    assert ahead(told(paid("a", 0, 6), at=3, bodies=(body,))) == (rfc3339(hours(6)), 1)
    assert ahead(told(paid("a", 0, 6), at=3.001, bodies=(body,))) == (rfc3339(hours(6)), None)


def test_open_orders_are_counted_by_when_they_are_due_and_the_first_fifty_named_p3() -> None:
    events = [paid(f"o{number:02}", 0, 3 + number // 2) for number in range(60)]
    events += [paid("gone", 0, 3), cancelled("gone", 1), paid("moved", 0, 3), changed("moved", 1, 30)]
    mine = told(*events, at=2)
    found = at_risk(mine)
    assert {name: found[name] for name in ("open", "within_1h", "within_6h", "within_24h")} == {
        "open": 61,
        "within_1h": 2,
        "within_6h": 12,
        "within_24h": 48,
    }
    assert [each["order_id"] for each in found["due_next"]] == [f"o{number:02}" for number in range(50)]
    assert found["due_next"][3] == {"order_id": "o03", "due": rfc3339(hours(4))}


def test_with_many_metrics_two_hundred_orders_are_shared_out_p3() -> None:
    bodies = "\n".join(
        rule("below = 0.8").replace("m]", f"m{number}]").replace('"m"', f'"m{number}"').replace("s.r]", f"s.r{number}]")
        for number in range(8)
    )  # fmt: skip
    mine = told(*(paid(f"o{number:03}", 0, 5) for number in range(90)), at=2, bodies=(bodies,))
    found: Any = mine.rates("S")["at_risk"]
    assert [(each["metric"], each["open"], len(each["due_next"])) for each in found] == [
        (f"m{number}", 90, 25) for number in range(8)
    ]


SOON = rule("below = 0.8, forecast = '3h'")


def test_a_tier_that_looks_ahead_fires_so_long_before_with_no_event_at_all_p1_r5() -> None:
    mine = told(*good(3, 1), paid("a", 0, 7), paid("b", 0, 9), at=2, bodies=(SOON,))
    assert mine.advance(hours(3.999)).alerts == []
    (alert,) = mine.advance(hours(4)).alerts
    assert alert.fired_at == hours(4)
    assert alert.at_fire.headroom == 0
    assert [(each.order_id, each.verdict, each.why) for each in alert.evidence] == [
        ("a", "open", "to be shipped by 2024-01-01 07:00:00+00:00, not shipped yet")
    ]
    assert alert.message == (
        "r is alarm: will fall below 80 % at 2024-01-01 07:00:00+00:00 unless 1 order ships; "
        "3 of 3 orders were shipped on time in the last 10 hours, 100 %; the line is 80 %."
    )
    mine.apply(shipped("a", 5))
    (alert,) = mine.advance(hours(6)).alerts
    assert (alert.state, alert.resolved_at, alert.resolved_because) == ("resolved", hours(5), "recovered")


def test_a_tier_that_looks_ahead_is_silent_if_the_danger_passes_before_its_time() -> None:
    mine = told(*good(3, 1), paid("a", 0, 7), shipped("a", 3.9), at=2, bodies=(SOON,))
    assert mine.advance(hours(20)).alerts == []
    mine = told(*good(3, 1), paid("a", 0, 7), cancelled("a", 6.9), at=2, bodies=(SOON,))
    assert [alert.state for alert in mine.advance(hours(20)).alerts] == ["firing", "resolved"]


def test_a_tier_that_looks_ahead_goes_on_firing_when_what_it_foresaw_has_come() -> None:
    both = SOON + "critical = { below = 0.8 }\n"
    mine = told(*good(3, 1), paid("a", 0, 7), at=2, bodies=(both,))
    fired = mine.advance(hours(7)).alerts
    assert [(alert.severity, alert.fired_at) for alert in fired] == [
        ("alarm", hours(4)),
        ("critical", hours(7)),
    ]
    resolved = {alert.severity: alert.resolved_at for alert in mine.advance(hours(20)).alerts}
    assert resolved == {"alarm": hours(17), "critical": hours(17)}


def test_a_new_order_that_cannot_be_shipped_in_time_is_foreseen_when_it_is_paid() -> None:
    mine = told(*good(3, 1), at=2, bodies=(SOON,))
    mine.apply(paid("a", 3, 4))
    assert [alert.fired_at for alert in mine.advance(hours(3)).alerts] == [hours(3)]


LAGGING = rule("bad_above = 0, forecast = '10h'", 'lag = "2h"')


def test_an_order_that_is_late_from_the_first_is_foreseen_before_its_pane_enters_the_window() -> None:
    mine = told(paid("open", 0, 9), paid("late", 1, 1), at=0, bodies=(LAGGING,))
    assert [alert.fired_at for alert in mine.advance(hours(2)).alerts] == [hours(1)]


def test_what_a_late_fact_overturns_before_its_pane_enters_the_window_is_foreseen_no_more() -> None:
    mine = told(paid("open", 0, 9), paid("late", 0, 1), at=2, bodies=(LAGGING,))
    mine.apply(shipped("late", 1))
    assert [alert.resolved_at for alert in mine.advance(hours(2)).alerts] == [hours(2)]


def test_what_no_shipping_saves_and_too_many_bad_ones_are_said_so_in_both_languages() -> None:
    body = 'languages = ["en", "zh"]\n' + rule("bad_above = 1, forecast = '1h'", 'lag = "2h"')
    mine = engine(body)
    for each in (paid("a", 0, 1), paid("b", 0, 2), paid("open", 0, 20)):
        mine.apply(each)
    (alert,) = mine.advance(hours(3)).alerts
    assert [each.order_id for each in alert.evidence] == ["open"]
    english, chinese = alert.message.splitlines()
    assert english.startswith(
        "r is alarm: too many will be late at 2024-01-01 04:00:00+00:00, whatever is shipped; "
    )
    assert chinese.startswith("r 触发 alarm：即使全部发货，迟发订单将于 2024-01-01 04:00:00+00:00 超限。")


def test_a_shop_is_named_when_an_order_opens_or_closes_and_nothing_counts_of_it() -> None:
    mine = engine(rule("below = 0.8", 'anchor = "shipped"'))
    mine.apply(paid("o", 1, 5))
    assert set(mine.advance(hours(1)).touched) == {"S"}
    assert set(mine.advance(hours(4)).touched) == set()
    assert set(mine.advance(hours(5)).touched) == {"S"}
    assert at_risk(mine)["open"] == 0


def test_what_is_ahead_fits_the_contract_and_can_be_left_out() -> None:
    mine = told(*good(3, 1), paid("a", 0, 5), at=2)
    rates = msgspec.convert(mine.rates("S"), Rates)
    assert rates.at_risk[0].due_next[0].order_id == "a"
    assert rates.rules[0].tiers[0].to_save == 1
    without = mine.rates("S", foresight=False)
    assert "at_risk" not in without
    assert "to_save" not in without["rules"][0]["tiers"][0]  # type: ignore[index]
    assert msgspec.convert(without, Rates).at_risk == ()
