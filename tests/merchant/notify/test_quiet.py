"""When may a merchant be disturbed, by the clock on their wall?"""

from datetime import time
from zoneinfo import ZoneInfo

import pytest

from stream.merchant.notify.quiet import quiet_until
from stream.merchant.notify.subscriptions import Quiet
from tests.merchant.notify.stories import local, merchant

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = Quiet(time(22), time(8), None)
NOON = Quiet(time(12), time(13), frozenset({"warning"}))


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("21:59", None),
        ("22:00", (4, "08:00")),
        ("23:59", (4, "08:00")),
        ("00:00", (3, "08:00")),
        ("07:59", (3, "08:00")),
        ("08:00", None),
        ("12:30", (3, "13:00")),
        ("13:00", None),
    ],
)
def test_quiet_hours_begin_and_end_to_the_minute_also_over_midnight(
    at: str, until: tuple[int, str] | None
) -> None:
    who = merchant("acme", zone=SHANGHAI, quiet=(NIGHT, NOON))
    now = local(SHANGHAI, 3, at)
    assert quiet_until(who, "warning", now) == (now if until is None else local(SHANGHAI, *until))


def test_hours_of_other_severities_disturb_nobody() -> None:
    who = merchant("acme", zone=SHANGHAI, quiet=(NOON,))
    now = local(SHANGHAI, 3, "12:30")
    assert quiet_until(who, "demotion", now) == now
    assert quiet_until(who, None, now) == now


def test_hours_that_meet_are_one() -> None:
    who = merchant(
        "acme", zone=SHANGHAI, quiet=(Quiet(time(6), time(9), None), NIGHT, Quiet(time(9), time(10), None))
    )
    assert quiet_until(who, "warning", local(SHANGHAI, 3, "23:00")) == local(SHANGHAI, 4, "10:00")


def test_where_an_hour_is_doubled_the_end_is_that_of_the_wall() -> None:
    """In Berlin summer time ended on 2026-10-25; that night was an hour longer."""
    who = merchant("acme", zone=BERLIN, quiet=(NIGHT,))
    begin = local(BERLIN, -7, "23:00")
    assert quiet_until(who, "warning", begin) - begin == 10 * 3_600_000
