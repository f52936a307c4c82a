"""How does the demo tell what happens?"""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import msgspec
import pytest
from rich.console import Console

from stream.cli.demo.words import Chapters, Teller, alert_lines, counts_in_words
from stream.simulate.market import Market
from stream.simulate.shops import DAY, HOUR
from topics.alerts import Alert, Counts, Evidence

MARKET = Market()
DAY_1 = datetime(2025, 3, 2, 16, tzinfo=UTC)  # midnight of the marketplace
FIRES = Alert(
    alert_id="a1",
    shop_id="shop-06",
    policy="seed",
    policy_version="1",
    rule="late_shipping",
    severity="demotion",
    metric="on_time",
    window="1d",
    state="firing",
    fired_at=DAY_1 + timedelta(days=3, hours=9, minutes=5),
    resolved_at=None,
    resolved_because=None,
    at_fire=Counts(good=44, bad=12, counted=56, rate=0.785714, threshold=0.8, headroom=-4),
    latest=Counts(good=44, bad=12, counted=56, rate=0.785714, threshold=0.8, headroom=-4),
    evidence=[Evidence(order_id=f"o{number}", verdict="late", why="not shipped") for number in range(5)],
    message="",
)


def changed(alert: Alert, **fields: Any) -> Alert:
    return msgspec.structs.replace(alert, **fields)


RESOLVED = changed(
    FIRES,
    state="resolved",
    resolved_at=FIRES.fired_at + timedelta(hours=26, minutes=3),
    resolved_because="no_data",
    latest=Counts(good=9, bad=0, counted=9, rate=1.0, threshold=0.8, headroom=2),
)


def lines(alert: Alert) -> list[str]:
    return [line.plain for line in alert_lines(alert, MARKET.begins)]


def printed(*, terminal: bool) -> tuple[Teller, StringIO]:
    screen = StringIO()
    console = Console(
        file=screen, force_terminal=terminal, color_system="standard" if terminal else None, width=40
    )
    return Teller(MARKET, console), screen


def test_an_alert_that_fires_says_when_who_what_how_far_and_which_orders() -> None:
    headline, *evidence = lines(FIRES)
    assert headline == (
        "day 4, 09:05   FIRES     shop-06  late_shipping demotion: "
        "78.6 % against 80 %; 44 good, 12 bad of 56 counted in 1d"
    )
    assert [line.strip() for line in evidence] == [
        "o0: not shipped",
        "o1: not shipped",
        "o2: not shipped",
        "and 2 more in its evidence",
    ]


def test_with_little_evidence_nothing_more_is_promised() -> None:
    few = changed(FIRES, evidence=FIRES.evidence[:3])
    assert len(lines(few)) == 4
    assert "more" not in lines(few)[-1]


def test_an_alert_that_resolves_says_why_after_how_long_and_where_the_rate_is_now() -> None:
    (headline,) = lines(RESOLVED)
    assert headline == (
        "day 5, 11:08   RESOLVED  shop-06  late_shipping demotion no data after 26 h 3 min: "
        "100 % against 80 %; 9 good, 0 bad of 9 counted in 1d"
    )


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        (
            Counts(good=0, bad=0, counted=0, rate=None, threshold=0.8, headroom=None),
            "no rate against 80 %; 0 good, 0 bad of 0 counted in 7d",
        ),
        (
            Counts(good=3, bad=9, counted=12, rate=0.25, threshold=None, headroom=0),
            "25 %; 3 good, 9 bad of 12 counted in 7d",
        ),
        (
            Counts(good=None, bad=None, counted=None, rate=None, threshold=0.8, headroom=None, score=0.7125),
            "score 0.7125 against 0.8",
        ),
    ],
)
def test_counts_without_a_rate_without_a_line_and_of_a_score(counts: Counts, words: str) -> None:
    assert counts_in_words(counts, None if counts.counted is None else "7d") == words


def test_lines_are_plain_and_whole_where_nobody_sees_colours() -> None:
    teller, screen = printed(terminal=False)
    teller.alert(RESOLVED)
    assert screen.getvalue() == lines(RESOLVED)[0] + "\n"


def test_a_terminal_gets_colour() -> None:
    teller, screen = printed(terminal=True)
    teller.alert(RESOLVED)
    assert "\x1b[1;32mRESOLVED" in screen.getvalue()


def test_an_id_in_brackets_is_no_markup() -> None:
    teller, screen = printed(terminal=False)
    teller.alert(changed(RESOLVED, shop_id="[red]shop"))
    assert "[red]shop" in screen.getvalue()


def test_chapters_are_told_once_each_when_the_story_has_passed_them() -> None:
    teller, screen = printed(terminal=False)
    chapters = Chapters(MARKET, teller)
    chapters.go_on(MARKET.stop.begins, 5000)
    assert screen.getvalue().splitlines() == [
        "day 2, 00:00   5,000 events published",
        "day 3, 00:00   5,000 events published",
    ]
    chapters.go_on(MARKET.stop.begins + HOUR, 6000)
    hit = ", ".join(shop.shop_id for shop in MARKET.hit())
    assert screen.getvalue().splitlines()[2:] == [
        f"day 3, 08:00   warehouse east stops; from there ship {hit}"
    ]
    chapters.go_on(MARKET.ends + DAY, 9000)
    told = screen.getvalue().splitlines()
    assert told[-1].endswith("the marketplace closes; what is under way is brought to its end")
    assert sum("warehouse east works again" in line for line in told) == 1
