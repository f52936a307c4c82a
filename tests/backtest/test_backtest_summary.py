"""Are alerts, flaps, classes of shops, samples and gates counted as the documentation says?"""

from collections.abc import Mapping

import pytest

from stream.backtest.gates import GATES, broken
from stream.backtest.profiles import Profile, sizes
from stream.backtest.span import Span, date_of, day_begin, day_ends
from stream.backtest.summary import summary
from tests.backtest.asking import DAY, HOUR, Case, Event, cancelled, episode, hours, order, orders, policy

SPAN = Span(hours(10), hours(58) - 1)


def test_what_fired_within_the_range_is_counted_apart_from_what_fired_before() -> None:
    found = summary([episode(1, 12), episode(10, 11, shop="T"), episode(57, shop="T")], SPAN, 5, DAY)
    assert (found.alerts, found.firing_before, found.firing_at_end, found.shops) == (2, 1, 1, 2)


def test_alerts_a_shop_day_are_of_all_shops_and_all_days_of_the_range() -> None:
    assert summary([episode(12, 13), episode(14, 15)], SPAN, 5, DAY).alerts_a_shop_day == 0.2


def test_time_in_breach_is_of_each_alert_as_far_as_the_range_goes() -> None:
    found = summary([episode(1, 12), episode(20, 21), episode(55)], SPAN, 1, DAY)
    assert found.in_breach_ms == (2 + 1 + 3) * HOUR


@pytest.mark.parametrize(
    ("second", "flaps"),
    [
        (episode(36, 40), 1),
        (episode(36.01, 40), 0),
        (episode(36, 40, shop="T"), 0),
        (episode(36, 40, severity="stop"), 0),
    ],
)
def test_an_alert_flaps_that_fires_within_the_set_time_after_the_last_of_its_tier_resolved(
    second: object, flaps: int
) -> None:
    assert summary([episode(11, 12), second], SPAN, 1, DAY).flaps == flaps  # type: ignore[list-item] # an episode


def test_a_flap_before_the_range_is_none_in_it_and_one_after_an_alert_before_it_is() -> None:
    assert summary([episode(1, 2), episode(3, 12)], SPAN, 1, DAY).flaps == 0
    assert summary([episode(1, 11), episode(12, 13)], SPAN, 1, DAY).flaps == 1


def test_a_shop_is_of_the_category_and_the_region_of_most_of_its_orders_of_equals_the_least() -> None:
    events: list[Event] = []
    kinds = [("b", "2"), ("a", "1"), ("b", "1"), ("a", "2"), (None, "3")]
    for number, (category, region) in enumerate(kinds):
        events += order(f"o{number}", number + 1, good=True, category=category, region=region)
    events += order("t", 1, "T", good=True)
    assert Case(events).answer.profiles == {
        "S": Profile("a", "1", 5),
        "T": Profile("(none)", "310000", 1),
    }


def test_shops_are_put_into_quartiles_by_their_orders() -> None:
    found = sizes([1, 2, 3, 4, 5, 6, 7, 80])
    assert found.names() == ["1 to 2 orders", "3 to 4 orders", "5 to 6 orders", "7 to 80 orders"]
    assert [found.of(count) for count in (1, 4, 80)] == ["1 to 2 orders", "3 to 4 orders", "7 to 80 orders"]


def test_shops_with_as_many_orders_are_in_one_class() -> None:
    assert sizes([3, 3, 3, 3, 3, 9]).names() == ["3 orders", "4 to 9 orders"]


def breakdown(name: str) -> Mapping[str, tuple[int, int, int, int, int]]:
    events = orders(good=(1.0, 1.1, 1.2, 1.3), bad=(2.0, 3.0))
    events += order("t", 2, "T", good=False, category="toys", region="1")
    events += order("u", 2, "U", good=True, category="toys", region="2")
    case = Case(events, policy("alarm = { below = 0.5 }"), policy(), 0, 10)
    return {
        each.name: (each.shops, each.touched, each.baseline, each.candidate, each.words["added"])
        for each in case.answer.breakdown[name]
    }


def test_what_changes_is_broken_down_by_category_region_and_size() -> None:
    # Of S an alert is added; T, with one bad order, alerts under both; U under none.
    assert breakdown("category") == {"toys": (2, 0, 1, 1, 0), "(none)": (1, 1, 0, 1, 1)}
    assert list(breakdown("category")) == ["toys", "(none)"]  # the one with most shops first
    assert breakdown("region") == {"1": (1, 0, 1, 1, 0), "2": (1, 0, 0, 0, 0), "310000": (1, 1, 0, 1, 1)}
    assert breakdown("size") == {"1 orders": (2, 0, 1, 1, 0), "2 to 6 orders": (1, 1, 0, 1, 1)}


