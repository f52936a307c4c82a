"""What does a partition write for what it reads, and how far does its clock go?"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from stream.ops.catalogue import ALERTS, DEAD_LETTERS, EVENTS, FLAPS, HOLES, LASTED
from stream.ops.marketplace import Marketplace
from stream.ops.registry import Metrics
from stream.worker.errors import OffsetsDifferError
from stream.worker.hosted import Read
from stream.worker.ledger import CLOCK_KEY, decode_clock
from stream.worker.partition import RATES_AT_ONCE, Partition, Work
from stream.worker.partitioner import Belongs
from stream.worker.rates import FAR_BEHIND, Budget, encode_rates
from stream.worker.settings import Settings
from stream.worker.transaction import Transaction
from tests.ops.story import TWO, document
from tests.worker.fakes import TOO_OLD_MS, TinyAlert, TinyChanges, TinyEngine, read_tiny, write_tiny
from tests.worker.records import batch, event
from topics.catalogue import INPUTS
from topics.times import rfc3339

LATENESS = 1_000
NOW = 1_000_000


def work(
    *,
    read: Read = read_tiny,
    belongs: Belongs = lambda _key: None,
    elapsed_s: Callable[[], float] = float,
    **more: Any,
) -> Work:
    settings = Settings(policies=(), lateness_ms=LATENESS, **{"clock": "events", **more})
    return Work(
        settings, "digest", read, write_tiny, belongs, Metrics(), Budget(1_000), lambda: NOW, elapsed_s
    )


def partition(given: Work | None = None) -> Partition:
    return Partition(0, given or work(), TinyEngine())


def turn(of: Partition) -> Transaction:
    transaction = Transaction()
    of.turn(transaction)
    of.seal(transaction)
    return transaction


def paid(at: int, order: str = "o") -> bytes:
    return event("order_paid", "s", order, at)


def shipped(at: int, order: str = "o") -> bytes:
    return event("package_shipped", "s", order, at)


def test_a_batch_is_joined_and_what_must_be_kept_goes_into_the_transaction_with_its_offsets() -> None:
    mine, transaction = partition(), Transaction()
    mine.apply(batch("orders", None, paid(5_000), paid(6_000, "p")), transaction)
    mine.turn(transaction)
    mine.seal(transaction)
    assert transaction.offsets == {"orders": 2}
    assert set(transaction.ledger) == {b"os/o", b"os/p", CLOCK_KEY}
    clock = decode_clock(transaction.ledger[CLOCK_KEY] or b"")
    assert (dict(clock.next), dict(clock.newest), clock.decided) == ({"orders": 2}, {"orders": 6_000}, None)


def test_the_clock_record_brings_a_partition_back() -> None:
    mine, transaction = partition(), Transaction()
    mine.apply(batch("orders", None, paid(5_000)), transaction)
    clock = mine.clock()
    again = partition()
    list(again.engine.rebuild(clock.decided, clock.latest_fact))
    again.resume(clock)
    assert again.clock() == clock


def test_a_batch_that_begins_where_the_ledger_does_not_end_is_refused() -> None:
    mine = partition()
    mine.next["orders"] = 7
    with pytest.raises(OffsetsDifferError, match="below offset 7, but the group goes on at 9"):
        mine.apply(batch("orders", 9, paid(1)), Transaction())


def test_a_hole_in_the_log_is_counted_and_no_reason_to_stop() -> None:
    mine = partition()
    mine.next["orders"] = 7
    mine.apply(batch("orders", 7, paid(1), skip=3), Transaction())
    assert mine.next["orders"] == 11
    assert mine.work.metrics.total(HOLES) == 1


@pytest.mark.parametrize(
    ("value", "more", "reason"),
    [
        (b"{", {}, "not_json"),
        (None, {}, "not_json"),
        (event("order_paid", "another", "o", 1), {}, "key_not_shop"),
        (paid(1), {"belongs": lambda _key: 3}, "wrong_partition"),
        (paid(NOW + 100_001), {"clock": "real", "max_ahead_ms": 100_000}, "from_the_future"),
    ],
)
def test_what_cannot_be_counted_is_buried_and_its_neighbours_are_not(
    value: bytes | None, more: dict[str, Any], reason: str
) -> None:
    belongs = more.pop("belongs", None)
    mine, transaction = partition(work(**more)), Transaction()
    if belongs:
        mine = partition(replace(mine.work, belongs=lambda key: 0 if key == b"good" else 3))
    values = (event("order_paid", "good", "1", 1), value, event("order_paid", "good", "2", 2))
    records = batch("orders", None, *values).records
    keys = (b"good", b"s", b"good")
    kept = [replace(record, key=key) for record, key in zip(records, keys, strict=True)]  # type: ignore[type-var]
    mine.apply(replace(batch("orders", None, *values), records=kept), transaction)
    (letter,) = transaction.rows["orders.dlt"]
    assert (letter.key, letter.value) == (b"orders/0/1", value)
    assert dict(letter.headers)["reason"] == reason.encode()
    assert transaction.offsets == {"orders": 3}
    assert mine.work.metrics.total(DEAD_LETTERS) == 1
    assert mine.newest() == {"orders": 2}
    mine.turn(transaction)
    assert set(transaction.ledger) == {b"ogood/1", b"ogood/2"}


def test_too_old_is_the_engines_word_and_a_dead_letter() -> None:
    mine, transaction = partition(), Transaction()
    mine.engine.advance(TOO_OLD_MS * 2)
    mine.apply(batch("orders", None, paid(5)), transaction)
    assert dict(transaction.rows["orders.dlt"][0].headers)["reason"] == b"too_old"


def test_facts_after_the_end_of_a_drain_count_for_nothing() -> None:
    mine = partition(work(drain=True, until_ms=100))
    mine.apply(batch("orders", None, paid(101), paid(100, "p")), Transaction())
    assert mine.engine.latest_fact == 100
    text = mine.work.metrics.text().decode()
    assert 'shopwatch_events_total{result="after_until",topic="orders"} 1.0' in text
    assert mine.work.metrics.total(EVENTS) == 2


# How far the clock goes by what was read (SEMANTICS T2, T3).


def test_without_an_answer_it_waits_for_all_topics() -> None:
    mine = partition()
    for topic in INPUTS[:-1]:
        mine.apply(batch(topic, None, paid(50_000)), Transaction())
    turn(mine)
    assert mine.engine.clock is None
    mine.apply(batch(INPUTS[-1], None, paid(40_000)), Transaction())
    turn(mine)
    assert mine.engine.clock == 40_000 - LATENESS - 1


def test_a_topic_at_its_end_is_not_waited_for() -> None:
    mine = partition()
    mine.apply(batch("orders", None, paid(50_000)), Transaction())
    mine.answered(1, mine.newest(), {"ships", "pickups", "refunds"})
    turn(mine)
    assert mine.engine.clock == 50_000 - LATENESS - 1


def test_but_not_for_what_was_read_after_the_question() -> None:
    """A ship produced between the question and this order is not below the end that was answered."""
    mine = partition()
    mine.apply(batch("orders", None, paid(50_000)), Transaction())
    newest = mine.newest()
    mine.apply(batch("orders", 1, paid(90_000, "p")), Transaction())
    mine.answered(1, newest, {"ships", "pickups", "refunds"})
    turn(mine)
    assert mine.engine.clock == 50_000 - LATENESS - 1
    mine.answered(2, mine.newest(), {"ships", "pickups", "refunds"})
    turn(mine)
    assert mine.engine.clock == 90_000 - LATENESS - 1


def test_all_at_their_end_stand_still_by_events_and_go_on_by_the_wall_clock() -> None:
    standing, going = partition(), partition(work(clock="real"))
    for mine in (standing, going):
        mine.answered(777_000, {}, set(INPUTS))
        turn(mine)
    assert standing.engine.clock is None
    assert going.engine.clock == 777_000 - LATENESS


def test_topics_that_are_read_as_fast_as_they_come_move_it_by_events_all_the_same() -> None:
    """At every question all are at their end; before it, those that had records since the last one were not (T2)."""
    mine = partition()
    mine.answered(1, {}, set(INPUTS))
    mine.apply(batch("orders", None, paid(50_000)), Transaction())
    mine.answered(2, mine.newest(), set(INPUTS))
    turn(mine)
    assert mine.engine.clock == 50_000 - LATENESS - 1
    mine.apply(batch("orders", 1, paid(90_000, "p")), Transaction())
    mine.apply(batch("ships", None, shipped(70_000)), Transaction())
    mine.answered(3, mine.newest(), set(INPUTS))
    turn(mine)
    assert mine.engine.clock == 70_000 - LATENESS - 1


def test_a_drain_does_not_move_it_before_its_end_is_known() -> None:
    mine = partition(work(drain=True))
    for topic in INPUTS:
        mine.apply(batch(topic, None, paid(50_000)), Transaction())
    turn(mine)
    assert mine.engine.clock is None
    mine.end_at = 60_000
    turn(mine)
    assert mine.engine.clock == 60_000


def test_a_long_way_is_gone_in_steps_that_leave_time_for_others() -> None:
    times = iter(range(100_000))
    mine = partition(work(drain=True, elapsed_s=lambda: float(next(times))))
    mine.apply(batch("orders", None, paid(0)), Transaction())
    mine.end_at = 10 * 3_600_000
    assert mine.turn(Transaction())
    assert mine.engine.clock == 3_600_000
    turns = 1
    while mine.turn(Transaction()):
        turns += 1
    assert mine.engine.clock == mine.end_at
    assert turns > 10


def test_alerts_are_written_with_their_key_and_time_and_counted() -> None:
    mine, transaction = partition(work(drain=True)), Transaction()
    for number in range(10):
        mine.apply(batch("orders", mine.next.get("orders"), paid(number, f"o{number}")), transaction)
        mine.apply(batch("ships", mine.next.get("ships"), shipped(number, f"o{number}")), transaction)
    mine.end_at = 100
    mine.turn(transaction)
    (alert,) = transaction.rows["alerts"]
    assert alert.key == b"s:10"
    assert json.loads(alert.value or b"")["emitted_at"] == "1970-01-01T00:16:40.000Z"
    assert 'shopwatch_alerts_total{rule="tenth",severity="warning",state="firing"} 1.0' in (
        mine.work.metrics.text().decode()
    )


def test_rates_are_written_once_however_often_a_shop_was_touched() -> None:
    mine = partition()
    mine.waiting.add(["s"])
    mine.engine.advance(5)
    assert [row.key for row in turn(mine).rows["rates"]] == [b"s"]
    mine.waiting.add(["s"])
    assert "rates" not in turn(mine).rows


def test_rates_that_take_long_wait_for_the_next_turn() -> None:
    """One look at the clock a turn says when it began, and one each time whether there is time for more."""
    times = iter((0.0, 0.01, 1.0, 1.0, 2.0, 9.0, 9.0, 9.0, 9.0))
    mine = partition()
    mine.waiting.add(f"s{number}" for number in range(3 * RATES_AT_ONCE))
    mine.work = replace(mine.work, elapsed_s=lambda: next(times))
    assert mine._write_some_rates(1_000, Transaction()) == 2 * RATES_AT_ONCE
    assert mine._write_some_rates(1_000, Transaction()) == RATES_AT_ONCE
    assert not mine.waiting


def test_what_rates_may_cost_depends_on_how_far_behind_a_partition_is() -> None:
    """They take 1 s here: a budget of 1,000 a second is then empty for 20 s, and for 100 s where it is far behind."""
    for lag, seconds in ((FAR_BEHIND, 20), (FAR_BEHIND + 1, 100)):
        now = iter((0.0, 0.0, 1.0))
        mine = partition(work(elapsed_s=lambda now=now: next(now)))  # type: ignore[misc]  # mypy knows no default in a lambda
        mine.lag = lag
        mine.waiting.add(["s"])
        mine.engine.advance(5)
        mine._write_rates(Transaction())
        budget = mine.work.budget
        assert budget.allow(1, 0.9 * seconds - 0.5) == 0
        assert budget.allow(1, seconds) == 1


def test_what_is_written_of_rates_is_what_the_marketplace_is_shown_by(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = partition(replace(work(), marketplace=Marketplace(TWO, 5)))
    monkeypatch.setattr(mine.engine, "rates", lambda _shop: document((5, 5)))
    mine.waiting.add(["s"])
    mine.engine.advance(5)
    assert len(mine.shops) == 0
    turn(mine)
    assert len(mine.shops) == 1


def test_what_the_topic_holds_is_shown_right_after_a_recovery() -> None:
    mine = partition(replace(work(), marketplace=Marketplace(TWO, 5)))
    mine.waiting.holds(b"s", encode_rates(document((5, 5))))
    mine.waiting.holds(b"t", b"[")
    assert len(mine.shops) == 1
    mine.waiting.holds(b"s", None)
    assert len(mine.shops) == 0


def test_an_alert_that_resolves_says_how_long_it_fired_and_one_that_comes_again_at_once_is_a_flap() -> None:
    firing = {
        "alert_id": "a",
        "shop_id": "s",
        "rule": "r",
        "severity": "w",
        "state": "firing",
        "fired_at": rfc3339(0),
    }
    ended = {**firing, "state": "resolved", "resolved_at": rfc3339(90_000)}
    documents = iter([firing, ended, {**firing, "fired_at": rfc3339(100_000)}])
    mine = partition(replace(work(), write_alert=lambda _alert, _now: next(documents)))
    mine._store(TinyChanges(alerts=[TinyAlert("a", "s", 0)] * 3), Transaction())
    text = mine.work.metrics.text().decode()
    assert f'{LASTED.name}_sum{{rule="r"}} 90.0' in text
    assert f'{FLAPS.name}{{rule="r",severity="w"}} 1.0' in text
    assert mine.work.metrics.total(ALERTS) == 3


def test_how_many_records_a_batch_had_is_counted() -> None:
    mine = partition()
    mine.apply(batch("orders", None, paid(1), paid(2, "p")), Transaction())
    assert 'shopwatch_batch_records_sum{topic="orders"} 2.0' in mine.work.metrics.text().decode()
