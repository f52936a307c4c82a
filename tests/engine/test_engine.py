"""Does the engine decide everything at its instant, late facts at the clock, and keep what it needs and no more?"""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from stream.engine.alerts import document
from stream.engine.engine import Engine
from stream.engine.facts import Paid
from stream.engine.ledger import UnreadableRecordError, order_key, read_key, state_key
from stream.engine.order import Order, decode_order, encode_order
from tests.engine.story import (
    DAY,
    HOUR,
    ON_TIME,
    cancelled,
    changed,
    engine,
    hours,
    paid,
    policy,
    requested,
    shipped,
    withdrawn,
)
from topics.alerts import Alert
from topics.rates import Rates
from topics.times import rfc3339


def counts(mine: Engine, shop: str = "S") -> tuple[int, int, int]:
    tier: Any = mine.rates(shop)["rules"][0]["tiers"][0]  # type: ignore[index]
    return tier["good"], tier["bad"], tier["counted"]


def fired_and_resolved(mine: Engine, *watermarks: float) -> list[tuple[str, str]]:
    """Of every advance the alerts, as (state, its instant)."""
    alerts = [alert for at in watermarks for alert in mine.advance(hours(at)).alerts]
    return [(alert.state, rfc3339(alert.resolved_at or alert.fired_at)) for alert in alerts]


def test_an_order_becomes_late_at_its_promise_with_no_event_at_all_u1() -> None:
    mine = engine()
    mine.apply(paid("o", 0, 5))
    assert fired_and_resolved(mine, 4.999) == []
    assert fired_and_resolved(mine, 5) == [("firing", "2024-01-01T05:00:00.000Z")]


def test_a_pane_that_leaves_resolves_and_one_that_leaves_fires_r5() -> None:
    mine = engine()
    mine.apply(paid("o", 0, 5))
    assert fired_and_resolved(mine, 15) == [
        ("firing", "2024-01-01T05:00:00.000Z"),
        ("resolved", "2024-01-01T15:00:00.000Z"),
    ]
    mine = engine()
    for order in range(4):
        mine.apply(paid(f"good{order}", 0, 5))
        mine.apply(shipped(f"good{order}", 1))
    mine.apply(paid("bad", 0, 5))
    assert fired_and_resolved(mine, 10.999) == []
    assert fired_and_resolved(mine, 11) == [("firing", "2024-01-01T11:00:00.000Z")]


def test_what_is_ahead_of_the_clock_waits_for_it_t1() -> None:
    mine = engine()
    mine.apply(paid("o", 0, 5))
    mine.apply(shipped("o", 4))
    mine.advance(hours(3))
    assert counts(mine) == (0, 0, 0)
    mine.advance(hours(4))
    assert counts(mine) == (1, 0, 1)


def test_a_late_fact_is_judged_at_the_clock_and_not_before_t4() -> None:
    mine = engine()
    mine.advance(hours(8))
    assert mine.apply(paid("o", 0, 5)) == "late"
    assert fired_and_resolved(mine, 9) == [("firing", "2024-01-01T08:00:00.000Z")]


def test_a_late_fact_takes_a_verdict_back_and_says_so_t4() -> None:
    mine = engine()
    mine.apply(paid("o", 0, 5))
    mine.advance(hours(8))
    assert mine.apply(shipped("o", 4)) == "late"
    changes = mine.advance(hours(8))
    assert changes.retractions == 1
    assert [(alert.state, alert.resolved_because) for alert in changes.alerts] == [("resolved", "corrected")]
    assert counts(mine) == (1, 0, 1)


def test_a_fact_at_the_very_clock_is_late_t2() -> None:
    mine = engine()
    mine.apply(paid("o", 0, 5))
    mine.advance(hours(5))
    assert mine.apply(cancelled("o", 5)) == "late"
    assert [alert.state for alert in mine.advance(hours(5)).alerts] == ["resolved"]


def test_repeats_are_told_from_facts_f2() -> None:
    mine = engine()
    assert mine.apply(paid("o", 0, 5)) == "joined"
    assert mine.apply(paid("o", 0, 5)) == "repeated"
    assert mine.apply(paid("o", 1, 6)) == "repeated"


def test_advancing_by_none_decides_nothing_and_hands_out_what_must_be_kept() -> None:
    mine = engine()
    mine.apply(paid("o", 0, 5))
    changes = mine.advance(None)
    assert (mine.clock, changes.alerts, list(changes.records)) == (None, [], [order_key("S", "o")])
    assert mine.advance(None).records == {}


def test_a_watermark_behind_the_clock_moves_nothing_back_t2() -> None:
    mine = engine()
    mine.apply(paid("o", 0, 5))
    mine.advance(hours(6))
    mine.advance(hours(2))
    assert mine.clock == hours(6)