def test_rates_are_sampled_at_the_end_of_each_day_of_shops_that_are_judged() -> None:
    rule = '[rules.d]\nmetric = "m"\nwindow = "10d"\npane = "1h"\nx = { below = 0.1, min_orders = 2 }'
    events = [*orders(good=(1.0,), bad=(2.0, 30.0)), *orders(good=(1.0,), shop="T"), cancelled(90)]
    case = Case(events, policy("x = { below = 0 }", more=rule), begin=0, end=71)
    # One of two at the end of the first day, one of three of the second; the third is not over; T has one order only.
    assert case.answer.baseline.judged.rates["d"] == {50: 1, 33: 1}


def test_what_happens_at_midnight_is_of_the_day_that_begins() -> None:
    rule = '[rules.d]\nmetric = "m"\nwindow = "10d"\npane = "1h"\nx = { below = 0.1 }'
    case = Case(
        [*orders(good=(1.0,), bad=(24.0,)), cancelled(90)],
        policy("x = { below = 0 }", more=rule),
        begin=0,
        end=47,
    )
    assert case.answer.baseline.judged.rates["d"] == {100: 1}


def test_a_rate_is_cut_to_its_hundredth() -> None:
    rule = '[rules.d]\nmetric = "m"\nwindow = "10d"\npane = "1h"\nx = { below = 0.1 }'
    # 29 of 50 are 0.58, of which a float would make 57 hundredths.
    events = orders(good=[1 + n / 100 for n in range(29)], bad=[2 + n / 100 for n in range(21)])
    case = Case([*events, cancelled(90)], policy("x = { below = 0 }", more=rule), begin=0, end=47)
    assert case.answer.baseline.judged.rates["d"] == {58: 1}


def test_a_day_that_is_nearly_over_ends_at_its_midnight() -> None:
    late = Span(hours(23), hours(50))
    assert list(day_ends(late, "UTC")) == [hours(24), hours(48)]


def test_t6_of_a_midnight_that_comes_twice_the_first_is_meant() -> None:
    # In Havana the clock went back from one to midnight on 3 November 2024.
    first = 1_730_606_400_000
    assert list(day_ends(Span(first - HOUR, first + 25 * HOUR), "America/Havana")) == [
        first,
        first + 25 * HOUR,
    ]


def test_a_day_of_a_zone_that_changes_its_clock_has_23_or_25_hours() -> None:
    berlin = "Europe/Berlin"
    spring = Span(1_711_753_200_000, 1_711_753_200_000 + 3 * DAY)  # 2024-03-30T00:00+01:00
    ends = list(day_ends(spring, berlin))
    assert [date_of(end - 1, berlin) for end in ends] == ["2024-03-30", "2024-03-31", "2024-04-01"]
    assert [(end - day_begin(end, berlin)) // HOUR for end in ends] == [24, 23, 24]
    autumn = Span(1_729_893_600_000, 1_729_893_600_000 + 3 * DAY)  # 2024-10-26T00:00+02:00
    assert [(end - day_begin(end, berlin)) // HOUR for end in day_ends(autumn, berlin)] == [24, 25]


# -- gates

ADDS = Case(
    orders(good=(1.0, 1.1, 1.2, 1.3), bad=(2.0, 3.0)), policy("alarm = { below = 0.5 }"), policy(), 0, 10, ()
)


@pytest.mark.parametrize(
    ("option", "passes", "breaks", "said"),
    [
        ("--max-added", 1, 0, "--max-added 0 is broken: alerts added: 1, more than 0"),
        ("--max-changed", 1, 0, "--max-changed 0 is broken: alerts changed: 1, more than 0"),
        ("--max-shops", 1, 0, "--max-shops 0 is broken: shops touched: 1, more than 0"),
        ("--max-alerts", 1, 0, "--max-alerts 0 is broken: alerts of the candidate: 1, more than 0"),
        (
            "--min-precision",
            0,
            0.5,
            "--min-precision 0.5 is broken: precision of the candidate 0, less than 0.5",
        ),
    ],
)
def test_a_gate_is_broken_beyond_its_limit_and_says_so(
    option: str, passes: float, breaks: float, said: str
) -> None:
    assert list(broken(ADDS.answer, {option: passes})) == []
    assert list(broken(ADDS.answer, {option: breaks})) == [said]


def test_a_gate_that_cannot_be_told_is_broken() -> None:
    (line,) = broken(ADDS.answer, {"--min-recall": 0})
    assert line == (
        "--min-recall 0 is broken: there is no recall of the candidate, nothing can be told by the labels"
    )


def test_removed_alerts_and_flaps_have_their_gates() -> None:
    turned = Case(ADDS.events, ADDS.candidate, ADDS.baseline, 0, 10, ())
    assert len(list(broken(turned.answer, {"--max-removed": 0}))) == 1
    # Good again for a while at hour 4, and bad again at hour 5.
    events = [*ADDS.events, *orders(good=[4 + n / 10 for n in range(5)], bad=(5.0,))]
    flapping = Case(events, policy("alarm = { below = 0 }"), policy(), 0, 8, ())
    assert list(broken(flapping.answer, {"--max-flaps": 0, "--max-added": None})) == [
        "--max-flaps 0 is broken: flaps of the candidate: 1, more than 0"
    ]
    assert len(GATES) == 8
