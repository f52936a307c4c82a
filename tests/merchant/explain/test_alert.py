"""Is the story of an alert told right: what was counted, how it ended, what its evidence has become, how the shop stands?"""

from collections.abc import Sequence
from dataclasses import replace
from textwrap import dedent

import msgspec
import pytest

from stream.engine.reading import Event
from stream.merchant.explain.alert import alert_story
from stream.merchant.explain.alert_lines import alert_lines
from stream.merchant.explain.documents import alert_document
from stream.merchant.explain.known import Known
from tests.engine.story import ON_TIME, cancelled, paid, policy, requested, shipped
from tests.merchant.explain.scene import known

LATE = [paid("o", 0, 5), paid("p", 1, 4), shipped("p", 2)]
LONG = ON_TIME.replace("10h", "50h")
GONE = ON_TIME.replace("rules.r", "rules.other")
PICKUP = ON_TIME.replace('"on_time_ship"', '"pickup_anomaly"\npickup_within = "3h"').replace(
    "below = 0.8", "above = 0.1"
)
RETURN = ON_TIME.replace("on_time_ship", "return").replace("below = 0.8", "above = 0.1")
AFTER_SALES = ON_TIME.replace('"on_time_ship"', '"after_sales"\nresolve_within = "2h"')
SCORE = """
[metrics.m]
kind = "on_time_ship"

[metrics.back]
kind = "return"

[scores.s]
window = "10h"
pane = "1h"
parts = [{ metric = "m", weight = 9 }, { metric = "back", weight = 1 }]

[rules.r]
score = "s"
alarm = { below = 0.8 }
"""


def told(found: Known, number: int = -1) -> list[str]:
    """The lines of one of its alerts, by default the first that fired, without the date that most times are on."""
    lines = alert_lines(alert_story(found, found.alerts[number]))
    return [line.replace("2024-01-01 ", "").replace("+00:00", "").rstrip() for line in lines]


def says(found: Known, said: str) -> bool:
    return any(said in line for line in told(found))


def test_the_whole_story_of_an_alert_that_was_corrected() -> None:
    """T4: the cancellation was read when the alert had fired for an hour and a half."""
    found = known(policy(ON_TIME), LATE, (6.5, [cancelled("o", 3)]), 7)
    name = found.alerts[0].alert_id
    assert "\n".join(told(found)) == dedent(
        f"""\
        alert {name} of shop S: r alarm, resolved
        on m over 10h, by version 0 of policy test, in force when it fired (times of UTC)

        05:00:00  fired: 1 good and 1 bad, 2 counted; rate 0.5 against the line 0.8; 3 more good would end the breach
        06:30:00  resolved after 1 hour 30 minutes (corrected): what had been counted was taken back by a later fact or an exemption
                             then: 1 good and 0 bad, 1 counted; rate 1 against the line 0.8; one more bad would be a breach
        of its evidence these had been taken back by then: o
            r is no longer alarm, what had been counted was corrected: 1 of 1 orders were shipped on time in the last 10 hours, 100 %; the line is 80 %.

        evidence, as it was when it fired (1 of 1 bad, the newest first):
          o: to be shipped by 05:00:00, not shipped yet
            paid under version 0; exemptions that held: none
            now: on neither side: cancelled before it was due or done (taken back by then)

        as of 07:00:00 it is inactive: 1 good and 0 bad, 1 counted; rate 1 against the line 0.8; one more bad would be a breach"""
    )


@pytest.mark.parametrize(
    ("bodies", "clock", "said"),
    [
        ([ON_TIME], 20, "(recovered): what it counts was clear of the line again"),
        ([ON_TIME.replace("below = 0.8", "below = 0.8, min_orders = 2")], 20, "(no_data): too little was left to judge by"),
        ([LONG, LONG, GONE], 30, "(rule_changed): the version in force from then on has no such tier"),
        ([LONG, LONG, GONE], 30, "06:00:00 no such tier is in force"),
        ([ON_TIME], 6, "as of 06:00:00 it is firing: 1 good and 1 bad, 2 counted"),
        ([ON_TIME.replace("below = 0.8", "bad_above = 0")], 6, "fired: 1 good and 1 bad, 2 counted; rate 0.5; no number of orders changes that"),
        ([SCORE], 6, "fired: score 0.55 against the line 0.8"),
        ([SCORE], 6, "on a score, by version 0"),
        ([SCORE], 6, "evidence, as it was when it fired (1 of the bad ones, the newest first):"),
    ],
)  # fmt: skip
def test_it_is_said_what_was_counted_how_it_ended_and_how_the_shop_stands(
    bodies: Sequence[str], clock: float, said: str
) -> None:
    """R6, R8, S3, V2."""
    more = [shipped("o", 5.5), paid("q", 8, 30), paid("r", 8, 30), shipped("q", 9), shipped("r", 9)]
    found = known(policy(*bodies), [*LATE, *more] if "recovered" in said else LATE, clock)
    assert says(found, said), told(found)


