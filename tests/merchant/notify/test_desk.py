"""What is told to whom, and when."""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from stream.merchant.notify.outcome import Outcome, Verdict
from stream.merchant.notify.patience import GIVE_UP_MS
from stream.merchant.notify.subscriptions import Quiet
from tests.merchant.notify.desks import DELIVERED, FAILED, GONE, REFUSED, Office
from tests.merchant.notify.stories import (
    HOUR,
    MINUTE,
    NOW,
    alert,
    book,
    channel,
    local,
    merchant,
    over,
    webhook,
)
from topics.notifications import Command

DAY = 24 * HOUR
WARNING = alert("w1")
DEMOTION = alert("d1", severity="demotion")


def office(**more: object) -> Office:
    return Office(book(merchant("acme", "s1", **more)))  # type: ignore[arg-type]


def test_an_alert_is_told_once_and_so_is_its_end() -> None:
    mine = office()
    mine.take(WARNING, WARNING)
    assert mine.deliver() == ["w1.firing.0"]
    mine.take(over(WARNING))
    assert mine.deliver(DAY) == ["w1.resolved.0"]
    assert mine.deliver(DAY) == []
    assert set(mine.kept) == {b"h"}


def test_only_who_has_the_shop_is_told_and_nothing_is_kept_of_other_shops() -> None:
    mine = Office(book(merchant("acme", "s1"), merchant("other", "s2"), merchant("all", "*")))
    mine.take(WARNING)
    mine.pick()
    assert [message.endpoint for message in mine.sent] == ["acme/erp", "all/erp"]
    alone = office()
    alone.take(alert("x", shop="s9"))
    assert (alone.deliver(), set(alone.kept)) == ([], {b"h"})


def test_the_end_of_what_nobody_was_told_of_is_not_told() -> None:
    mine = office()
    mine.take(over(WARNING))
    assert mine.deliver() == []


def test_a_severity_below_the_least_that_is_wanted_is_not_told_and_one_that_nobody_ranked_is() -> None:
    mine = office(min_rank=1)
    mine.take(WARNING, alert("x1", rule="other", severity="unheard"), DEMOTION)
    assert mine.deliver() == ["x1.firing.0", "d1.firing.0"]


def test_the_gravest_tier_of_a_rule_mutes_the_others_and_they_are_heard_when_it_is_over() -> None:
    mine = office(repeat_ms=HOUR)
    mine.take(WARNING, DEMOTION, alert("w2", rule="other"))
    assert mine.deliver() == ["d1.firing.0", "w2.firing.0"]
    mine.take(over(DEMOTION))
    assert mine.deliver() == ["d1.resolved.0", "w1.firing.0"]


def test_a_lesser_tier_that_comes_later_is_muted_too() -> None:
    mine = office()
    mine.take(DEMOTION)
    assert mine.deliver() == ["d1.firing.0"]
    mine.take(WARNING)
    assert mine.deliver() == []
    mine.take(over(WARNING), over(DEMOTION))
    assert mine.deliver() == ["d1.resolved.0"]


def test_what_was_told_before_it_was_muted_is_not_told_twice_but_its_end_is() -> None:
    mine = office(repeat_ms=HOUR)
    mine.take(WARNING)
    assert mine.deliver() == ["w1.firing.0"]
    mine.take(DEMOTION)
    assert mine.deliver() == ["d1.firing.0"]
    assert mine.deliver(HOUR) == ["d1.firing.1"], "a muted one is not repeated"
    mine.take(over(DEMOTION))
    assert mine.deliver() == ["d1.resolved.0", "w1.firing.1"]
    mine.take(over(WARNING))
    assert mine.deliver() == ["w1.resolved.0"]


def test_what_still_fires_is_told_again_after_the_interval_and_not_as_often_as_it_was_missed() -> None:
    mine = office(repeat_ms=HOUR)
    mine.take(WARNING)
    mine.deliver()
    assert mine.deliver(HOUR - 1) == []
    assert mine.deliver(1) == ["w1.firing.1"]
    mine.start()
    assert mine.deliver(5 * HOUR) == ["w1.firing.2"]
    assert mine.deliver(HOUR) == ["w1.firing.3"]
    assert mine.sent[-1].news == "still_firing"


