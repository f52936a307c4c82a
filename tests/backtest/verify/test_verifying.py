"""Is each difference found, and given the right reason and no other?"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stream.archive.gaps import Gap
from stream.archive.recorded import Recorded
from stream.backtest.known import Silent
from stream.backtest.verify.arrival import Run
from stream.backtest.verify.left import Mark, Written
from stream.backtest.verify.verifying import Asked, Verified, verify
from tests.backtest.asking import Event, cancelled, hours, order, policy, policy_of
from tests.backtest.verify.working import EVERYWHERE, Held, Worker, reasons
from topics.times import rfc3339

RULES = policy(window="10h")
ALSO = policy(window="10h", tiers="alarm = { below = 0.8 }\nworse = { below = 0.4, for = '2h' }")


def worked(text: str = RULES) -> Worker:
    """One good order, then one that is late at hour 3: there the shop fires; at hour 30 nothing counts any more."""
    worker = Worker(policy_of(text))
    worker.turn([*order("a", 1, good=True), *order("b", 3, good=False)], hours(2))
    worker.turn([cancelled(5.1)], hours(5))
    return worker


def shipped(name: str, at: float) -> Event:
    """The shipping of an order, which the payment promised for that hour."""
    return {**order(name, at, good=True)[1]}


def ended(worker: Worker, at: float = 30) -> Worker:
    """Nothing more comes."""
    worker.turn([cancelled(at)], hours(at))
    return worker


def why(found: Verified) -> list[str]:
    return [each.because.text for each in found.differing]


def test_what_was_judged_in_time_is_equal() -> None:
    found = ended(worked()).verified()
    assert (found.equal, found.differing, found.ahead) == (1, [], 0)
    assert (found.events, found.shops, found.decided) == (5, frozenset("S"), hours(30))


def test_a_fact_behind_the_clock_explains_what_it_changed_and_is_named() -> None:
    """T4: b was shipped in time, but that was read when the alert had fired for two hours."""
    worker = worked()
    worker.turn([shipped("b", 2.5)], hours(6))
    found = ended(worker).verified()
    (each,) = found.differing
    assert (found.equal, each.because.reason) == (0, "late")
    assert each.difference.live is not None
    assert each.difference.live["resolved_because"] == "corrected"
    (late,) = each.because.facts
    assert (late.fact.event.order_id, late.clock, late.certain) == ("b", hours(5), True)
    assert (
        f"shipped of order b at {rfc3339(hours(2.5))} (ships, offset 1) was read when the clock had passed"
        in why(found)[0]
    )


def test_without_clock_records_the_instants_of_the_live_alerts_say_where_the_clock_stood() -> None:
    """T4."""
    worker = worked()
    worker.turn([shipped("b", 2.5)], hours(6))
    (each,) = ended(worker).verified(compacted=True).differing
    assert [(late.clock, late.certain) for late in each.because.facts] == [(hours(5), False)]


def test_a_clock_that_moved_on_unwritten_is_found_between_two_records() -> None:
    """T4: of a quiet partition the clock is written now and then only."""
    worker = worked()
    worker.turn([cancelled(5.6)], hours(5.5), quiet=True)
    worker.turn([shipped("b", 2.5)], hours(6))
    (each,) = ended(worker).verified().differing
    assert [late.clock for late in each.because.facts] == [hours(5.5)]


def test_a_fact_that_no_clock_can_have_passed_explains_nothing() -> None:
    """T2: with all that had been recorded, the clock was an hour behind it at most."""
    worker = worked()
    worker.turn([shipped("b", 2.5)], hours(6))
    slow = Run(lateness_ms=hours(3) - hours(0), real=False, belongs=EVERYWHERE.belongs)
    assert reasons(ended(worker).verified(compacted=True, run=slow)) == {"unexplained"}
    assert reasons(worker.verified(run=slow)) == {"late"}, "a clock record knows better than the rule"


def test_the_wall_clock_may_have_passed_a_fact_that_no_event_had() -> None:
    """T3: where all had been read, time went on by itself up to when the fact was recorded, less the lateness."""
    worker = worked()
    worker.now = hours(8.5)
    worker.turn([shipped("b", 2.5)], hours(6))
    ended(worker)
    for real, reason in ((True, "late"), (False, "unexplained")):
        run = Run(lateness_ms=hours(3) - hours(0), real=real, belongs=EVERYWHERE.belongs)
        assert reasons(worker.verified(compacted=True, run=run)) == {reason}


def test_facts_that_were_read_at_one_clock_are_judged_together_whenever_they_were_recorded() -> None:
    """T4, R5: between b and the shipping of d the shop would have fired again."""
    worker = worked()
    paid, handed = order("d", 2, good=True)
    worker.turn([shipped("b", 2.5), paid, handed], hours(6))
    for number in (-3, -2, -1):
        worker.records[number] = worker.records[number]._replace(timestamp=worker.now + number)
    found = ended(worker).verified()
    assert len(worker.alerts) == 1
    assert reasons(found) == {"late"}


def test_facts_that_were_read_one_after_the_other_while_the_clock_stood_are_judged_apart() -> None:
    """T4, R5: a worker that catches up reads shippings in one transaction and what undoes their lateness in the next."""
    worker = worked()
    worker.turn([*order("c", 4, "T", good=False)], hours(5))
    worker.turn([shipped("b", 2.5), {**shipped("c", 3.5), "shop_id": "T"}], hours(5))
    found = ended(worker).verified()
    lasted = [states[-1].document for states in worker.alerts.values()]
    assert [(alert["shop_id"], alert["fired_at"], alert["resolved_at"]) for alert in lasted] == [
        ("S", rfc3339(hours(3)), rfc3339(hours(5))),
        ("T", rfc3339(hours(5)), rfc3339(hours(5))),
    ]
    assert [each.because.reason for each in found.differing] == ["late", "late"]


def test_of_two_late_facts_each_explains_what_it_changed_though_a_hand_was_laid_on_a_later_alert() -> None:
    """T4: what was before an instant hangs on nothing that came after it."""
    worker = worked()
    worker.turn([shipped("b", 2.5)], hours(6))
    worker.turn([*order("c", 40, good=False), cancelled(45)], hours(44))
    (first, second) = ended(worker, 60).alerts.values()
    assert second[0].document["fired_at"] == rfc3339(hours(40))
    second[-1] = Written({**second[-1].document, "message": "nothing to see"}, worker.now)
    assert [each.because.reason for each in worker.verified().differing] == ["late", "unexplained"]
    assert first[-1].document["resolved_because"] == "corrected"


def test_in_a_drain_no_fact_is_late() -> None:
    """T5."""
    worker = worked()
    worker.turn([shipped("b", 2.5)], hours(6))
    ended(worker).drained_until = hours(30)
    assert reasons(worker.verified(compacted=True)) == {"unexplained"}


def test_a_worker_that_ran_before_it_drained_may_have_read_late_facts() -> None:
    """T4, T5."""
    worker = worked()
    worker.turn([shipped("b", 2.5)], hours(6))
    ended(worker).drained_until = hours(30)
    assert reasons(worker.verified()) == {"late"}


def _alter(worker: Worker) -> None:
    (states,) = worker.alerts.values()
    states[-1] = Written({**states[-1].document, "message": "nothing to see"}, worker.now)


def _invent(worker: Worker) -> None:
    (states,) = worker.alerts.values()
    worker.alerts["x"] = [Written({**states[-1].document, "alert_id": "x"}, worker.now)]


def _delete(worker: Worker) -> None:
    worker.alerts.clear()


@pytest.mark.parametrize("lay_a_hand_on", [_alter, _invent, _delete])
@pytest.mark.parametrize("late", [False, True], ids=["no late fact", "late fact"])
def test_what_a_hand_did_to_an_alert_has_no_explanation(
    lay_a_hand_on: Callable[[Worker], None],
    late: bool,  # noqa: FBT001 - a case
) -> None:
    worker = worked()
    if late:
        worker.turn([shipped("b", 3.5)], hours(6))  # it was bad before, and is so after
    lay_a_hand_on(ended(worker))
    assert "unexplained" in reasons(worker.verified())


def test_a_fact_of_another_shop_explains_nothing() -> None:
    worker = worked()
    worker.turn(order("c", 3, "T", good=True), hours(6))
    ended(worker).alerts.clear()
    assert [each.because.reason for each in worker.verified().differing] == ["unexplained"]


def test_a_policy_that_follows_is_replayed_from_its_clock_on() -> None:
    """V2: the tier that came later fires at the clock at which it came, not when it would have."""
    worker = worked(RULES)
    worker.start_with(policy_of(ALSO))
    found = ended(worker).verified()
    assert (found.equal, found.differing) == (1, [])
    worse = worked(policy(window="10h", tiers="alarm = { below = 0.3 }"))
    worse.start_with(policy_of(RULES))
    found = ended(worse).verified()
    (states,) = worse.alerts.values()
    assert states[0].document["fired_at"] == rfc3339(hours(5)), "history was rewritten where the clock stood"
    assert (found.equal, found.differing) == (1, [])


def test_a_policy_that_is_not_on_record_any_more_is_the_reason() -> None:
    worker = worked(policy(window="10h", tiers="alarm = { below = 0.3 }"))
    worker.start_with(policy_of(RULES))
    worker.policies.pop(0)
    worker.turn([*order("c", 40, good=False), cancelled(45)], hours(44))
    found = ended(worker, 60).verified()
    assert reasons(found) == {"policy"}
    worker.alerts.clear()
    assert [each.because.reason for each in worker.verified().differing] == ["policy", "unexplained"]
    assert f"before {rfc3339(hours(5))} is not on record any more" in why(found)[0]


def test_an_alert_from_before_the_ledger_began_anew_is_named_so() -> None:
    """A first worker did not know that b was shipped in time; the next one begins with nothing, and knows."""
    first = ended(worked())
    again = Worker(policy_of(RULES), began=first.now + 1, alerts=first.alerts, now=first.now + 1)
    again.turn(
        [*order("a", 1, good=True), *order("b", 3, good=False), shipped("b", 2.5), cancelled(30)], None
    )
    again.turn([], hours(30))
    found = again.verified()
    assert reasons(found) == {"restart"}
    again.began = 0
    assert reasons(again.verified()) == {"unexplained"}


def test_what_retention_took_is_the_reason_as_far_as_it_reaches() -> None:
    worker = ended(worked())
    lost = [record for record in worker.records if record.topic != "orders" or record.offset]
    found = verify(worker.left(), Held(lost), EVERYWHERE, Asked(), Silent())
    assert found.differing
    assert reasons(found) == {"gap"}
    worker.turn([*order("c", 24 * 70, good=True), *order("d", 24 * 70 + 1, good=False)], hours(24 * 71))
    worker.alerts = {}
    found = verify(
        worker.left(), Held(lost + worker.records[len(worker.records) - 3 :]), EVERYWHERE, Asked(), Silent()
    )
    assert [each.because.reason for each in found.differing] == ["gap", "unexplained"]


def test_with_a_range_only_what_kafka_had_deleted_of_it_is_a_gap() -> None:
    worker = ended(worked())
    cut = [record for record in worker.records if record.offset]
    asked = Asked(begin=hours(2), end=hours(20))
    lost = Gap("orders", (0,), 0, 1, (0, 0))
    for gaps, reason in (((), "unexplained"), ((lost,), "gap")):
        found = verify(worker.left(), Held(cut, gaps=gaps), EVERYWHERE, asked, Silent())
        assert reasons(found) == {reason}


def test_a_tier_that_fired_before_the_range_is_not_known_to_fire() -> None:
    worker = worked(policy(window="10h", tiers="alarm = { below = 0.8, clear_at = 1.0, min_orders = 2 }"))
    worker.turn([*order("c", 8, good=False)], hours(9))
    begin = next(iter(worker.alerts.values()))[0].document["fired_at"]
    late = [record for record in worker.records if record.offset or record.topic != "orders"]
    found = verify(ended(worker, 9.5).left(), Held(late), EVERYWHERE, Asked(hours(3.5), hours(20)), Silent())
    assert begin == rfc3339(hours(3))
    assert [each.because.text.partition(",")[0] for each in found.differing] == [
        "the tier fired already before --from"
    ]


def test_only_what_was_asked_for_is_compared() -> None:
    worker = ended(worked())
    worker.alerts.clear()
    for asked in (
        Asked(begin=hours(4), end=hours(9)),
        Asked(hours(0), hours(2)),
        Asked(shops=frozenset("T")),
    ):
        assert worker.verified(asked).differing == []
    assert len(worker.verified(Asked(hours(3), hours(3))).differing) == 1


def test_what_was_written_after_the_clock_is_ahead_and_no_difference() -> None:
    worker = worked()
    before = len(worker.marks)
    worker.turn([*order("t", 6, "T", good=False), cancelled(30)], hours(30))
    del worker.marks[before:]
    found = worker.verified()
    assert (found.equal, found.differing, found.ahead) == (1, [], 1)
    (states, _) = worker.alerts.values()
    right = states[0]
    states[0] = Written({**right.document, "message": "nothing to see"}, right.at)
    assert [each.difference.fields for each in worker.verified().differing] == [["message"]]
    for states in worker.alerts.values():
        del states[:-1]  # as compaction does: how it was while it fired is gone
    assert worker.verified().differing == []
    (states, _) = worker.alerts.values()
    states[0] = Written({**states[0].document, "at_fire": {}}, worker.now)
    assert [each.difference.fields for each in worker.verified().differing] == [["at_fire"]]


def test_a_partition_that_has_decided_nothing_has_nothing_to_compare() -> None:
    worker = Worker(policy_of(RULES))
    worker.turn(order("a", 1, good=True), None)
    found = worker.verified()
    assert (found.decided, found.equal, found.differing) == (None, 0, [])


def test_what_happened_after_the_end_of_a_drain_counts_for_nothing() -> None:
    """T5: with --until."""
    worker = worked()
    worker.drained_until = hours(5)
    worker.records.append(Recorded("ships", b"S", b"", 0, 1, worker.now))
    after = json.dumps({**order("late", 9, good=True)[0], "occurred_at": rfc3339(hours(6))}).encode()
    next_offset = worker.marks[-1].next["orders"]
    worker.records.append(Recorded("orders", b"S", after, 0, next_offset, worker.now))
    worker.marks[-1] = Mark({**worker.marks[-1].next, "orders": next_offset + 1}, hours(5))
    found = worker.verified()
    assert (found.events, found.differing) == (3, [])


def test_what_is_no_event_or_is_not_read_yet_or_went_to_the_dead_letters_counts_for_nothing() -> None:
    worker = ended(worked())
    unread = Recorded("orders", b"S", b"{", 0, 99, 0)
    held = Held([*worker.records, unread, unread._replace(offset=0)])
    assert verify(worker.left(), held, EVERYWHERE, Asked(), Silent()).differing == []
    left = worker.left()
    dead = type(left)(
        **{name: getattr(left, name) for name in left.__slots__} | {"dead": frozenset({("orders", 1)})}
    )
    assert len(verify(dead, held, EVERYWHERE, Asked(), Silent()).differing) == 1
    elsewhere = Run(0, real=False, belongs=lambda _key: 1)
    assert verify(left, held, elsewhere, Asked(), Silent()).events == 0


def test_evidence_of_an_older_release_is_equal_as_far_as_it_tells_and_no_further() -> None:
    worker = ended(worked())
    ((*_, last),) = worker.alerts.values()
    evidence: Any = last.document["evidence"]
    (piece,) = evidence
    del piece["policy_version"]
    piece["exemptions"] = None
    assert worker.verified().equal == 1
    piece["policy_version"] = "2"
    assert reasons(worker.verified()) == {"unexplained"}
