"""What does evidence say of a bad unit: the promise, what was done, which exemptions held all the same, under which version?"""

from collections.abc import Sequence

import pytest

from stream.engine.reading import Event
from tests.engine.story import (
    ON_TIME,
    changed,
    engine,
    hours,
    paid,
    picked_up,
    requested,
    resolved,
    shipped,
)
from topics.alerts import Evidence

EXTEND = """
[[exemptions]]
id = "{id}"
metrics = ["m"]
effect = "extend"
anchor = "{anchor}"
by = "{by}"
"""
SPARE = """
[[exemptions]]
id = "penalties-only"
metrics = ["m"]
effect = "penalty_only"
anchor = "paid"
"""
PICKUP = ON_TIME.replace("on_time_ship", "pickup_anomaly").replace("below = 0.8", "above = 0.1")
AFTER_SALES = ON_TIME.replace('"on_time_ship"', '"after_sales"\nresolve_within = "2h"')
RETURN = ON_TIME.replace("on_time_ship", "return").replace("below = 0.8", "above = 0.1")


def extend(name: str = "x", by: str = "1h", anchor: str = "paid") -> str:
    return EXTEND.format(id=name, by=by, anchor=anchor)


def evidence(events: Sequence[Event], *bodies: str) -> Evidence:
    """The one piece that the first alert names."""
    mine = engine(*bodies)
    for event in events:
        mine.apply(event)
    alert = mine.advance(hours(40)).alerts[0]
    (piece,) = alert.evidence
    return piece


@pytest.mark.parametrize(
    ("more", "why", "exemptions"),
    [
        ("", "to be shipped by 05:00, not shipped yet", []),
        (extend(), "to be shipped by 06:00 (extended from 05:00 by x), not shipped yet", ["x"]),
        (
            extend() + extend("y", "2h") + extend("z", "2h"),
            "to be shipped by 07:00 (extended from 05:00 by y, z), not shipped yet",
            ["x", "y", "z"],
        ),
        (SPARE, "to be shipped by 05:00, not shipped yet", ["penalties-only"]),
    ],
)
def test_a_late_order_names_what_its_promise_was_and_who_extended_it_e4(
    more: str, why: str, exemptions: Sequence[str]
) -> None:
    """What was so at firing is told: it was shipped later."""
    found = evidence([paid("o", 0, 5), shipped("o", 9)], ON_TIME + more)
    assert (found.verdict, found.exemptions) == ("late", exemptions)
    assert found.why.replace("2024-01-01 ", "").replace(":00+00:00", "") == why


def test_a_promise_that_was_changed_is_not_said_to_be_extended_d1() -> None:
    late = [paid("o", 0, 5), changed("o", 1, 7)]
    assert "(at payment promised for 2024-01-01 05:00:00+00:00)" in evidence(late, ON_TIME).why
    both = evidence(late, ON_TIME + extend()).why
    assert "08:00:00+00:00 (extended from 2024-01-01 07:00:00+00:00 by x)" in both


def test_the_version_is_the_one_that_the_order_was_paid_under_v1() -> None:
    """The alert fires under the second."""
    found = evidence([paid("o", 0, 30)], ON_TIME, ON_TIME)
    assert found.policy_version == "1"
    assert evidence([paid("o", -1, 30)], ON_TIME, ON_TIME).policy_version == "0"


@pytest.mark.parametrize(
    ("body", "events", "verdict", "why"),
    [
        (
            PICKUP + extend(anchor="shipped"),
            [paid("o", 0, 5), shipped("o", 1), picked_up("o", 27)],
            "not_scanned",
            "to be scanned by 2024-01-02 02:00:00+00:00 (extended from 2024-01-02 01:00:00+00:00 by x)",
        ),
        (
            AFTER_SALES + extend(anchor="requested"),
            [paid("o", 0, 5), requested("o", 1), resolved("o", 9)],
            "not_resolved",
            "to be resolved by 2024-01-01 04:00:00+00:00 (extended from 2024-01-01 03:00:00+00:00 by x)",
        ),
        (RETURN + SPARE, [paid("o", 0, 5), requested("o", 1)], "returned", "return requested at"),
    ],
)
def test_each_kind_names_its_deadline_and_who_extended_it(
    body: str, events: Sequence[Event], verdict: str, why: str
) -> None:
    found = evidence(events, body)
    assert found.verdict == verdict
    assert why in found.why
    assert found.exemptions in (["x"], ["penalties-only"])


def test_of_very_many_exemptions_ten_are_named() -> None:
    many = "".join(extend(f"x{number:02}", "1h") for number in range(30))
    found, named = evidence([paid("o", 0, 5)], ON_TIME + many), [f"x{number:02}" for number in range(10)]
    assert found.exemptions == named
    assert f"by {', '.join(named)})" in found.why