def test_a_repetition_that_has_not_been_sent_goes_with_its_alert() -> None:
    mine = office(repeat_ms=HOUR)
    mine.take(WARNING)
    mine.deliver()
    mine.follow(Command(action="hold", at=1))
    mine.pick(HOUR)
    mine.take(over(WARNING))
    mine.follow(Command(action="release", at=2))
    assert mine.deliver() == ["w1.resolved.0"]


def test_of_an_alert_that_was_a_mistake_nothing_is_told_if_nothing_was() -> None:
    mine = office()
    mine.follow(Command(action="hold", at=1))
    mine.take(WARNING)
    mine.pick()
    mine.take(over(WARNING, "corrected"))
    mine.follow(Command(action="release", at=2))
    assert mine.deliver() == []
    assert mine.tally.counts["withdrawn"] == 1


def test_of_an_alert_that_was_a_mistake_the_correction_is_told_if_the_alert_may_have_been() -> None:
    mine = office()
    mine.take(WARNING)
    (parcel,) = mine.pick()
    mine.take(over(WARNING, "corrected"))
    assert mine.pick() == []
    mine.done(parcel, FAILED)
    assert mine.deliver(HOUR) == ["w1.firing.0", "w1.resolved.0"]
    assert mine.sent[-1].title == "s1: corrected, late was not warning"


def test_messages_of_one_alert_keep_their_order_and_hold_up_no_other() -> None:
    mine = office()
    first, other = WARNING, alert("w2", rule="other")
    mine.take(first)
    (parcel,) = mine.pick()
    mine.done(parcel, REFUSED)
    mine.take(over(first), other)
    assert mine.deliver() == ["w2.firing.0"]
    assert mine.deliver(MINUTE) == ["w1.firing.0", "w1.resolved.0"]


def test_an_endpoint_that_fails_is_left_alone_and_no_other_is() -> None:
    mine = Office(book(merchant("acme", "s1"), merchant("other", "s1")))
    mine.take(WARNING)
    failing, well = mine.pick()
    mine.done(failing, FAILED)
    mine.done(well)
    mine.take(DEMOTION)
    assert [parcel.endpoint for parcel in mine.pick()] == ["other/erp"]
    mine.now += 2_500
    assert mine.desk.next_at() == mine.now
    assert [parcel.messages[0].id for parcel in mine.pick()] == ["w1.firing.0"], "one at a time"


def test_an_endpoint_is_left_alone_for_as_long_as_it_wants_but_no_longer_than_a_day() -> None:
    mine = office()
    mine.take(WARNING)
    mine.done(mine.pick()[0], Outcome(Verdict.FAILED, "answered 429", retry_after_ms=2 * HOUR))
    assert mine.pick(2 * HOUR - 1) == []
    (parcel,) = mine.pick(1)
    mine.done(parcel, Outcome(Verdict.FAILED, "answered 503", retry_after_ms=400 * DAY))
    assert mine.pick(DAY - 1) == []
    assert len(mine.pick(1)) == 1


def test_an_endpoint_that_is_back_takes_at_once_what_has_waited() -> None:
    mine = office()
    mine.take(*(alert(f"w{number}", rule=f"r{number}") for number in range(9)))
    mine.done(mine.pick()[0], FAILED)
    for _ in range(5):
        (probe,) = mine.pick(2 * HOUR)
        mine.done(probe, FAILED)
    (probe,) = mine.pick(2 * HOUR)
    mine.done(probe)
    assert len(mine.pick()) == 4, "so many at once to one that is well"


def test_a_message_is_given_up_after_three_days_of_trying() -> None:
    mine = office()
    mine.take(WARNING)
    (parcel,) = mine.pick()
    began = mine.now
    while mine.now < began + GIVE_UP_MS:
        mine.done(parcel, REFUSED)
        found = mine.pick(DAY)
        assert found or mine.now >= began + GIVE_UP_MS
        parcel = found[0] if found else parcel
    mine.done(parcel, REFUSED)
    assert mine.deliver(30 * DAY) == []
    assert mine.tally.counts["given up"] == 1


def test_an_endpoint_that_is_gone_is_sent_nothing_more_and_operators_hear_of_it_once() -> None:
    mine = Office(book(merchant("acme", "s1"), merchant("other", "s1"), ops=merchant("ops")))
    mine.take(WARNING, alert("w2", rule="other"))
    gone, well = mine.pick()
    mine.done(gone, GONE)
    mine.done(well)
    assert sorted(mine.deliver()) == ["gone.acme.erp.1790000000000", "w2.firing.0"]
    mine.start()
    mine.take(DEMOTION, over(WARNING))
    assert {mine.sent[-1].endpoint for _ in mine.deliver(30 * DAY)} == {"other/erp"}
    assert not [message for message in mine.sent[2:] if message.endpoint == "acme/erp"]


