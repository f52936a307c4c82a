"""Is it told right how a shop stands: each tier against its line, what it waits for, what is ahead, its alerts?"""

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import pytest

from stream.engine.reading import Event
from stream.merchant.explain.documents import shop_document
from stream.merchant.explain.known import Known
from stream.merchant.explain.shop import shop_story
from stream.merchant.explain.shop_lines import MOST_ALERTS, shop_lines
from tests.engine.story import ON_TIME, paid, policy, shipped
from tests.merchant.explain.scene import known

LATE = [paid("o", 0, 5), paid("p", 1, 4), shipped("p", 2)]
GOOD = [event for name in "abcdefgh" for event in (paid(name, 0, 9), shipped(name, 5.5))]
HELD = ON_TIME.replace("0.8 }", '0.8, for = "1h", keep_firing_for = "2h" }')


def told(found: Known) -> list[str]:
    """Without the date that all times are on."""
    return [line.replace("2024-01-01 ", "") for line in shop_lines(shop_story(found))]


def test_the_whole_of_a_shop_that_fires() -> None:
    found = known(policy(ON_TIME), [*LATE, paid("q", 1, 9)], 6)
    (alert,) = found.alerts
    assert told(found) == [
        "shop S: 3 orders known, 1 alert",
        "policy test, version 0 in force; all up to 06:00:00 is decided (times of UTC)",
        "",
        "rates as of 06:00:00:",
        "  r: m over 10h",
        "    alarm firing: 1 good and 1 bad, 2 counted; rate 0.5 against the line 0.8; 3 more good would end the breach",
        "  to be shipped (m): 1 open, 0 of them due within 1 hour, 1 within 6 hours, 1 within 24 hours",
        "    q by 09:00:00",
        "",
        "alerts, the newest first:",
        f"  {alert.alert_id}: r alarm, fired 05:00:00",
    ]


@pytest.mark.parametrize(
    ("events", "turns", "said"),
    [
        (LATE, [5.5], "      in breach since 05:00:00; it fires at 06:00:00 if that lasts"),
        (
            [paid("o", 0, 2), *GOOD],
            [5.5],
            "      clear since 05:30:00; it resolves at 07:30:00 if that lasts",
        ),
    ],
)
def test_what_a_tier_waits_for_is_said_r6(events: Sequence[Event], turns: Sequence[float], said: str) -> None:
    assert said in told(known(policy(HELD), events, *turns))


def test_of_many_alerts_the_newest_are_told_and_the_others_counted() -> None:
    found = known(policy(ON_TIME), LATE, 6)
    many = [msgspec.structs.replace(found.alerts[0], alert_id=f"a{number}") for number in range(25)]
    lines = told(replace(found, alerts=many))
    assert lines[-1] == f"  and {25 - MOST_ALERTS} older ones"
    assert lines[-2].startswith(f"  a{MOST_ALERTS - 1}: ")


def test_a_shop_without_rates_or_decisions_says_so() -> None:
    found = replace(known(policy(ON_TIME), []), rates=None)
    assert told(found) == [
        "shop S: 0 orders known, 0 alerts",
        "policy test, before its first version; nothing is decided yet (times of UTC)",
        "",
        "no rates of it have been written",
    ]
    document = shop_document(shop_story(found))
    assert (document["rates"], document["decided"], document["alerts"]) == (None, None, [])


def test_its_document_has_rates_and_alerts_as_they_were_written() -> None:
    found = known(policy(HELD), LATE, 5.5)
    document = shop_document(shop_story(found))
    assert document["rates"] == found.rates_document
    assert document["waiting"] == [
        {
            "rule": "r",
            "severity": "alarm",
            "since": "2024-01-01T05:00:00.000Z",
            "until": "2024-01-01T06:00:00.000Z",
        }
    ]
    assert (document["orders"], document["alerts"]) == (2, [])