def test_why_an_alert_resolved() -> None:
    rule = ON_TIME.replace("below = 0.8", "below = 0.8, min_orders = 2")
    recovered = engine(rule)
    for order in range(3):
        recovered.apply(paid(f"o{order}", 0, 5 + order))
    for order in range(20):
        recovered.apply(paid(f"p{order}", 0, 20))
        recovered.apply(shipped(f"p{order}", 8))
    gone = engine(rule)
    gone.apply(paid("o", 0, 5))
    gone.apply(paid("p", 0, 5))
    changed_rule = engine(ON_TIME, ON_TIME, ON_TIME.partition("[rules.r]")[0])
    changed_rule.apply(paid("o", 0, 20))
    ends = {
        name: [alert.resolved_because for alert in mine.advance(hours(40)).alerts][-1]
        for name, mine in {"recovered": recovered, "no_data": gone, "rule_changed": changed_rule}.items()
    }
    assert ends == {name: name for name in ends}


def test_a_deadline_that_is_met_takes_nothing_else_of_its_instant_with_it_v2() -> None:
    """The second version, whose rule is new, starts at the very promise of an order that was shipped before."""
    mine = engine(ON_TIME.partition("[rules.r]")[0], ON_TIME.partition("[rules.r]")[0], ON_TIME)
    mine.apply(paid("late", 0, 20))
    mine.apply(paid("shipped", 0, 24))
    mine.apply(shipped("shipped", 1))
    assert fired_and_resolved(mine, 25) == [("firing", "2024-01-02T00:00:00.000Z")]


# Forgetting (SEMANTICS F5)


def short_keep() -> Engine:
    """Facts count for a day after payment, the window is 10 h."""
    one = policy()
    return Engine(replace(one, versions=(replace(one.versions[0], keep=DAY),)))


def test_an_order_is_forgotten_once_no_unit_of_it_can_count_any_more_f5() -> None:
    mine = short_keep()
    mine.apply(paid("o", 0, 5))
    last = hours(2 * 24 + 10)
    assert mine.advance(last).records[order_key("S", "o")] is not None
    next_full_hour = hours(2 * 24 + 11)
    assert mine.advance(next_full_hour - 1).records == {}
    assert mine.advance(next_full_hour).records == {order_key("S", "o"): None}


def test_of_an_order_that_was_forgotten_with_its_last_fact_nothing_is_known_f5() -> None:
    mine = short_keep()
    mine.apply(paid("o", 0, 5))
    mine.advance(hours(2 * 24 + 10.5))
    assert mine.apply(shipped("o", 57)) == "late"
    assert mine.advance(None).records == {order_key("S", "o"): None}
    mine.apply(shipped("o", 57.2, "q"))
    packed = mine.advance(None).records[order_key("S", "o")]
    assert packed is not None
    assert decode_order(packed).paid is None


def test_an_order_whose_deadline_is_far_is_not_forgotten_before_f5() -> None:
    mine = short_keep()
    mine.apply(paid("o", 0, 500))
    mine.advance(hours(499))
    assert fired_and_resolved(mine, 500) == [("firing", "2024-01-21T20:00:00.000Z")]


def test_a_fact_that_could_not_be_joined_to_anything_is_too_old_f5() -> None:
    mine = short_keep()
    mine.advance(hours(100))
    assert mine.apply(paid("o", 100 - 34, 200)) == "late"
    assert mine.apply(paid("p", 100 - 34 - 1 / HOUR, 200)) == "too_old"
    assert mine.latest_fact == hours(66)


def test_facts_dated_more_than_keep_after_payment_count_for_nothing_f5() -> None:
    mine = short_keep()
    for order, at in (("in", 24), ("out", 24 + 1 / HOUR)):
        mine.apply(paid(order, 0, 30))
        mine.apply(shipped(order, at))
    mine.advance(hours(31))
    assert counts(mine) == (1, 1, 2)


# The ledger


def test_what_was_kept_brings_everything_back_wherever_it_was_stopped() -> None:
    """Stopped after every advance: the alerts that follow are those of the engine that was not."""
    events = [
        paid("a", 0, 5),
        paid("b", 0, 6),
        shipped("b", 5.5),
        requested("a", 4),
        withdrawn("a", 7),
        paid("c", 8, 9),
        changed("c", 8.5, 12),
        shipped("c", 10),
    ]
    whole, stopped = engine(), engine()
    kept: dict[bytes, bytes | None] = {}
    right: list[object] = []
    found: list[object] = []
    for one in [*events, None]:
        at = hours(40) if one is None else one.occurred_at - 1
        for mine, alerts in ((whole, right), (stopped, found)):
            if one is not None:
                mine.apply(one)
            changes = mine.advance(at)
            alerts.extend(changes.alerts)
            if mine is stopped:
                kept.update(changes.records)
        stopped = recovered(kept, stopped)
    assert found == right
    assert whole.rates("S") == stopped.rates("S")
    assert len(right) > 1


def recovered(kept: dict[bytes, bytes | None], before: Engine) -> Engine:
    again = engine()
    for key, value in kept.items():
        again.restore(key, value)
    for _ in again.rebuild(before.clock, before.latest_fact):
        pass
    return again