def test_what_one_desk_learns_of_an_endpoint_the_others_know() -> None:
    mine = Office(book(merchant("acme", "s1", "s2")))
    other = Office(mine.book, endpoints_of=mine)
    mine.take(WARNING)
    (failing,) = mine.pick()
    mine.done(failing, FAILED)
    other.take(alert("x", shop="s2"))
    assert other.pick(2_499) == []
    (probe,) = other.pick(1)
    other.done(probe)
    assert b"e/acme/erp" in mine.kept
    mine.desk.look_at("acme/erp")
    assert len(mine.pick()) == 1, "at once, now that it is well"
    assert b"e/acme/erp" not in mine.kept


def test_an_endpoint_with_another_address_begins_anew() -> None:
    mine = office()
    mine.take(WARNING)
    mine.done(mine.pick()[0], GONE)
    assert b"e/acme/erp" in mine.kept
    moved = Office(book(merchant("acme", "s1", endpoints=(webhook("acme/erp2"),))), kept=mine.kept)
    moved.take(DEMOTION)
    assert moved.deliver() == ["d1.firing.0"]
    assert b"e/acme/erp" not in moved.kept


def test_what_waits_and_for_how_long_survives_a_restart() -> None:
    mine = office()
    mine.take(WARNING)
    mine.done(mine.pick()[0], FAILED)
    mine.start()
    assert mine.pick(2_499) == []
    (parcel,) = mine.pick(1)
    assert parcel.messages[0] == mine.sent[0]


def test_what_was_sent_when_everything_ended_is_sent_again_as_it_was() -> None:
    mine = office()
    mine.take(WARNING)
    mine.pick()
    mine.now += HOUR
    mine.start()
    mine.pick()
    first, second = mine.sent
    assert (first.id, first.body) == (second.id, second.body)


def test_what_is_for_an_endpoint_that_is_no_more_is_given_up() -> None:
    mine = office()
    mine.take(WARNING)
    mine.pick()
    other = Office(book(merchant("other", "s1")), kept=mine.kept)
    assert other.deliver() == []
    assert not [key for key in other.kept if key.startswith(b"m/")]


def test_a_merchant_who_has_no_longer_a_shop_is_told_nothing_more_of_it() -> None:
    mine = office(repeat_ms=HOUR)
    mine.take(WARNING, alert("w2", rule="other"))
    mine.done(mine.pick()[0])
    moved = Office(
        book(merchant("acme", "s9", repeat_ms=HOUR), merchant("new", "s1")), kept=mine.kept, now=mine.now
    )
    moved.take(over(WARNING), DEMOTION)
    moved.deliver(DAY)
    assert {message.endpoint for message in moved.sent} == {"new/erp"}


NIGHT = Quiet(time(22), time(8), frozenset({"warning"}))
SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_in_quiet_hours_only_what_is_not_quiet_is_told_and_the_rest_when_they_end() -> None:
    mine = office(zone=SHANGHAI, quiet=(NIGHT,))
    mine.now = local(SHANGHAI, 3, "23:30")
    mine.take(WARNING, alert("d2", rule="other", severity="demotion"))
    assert mine.deliver() == ["d2.firing.0"]
    assert mine.desk.next_at() == local(SHANGHAI, 4, "08:00")
    assert mine.deliver(local(SHANGHAI, 4, "07:59") - mine.now) == []
    assert mine.deliver(MINUTE) == ["w1.firing.0"]


def test_nothing_is_told_before_anybody_has_looked_at_the_pipeline() -> None:
    mine = office()
    mine.desk.holding.looked = False
    mine.take(WARNING)
    assert mine.deliver() == []
    mine.desk.hear({})
    assert mine.deliver() == ["w1.firing.0"]