@pytest.mark.parametrize(
    ("body", "events", "named", "now"),
    [
        (ON_TIME, [paid("o", 0, 5), shipped("o", 5.5)], "  o: ", "now: bad: to be shipped by 05:00:00, shipped at 05:30:00"),
        (PICKUP, [paid("o", 0, 5), shipped("o", 1, "p1")], "  o, package p1: ", "now: bad: shipped at 01:00:00"),
        (AFTER_SALES, [paid("o", 0, 5), requested("o", 1, "f1")], "  o, refund f1: ", "now: bad: return requested"),
        (RETURN, [paid("o", 0, 5), requested("o", 1, "f1")], "  o, refund f1: ", "now: bad: paid at 00:00:00"),
        (SCORE, [paid("o", 0, 5)], "  o: ", "now: bad: to be shipped by"),
        (SCORE.replace("weight = 1 ", "weight = 90 "), [paid("o", 0, 5), requested("o", 1, "f1")], "  o, refund f1: ", "now: bad: paid at"),
    ],
)  # fmt: skip
def test_each_piece_of_evidence_says_what_it_has_become(
    body: str, events: Sequence[Event], named: str, now: str
) -> None:
    found = told(known(policy(body), events, 6))
    assert any(line.startswith(named) for line in found), found
    assert any(now in line for line in found), found


SOON = ON_TIME.replace("below = 0.8", "below = 0.8, forecast = '3h'")
OPEN = [paid("g", 0, 9), shipped("g", 0.5), paid("o", 0, 5)]


def test_an_alert_that_fired_ahead_of_its_breach_names_what_was_to_be_shipped_and_why_it_is_over() -> None:
    found = known(policy(SOON), OPEN, (2.5, [shipped("o", 3)]), 4)
    name = found.alerts[0].alert_id
    assert "\n".join(told(found)) == dedent(
        f"""\
        alert {name} of shop S: r alarm, resolved
        on m over 10h, by version 0 of policy test, in force when it fired (times of UTC)

        02:00:00  fired ahead of a breach that was to come: 1 good and 0 bad, 1 counted; rate 1 against the line 0.8; one more bad would be a breach
        03:00:00  resolved after 1 hour (recovered): the danger had passed: shipped, set aside or exempt, the orders that were open made no breach any more
                             then: 2 good and 0 bad, 2 counted; rate 1 against the line 0.8; one more bad would be a breach
            r is no longer alarm, it has recovered: 2 of 2 orders were shipped on time in the last 10 hours, 100 %; the line is 80 %.

        evidence, as it was when it fired (1 order to be shipped, the first to fall due):
          o: to be shipped by 05:00:00, not shipped yet
            paid under version 0; exemptions that held: none
            now: good

        as of 04:00:00 it is inactive: 2 good and 0 bad, 2 counted; rate 1 against the line 0.8; one more bad would be a breach"""
    )


def test_what_was_open_is_not_said_to_have_been_taken_back() -> None:
    """A cancellation that was read late took back what had become of it after the alert had fired."""
    found = known(policy(SOON), LATE, (6.5, [cancelled("o", 3)]), 7)
    assert says(found, "fired ahead of a breach")
    assert says(found, "(corrected): what had been counted was taken back")
    assert not says(found, "taken back by then")


def test_what_was_taken_back_beside_the_evidence_is_not_guessed() -> None:
    found = known(policy(ON_TIME), LATE, (6.5, [cancelled("o", 3)]), 7)
    assert says(replace(found, orders={}), "none of its evidence is known to have been taken back by then")
    assert says(replace(found, orders={}), "now: not known any more, nothing of it can count")


def test_an_alert_of_an_older_worker_says_what_it_can() -> None:
    found = known(policy(ON_TIME), LATE, 6)
    (alert,) = found.alerts
    bare = [msgspec.structs.replace(each, policy_version=None, exemptions=None) for each in alert.evidence]
    old = replace(found, alerts=[msgspec.structs.replace(alert, evidence=bare)], rates=None)
    assert not says(old, "paid under")
    assert says(old, "how the shop stands now is not known: no rates of it have been written")


def test_a_breach_ahead_is_said_p1() -> None:
    found = known(policy(ON_TIME.replace("0.8 }", "0.8, min_orders = 3 }")), [*LATE, paid("q", 1, 5.5)], 6)
    (tier,) = [tier for rule in found.rates.rules for tier in rule.tiers] if found.rates else []
    story = alert_story(found, found.alerts[0])
    for to_save, said in ((2, "unless 2 orders are shipped"), (None, "whatever is shipped")):
        ahead = msgspec.structs.replace(tier, breach_at=found.alerts[0].fired_at, to_save=to_save)
        assert (
            f"; in breach from 2024-01-01 05:30:00 on {said}"
            in list(alert_lines(replace(story, tier=ahead)))[-1]
        )


def test_its_document_has_the_alert_as_it_was_written() -> None:
    found = known(policy(ON_TIME), LATE, (6.5, [cancelled("o", 3)]), 7)
    (alert,) = found.alerts
    written = {**found.alert_documents[alert.alert_id], "unheard_of": "kept"}
    found = replace(found, alert_documents={alert.alert_id: written})
    document = alert_document(alert_story(found, alert))
    assert (document["story"], document["shop_id"], document["decided"]) == (
        "alert",
        "S",
        "2024-01-01T07:00:00.000Z",
    )
    assert document["alert"] == written
    (piece,) = document["evidence"]
    assert (piece["order_id"], piece["taken_back"], piece["now"]["state"]) == ("o", True, "set_aside")
    assert (piece["now"]["cancelled"], piece["now"]["aside_by"]) == (True, None)
    assert document["tier"] == found.rates_document["rules"][0]["tiers"][0]