def test_a_late_fact_that_was_kept_but_not_judged_is_judged_after_the_recovery_t4() -> None:
    mine = engine()
    mine.advance(hours(8))
    mine.apply(paid("o", 0, 5))
    again = recovered(dict(mine.advance(None).records), mine)
    assert [(alert.state, alert.fired_at) for alert in again.advance(hours(9)).alerts] == [
        ("firing", hours(8))
    ]


@pytest.mark.parametrize(("shop", "order"), [("S", "o"), ("店", "o/店"), ("a/b", ""), ("s" * 256, "\0")])
def test_keys_of_the_ledger_tell_shop_and_order(shop: str, order: str) -> None:
    assert read_key(order_key(shop, order)) == (shop, order)


@pytest.mark.parametrize(
    "key", [b"", b"zebra", b"o", b"o\0", order_key("shop", "")[:-1], b"s\xff", b"o\0\1\xff"]
)
def test_a_key_that_is_damaged_or_of_another_release_is_refused(key: bytes) -> None:
    with pytest.raises(UnreadableRecordError, match="unknown key"):
        read_key(key)


def test_a_damaged_record_is_refused_with_its_key() -> None:
    mine = engine()
    for value in (b"", b"\xc1", b"\x91\xa1"):
        mine.restore(order_key("S", "o"), value)
        with pytest.raises(UnreadableRecordError) as unreadable:
            list(mine.rebuild(0, 0))
        assert unreadable.value.key == order_key("S", "o")
        with pytest.raises(UnreadableRecordError) as unreadable:
            mine.restore(state_key("S"), value)
        assert unreadable.value.key == state_key("S")


RECORD = encode_order(Order(Paid.of(1, "e", 9, "physical", "a", "b", 1, 1, "CNY", None)))
FACT = RECORD[1:-7]


@pytest.mark.parametrize(
    "damaged",
    [
        RECORD[:-1],
        RECORD + b"\x90",
        RECORD.replace(FACT, FACT[:1] + b"\xa1t" + FACT[2:]),
        RECORD.replace(FACT, FACT[:1] + b"\xcf" + b"\xff" * 8 + FACT[2:]),
        RECORD.replace(FACT, b"\x99" + FACT[1:-1]),
        RECORD.replace(FACT, b"\x90"),
        b"\xdc\x00\x08" + RECORD[1:],
        RECORD[:-1] + b"\xdd\x00\x00\x00\x00",
        RECORD[:-2] + b"\xdd\x00\x00\x00\x00\x90",
    ],
)
def test_a_record_that_says_something_else_than_records_do_is_refused(damaged: bytes) -> None:
    mine = engine()
    mine.restore(order_key("S", "o"), damaged)
    with pytest.raises(UnreadableRecordError):
        list(mine.rebuild(0, 0))


# Documents


def test_documents_are_of_the_contract() -> None:
    mine = engine(ON_TIME)
    mine.apply(paid("o", 0, 5))
    (alert,) = mine.advance(hours(6)).alerts
    said = msgspec.convert(document(alert, hours(7)), Alert)
    assert (said.window, said.at_fire.rate, said.at_fire.threshold, said.at_fire.headroom) == (
        "10h",
        0.0,
        0.8,
        -4,
    )
    assert (said.evidence[0].order_id, said.evidence[0].verdict) == ("o", "late")
    assert "2024-01-01 05:00:00+00:00" in said.evidence[0].why
    rates = msgspec.convert(mine.rates("S"), Rates)
    assert rates.rules[0].tiers[0].state == "firing"
    assert mine.in_trouble("S")
    assert not mine.in_trouble("T")


def test_evidence_is_the_newest_twenty_ties_by_order_id() -> None:
    mine = engine(ON_TIME.replace("below = 0.8", "below = 0.8, min_orders = 30"))
    for number in range(30):
        mine.apply(paid(f"o{number:02}", 0, 5 + number % 3))
    (alert,) = mine.advance(hours(9)).alerts
    newest = [number for place in (2, 1, 0) for number in range(30) if number % 3 == place]
    assert [each.order_id for each in alert.evidence] == [f"o{number:02}" for number in newest[:20]]


def test_shops_are_judged_each_by_itself_r5() -> None:
    mine = engine()
    mine.apply(paid("o", 0, 5, shop="A"))
    mine.apply(paid("o", 0, 5, shop="B"))
    mine.apply(shipped("o", 4, shop="B"))
    assert [alert.shop_id for alert in mine.advance(hours(9)).alerts] == ["A"]


def test_a_drain_ends_at_the_latest_fact_or_deadline_t5() -> None:
    mine = engine()
    assert mine.end() is None
    mine.apply(shipped("never paid", 7))
    assert mine.end() == hours(7)
    mine.apply(paid("o", 0, 9))
    mine.apply(shipped("o", 1))
    mine.apply(cancelled("o", 2))
    assert mine.end() == hours(9)