def test_what_is_wrong_holds_merchants_messages_until_an_operator_lets_them_go() -> None:
    mine = Office(book(merchant("acme", "s1"), ops=merchant("ops")))
    mine.desk.hear({"silent.ships": "ships is silent"})
    mine.desk.report({"silent.ships": "ships is silent"}, mine.now)
    mine.take(WARNING)
    assert mine.deliver() == [f"hold.silent.ships.{NOW}"]
    mine.desk.hear({})
    mine.start()
    assert mine.deliver(HOUR) == [], "that it has gone by itself takes nothing back"
    mine.follow(Command(action="release", at=1))
    assert mine.deliver() == ["w1.firing.0"]


def test_what_was_overruled_does_not_hold_again_before_it_has_been_gone() -> None:
    mine = office()
    wrong = {"mass": "many"}
    mine.desk.hear(wrong)
    mine.follow(Command(action="release", at=1))
    mine.desk.hear(wrong)
    assert not mine.desk.holding.held
    mine.desk.hear({})
    mine.desk.hear(wrong)
    assert mine.desk.holding.held


def test_a_command_is_followed_once() -> None:
    mine = office()
    mine.follow(Command(action="hold", at=5))
    mine.start()
    mine.follow(Command(action="release", at=6))
    mine.start()
    mine.follow(Command(action="hold", at=5))
    assert not mine.desk.holding.held


def test_what_is_dropped_is_never_told_nor_what_follows_of_it() -> None:
    mine = office(repeat_ms=HOUR)
    told = alert("w0", rule="before")
    mine.take(told)
    assert mine.deliver() == ["w0.firing.0"]
    mine.follow(Command(action="hold", at=1))
    mine.take(WARNING, over(told))
    mine.pick()
    mine.follow(Command(action="drop", at=2))
    assert mine.deliver() == ["w0.resolved.0"], "the end of what was told is told"
    mine.start()
    assert mine.deliver(DAY) == []
    mine.take(over(WARNING), DEMOTION)
    assert mine.deliver() == ["d1.firing.0"]


def test_a_channel_gets_one_by_one_as_long_as_its_bucket_allows_and_then_a_digest() -> None:
    mine = office(endpoints=(channel("acme/duty"),))
    many = [alert(f"w{number}", rule=f"r{number}") for number in range(30)]
    mine.take(*many[:2])
    assert [len(parcel.messages) for parcel in mine.pick()] == [1], "one at a time"
    mine.start()
    mine.take(*many[2:])
    (parcel,) = mine.pick()
    assert len(parcel.messages) == 30
    mine.done(parcel)
    assert mine.deliver(DAY) == []


def test_a_channel_with_a_digest_waits_for_more_of_it() -> None:
    mine = office(endpoints=(channel("acme/duty", digest_ms=15 * MINUTE),))
    mine.take(WARNING)
    assert mine.pick() == []
    mine.now += 10 * MINUTE
    mine.take(alert("w2", rule="other"))
    assert mine.pick() == []
    assert mine.desk.next_at() == NOW + 15 * MINUTE
    (parcel,) = mine.pick(5 * MINUTE)
    assert [message.id for message in parcel.messages] == ["w1.firing.0", "w2.firing.0"]


def test_no_minute_sees_more_of_a_channel_than_it_may() -> None:
    mine = office(endpoints=(channel("acme/duty", per_minute=20),))
    times: list[int] = []
    for number in range(1_000):
        mine.take(alert(f"w{number}", rule=f"r{number}"))
        for parcel in mine.pick(100):
            times.append(mine.now)
            mine.done(parcel)
    assert len(times) > 25
    assert max(sum(1 for at in times if begin <= at < begin + MINUTE) for begin in times) <= 20
    assert len(mine.sent) == len({message.id for message in mine.sent})


@pytest.mark.parametrize("fails", [True, False])
def test_however_many_are_in_trouble_there_are_places_for_the_others(fails: bool) -> None:  # noqa: FBT001 - a case
    bad = [merchant(f"bad{number}", f"b{number}") for number in range(100)]
    mine = Office(book(*bad, merchant("good", "good")))
    mine.endpoints.places, mine.endpoints.places_of_the_troubled = 101, 5
    mine.take(*(alert(f"a{number}", shop=f"b{number}") for number in range(100)))
    for parcel in mine.pick():
        mine.done(parcel, FAILED if fails else DELIVERED)
    mine.take(*(alert(f"x{number}", shop=f"b{number}", rule="more") for number in range(100)))
    mine.take(alert("g", shop="good"))
    found = [parcel.endpoint for parcel in mine.pick(MINUTE)]
    assert "good/erp" in found
    assert len(found) == (6 if fails else 101)
