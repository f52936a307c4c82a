"""Are labels read as they are written, and is what is wrong with them told?  Are matured cohorts what is documented?"""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from stream.backtest.accuracy import Accuracy
from stream.backtest.cohorts import matured
from stream.backtest.errors import LabelsError
from stream.backtest.incidents import Incident
from stream.backtest.labels import read_labels
from stream.backtest.span import Span
from stream.simulate.incidents import Incident as Simulated
from stream.simulate.incidents import Labels
from tests.backtest.asking import HOUR, Case, Event, cancelled, hours, order, orders, policy, policy_of
from topics.times import rfc3339

POLICY = policy_of(policy())
HEAD = "shop_id,begins,ends\n"
FROM, TO = "2024-01-01T02:00:00Z", "2024-01-01T08:00:00+08:00"


def incident(begins: float, ends: float, shop: str = "S", rule: str | None = None) -> Incident:
    return Incident(shop, rule, None, None, hours(begins), hours(ends))


# -- files


def test_a_csv_names_shops_and_times_and_what_else_it_likes_in_any_order() -> None:
    text = f"severity,ends,begins,shop_id,metric,rule\n,{FROM},{TO},b,,\nalarm,{FROM},{TO},a,m,r\n"
    assert read_labels("l.csv", text.encode(), [POLICY]) == [
        Incident("a", "r", "m", "alarm", hours(0), hours(2)),
        Incident("b", None, None, None, hours(0), hours(2)),
    ]


def test_a_metric_may_be_named_by_its_kind() -> None:
    text = f"shop_id,begins,ends,metric\na,{FROM},{FROM},on_time_ship\n"
    (found,) = read_labels("l.csv", text.encode("utf-8-sig"), [POLICY])
    assert found.metric == "on_time_ship"


def test_what_the_simulator_writes_is_taken_as_it_is() -> None:
    at = datetime(2024, 1, 1, 2, tzinfo=UTC)
    failed = Simulated(shop_id="a", scenario="s", metric="on_time_ship", begins=at, ends=at, units=3)
    labels = Labels(seed=1, shops=1, begins=at, ends=at, incidents=[failed])
    assert read_labels("l.json", msgspec.json.format(msgspec.json.encode(labels), indent=2), [POLICY]) == [
        Incident("a", None, "on_time_ship", None, hours(2), hours(2))
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "l:1: there is no column shop_id nor begins nor ends"),
        (b"shop_id,begins\n", "l:1: there is no column ends; the first line names shop_id, begins, ends"),
        (b"shop_id,begins,ends,severty\n", "l:1: 'severty' is no column of labels; did you mean severity?"),
        (
            HEAD.encode() + b"a,2024-01-01T00:00:00,2024-01-01T00:00:00Z\n",
            "l:2: begins: '2024-01-01T00:00:00' has no offset",
        ),
        (HEAD.encode() + f"a,{FROM},{TO}\n".encode(), "l:2: it ends before it begins"),
        (HEAD.encode() + f"a,{TO},{FROM}\n,{TO},{FROM}\n".encode(), "l:3: it names no shop_id"),
        (HEAD.encode() + f"a,{TO}\n".encode(), "l:2: it has not as many fields as the first line names"),
        (
            HEAD.encode() + f"a,{TO},{FROM},x\n".encode(),
            "l:2: it has not as many fields as the first line names",
        ),
        (HEAD.encode() + b'"a,b\n', "l:2: it is no CSV"),
        (HEAD.encode() + b"\xff,,\n", "l:2: it is not UTF-8 from here on"),
        (
            f"shop_id,begins,ends,rule\na,{TO},{FROM},q\n".encode(),
            "l:2: neither policy has a rule 'q'; write one of r",
        ),
        (f"shop_id,begins,ends,metric\na,{TO},{FROM},q\n".encode(), "l:2: neither policy has a metric 'q'"),
        (
            f"shop_id,begins,ends,severity\na,{TO},{FROM},q\n".encode(),
            "l:2: neither policy has a severity 'q'",
        ),
        (b"{", "l: it is not what `shopwatch simulate` writes"),
        (b'{"incidents": [{"shop_id": 1}]}', "l: it is not what `shopwatch simulate` writes"),
    ],
)
def test_what_is_wrong_with_labels_is_told_with_its_line(content: bytes, said: str) -> None:
    with pytest.raises(LabelsError) as caught:
        read_labels("l", content, [POLICY])
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    lines = [f",{FROM},soon,q", f"a,{TO},{FROM},r", f"a,{FROM},{TO},r,x", f"a,{FROM},{TO},q"]
    with pytest.raises(LabelsError) as caught:
        read_labels("l", ("shop_id,begins,ends,rule\n" + "\n".join(lines)).encode(), [POLICY])
    assert [line.split("; ")[0] for line in caught.value.lines] == [
        "l:2: it names no shop_id",
        "l:2: ends: 'soon' is not a time such as 2024-01-31T00:00:00Z",
        "l:2: neither policy has a rule 'q'",
        "l:4: it has not as many fields as the first line names",
        "l:5: it ends before it begins",
        "l:5: neither policy has a rule 'q'",
        "the labels cannot be used: 6 problems, listed above",
    ]


def test_all_that_is_wrong_with_the_first_line_is_told_and_nothing_of_the_others() -> None:
    with pytest.raises(LabelsError) as caught:
        read_labels("l", b"shop,begins,ende\nsoon\n", [POLICY])
    first, *others = caught.value.lines
    assert first.startswith("l:1: there is no column shop_id nor ends; ")
    assert others == [
        "l:1: 'shop' is no column of labels; did you mean shop_id?",
        "l:1: 'ende' is no column of labels; did you mean ends?",
        "the labels cannot be used: 3 problems, listed above",
    ]


def test_of_very_many_mistakes_the_first_are_told_and_how_many_there_are() -> None:
    with pytest.raises(LabelsError) as caught:
        read_labels("l", (HEAD + "a,soon,late\n" * 30).encode(), [POLICY])
    *told, last = caught.value.lines
    assert [line.split(":")[1] for line in told] == [str(2 + number // 2) for number in range(20)]
    assert last == "the labels cannot be used: 60 problems, the first 20 listed above"


def test_what_each_incident_of_a_simulation_has_wrong_is_told_once() -> None:
    at = datetime(2024, 1, 1, 2, tzinfo=UTC)
    strange = [
        Simulated(shop_id=shop, scenario="s", metric="m2", begins=at, ends=at, units=3) for shop in ("a", "b")
    ]
    labels = Labels(seed=1, shops=2, begins=at, ends=at, incidents=strange)
    with pytest.raises(LabelsError, match=r"^l: neither policy has a metric 'm2'; write one of [^\n]*$"):
        read_labels("l", msgspec.json.encode(labels), [POLICY])


# -- precision, recall, delay and lead time

# Fires from hour 3 to hour 13; what went wrong at an incident's end is in the window for ten hours more.
SLUMP = orders(good=(1.0, 1.1, 1.2, 1.3), bad=(2.0, 3.0))


def told(events: Sequence[Event], *incidents: Incident, begin: float = 0, end: float = 30) -> Accuracy:
    return Case(events, begin=begin, end=end, incidents=incidents).answer.baseline.accuracy


def test_an_alert_that_fires_in_an_incident_is_right_and_finds_it() -> None:
    found = told(SLUMP, incident(1, 5))
    assert (found.judged, found.right, found.precision) == (1, 1, 1.0)
    assert (found.incidents, found.found, found.recall) == (1, 1, 1.0)
    assert (found.delay_ms, found.lead_ms) == (2 * HOUR, 2 * HOUR)


@pytest.mark.parametrize(
    ("label", "fits"),
    [
        (incident(1, 5), True),
        (incident(12.9, 20), True),  # it still fires when the incident begins
        (incident(13, 20), False),
        (incident(-9, -7), True),  # until ten hours after its end, which is when it fires
        (incident(-9, -7.01), False),
        (incident(1, 5, shop="T"), False),
        (incident(1, 5, rule="r"), True),
        (incident(1, 5, rule="other"), False),
        (incident(1, 5)._replace(severity="alarm"), True),
        (incident(1, 5)._replace(severity="other"), False),
        (incident(1, 5)._replace(metric="m"), True),
        (incident(1, 5)._replace(metric="on_time_ship"), True),
        (incident(1, 5)._replace(metric="return"), False),
    ],
)
def test_which_incident_an_alert_fits(label: Incident, *, fits: bool) -> None:
    assert told(SLUMP, label, begin=-9).right == fits


@pytest.mark.parametrize(("ends", "fits"), [(-7, True), (-7.01, False)])
def test_an_alert_fits_for_so_much_longer_as_a_breach_has_to_last(ends: float, *, fits: bool) -> None:
    # It fires at hour 5, two hours after the breach: ten hours of the window and two of `for` after hour -7.
    slow = policy("alarm = { below = 0.8, for = '2h' }")
    case = Case(SLUMP, slow, slow, -9, 30, [incident(-9, ends)])
    assert case.answer.baseline.accuracy.right == fits


def test_of_several_alerts_that_fit_the_first_tells_the_times() -> None:
    events = [*SLUMP, *orders(good=[4 + n / 10 for n in range(5)], bad=(5.0,))]
    found = told(events, incident(1, 9), end=8)
    assert (found.right, found.delay_ms, found.lead_ms) == (2, 2 * HOUR, 6 * HOUR)


def test_an_alert_that_fits_nothing_is_wrong_and_an_incident_that_nothing_fits_is_missed() -> None:
    found = told(SLUMP, incident(1, 5, shop="T"), incident(2, 3, shop="U"))
    assert (found.precision, found.recall, found.delay_ms, found.lead_ms) == (0.0, 0.0, None, None)


def test_several_incidents_have_the_lower_median_of_their_times() -> None:
    found = told(SLUMP, incident(1, 5), incident(2, 9), incident(2.5, 4))
    assert (found.delay_ms, found.lead_ms) == (HOUR, 2 * HOUR)


def test_incidents_and_alerts_beside_the_range_are_not_counted() -> None:
    found = told(SLUMP, incident(-5, -1), incident(1, 4.9), incident(1, 5), incident(31, 40), begin=5)
    # The alert fired before the range: it is not judged, and finds the incident all the same.
    assert (found.judged, found.precision, found.incidents, found.recall) == (0, None, 1, 1.0)


def test_without_incidents_there_is_no_recall() -> None:
    found = told(SLUMP)
    assert (found.precision, found.recall) == (0.0, None)


# -- matured cohorts

DAYS = """
[rules.d]
metric = "m"
window = "1d"
pane = "1h"
line = { below = 0.8, min_orders = 3 }
"""


def cohorts(
    events: Sequence[Event],
    *,
    more: str = DAYS,
    metric: str = "",
    begin: float = 0,
    end: float = 96,
    zone: str = "UTC",
) -> list[tuple[str, str | None, float, float]]:
    text = policy("never = { below = 0 }", more=more, metric=metric, zone=zone)
    case = Case(events, text, text, begin, end)
    found = matured(
        case.judges.cohorts(policy_of(text)), policy_of(text), case.answer.span, case.answer.known.latest
    )
    return [
        (each.shop_id, each.severity, (each.begins - hours(0)) / HOUR, (each.ends + 1 - hours(0)) / HOUR)
        for each in found.incidents
    ]


BAD_DAY = orders(good=(30.0, 31.0), bad=(33.0,))
"""Two of three are good on the second day."""
GOES_ON = [*BAD_DAY, cancelled(96)]


def test_a_day_whose_cohort_ended_beyond_the_line_is_an_incident() -> None:
    assert cohorts(GOES_ON) == [("S", "line", 24, 48)]


def test_days_in_a_row_are_one_incident_and_others_are_two() -> None:
    events = [*GOES_ON, *orders(bad=(49.0, 49.5, 50.0))]
    assert cohorts(events) == [("S", "line", 24, 72)]
    assert cohorts([*GOES_ON, *orders(bad=(73.0, 73.5, 74.0))]) == [
        ("S", "line", 24, 48),
        ("S", "line", 72, 96),
    ]


def test_r3_what_is_no_breach_is_no_incident() -> None:
    assert cohorts([*orders(good=(30.0,), bad=(33.0,)), cancelled(96)]) == []
    assert cohorts([*orders(good=(30.0, 31.0, 32.0, 32.5), bad=(33.0,)), cancelled(96)]) == []


def test_r3_more_bad_ones_than_bad_above_are_a_breach_however_few_are_counted() -> None:
    events = [*orders(bad=(30.0, 33.0)), cancelled(96)]
    for most, incidents in ((1, [("S", "line", 24, 48)]), (2, [])):
        assert (
            cohorts(events, more=DAYS.replace("min_orders = 3", f"min_orders = 3, bad_above = {most}"))
            == incidents
        )


def test_the_cohort_is_that_of_the_whole_window_that_ends_with_the_day() -> None:
    longer = DAYS.replace('window = "1d"', 'window = "2d"')
    # Bad on the second day only: with its window the third ends beyond the line, too.
    assert cohorts([*orders(bad=(30.0, 31.0, 32.0)), cancelled(96)], more=longer) == [("S", "line", 24, 72)]


def test_e5_what_penalties_spare_is_in_no_cohort_of_a_penalty() -> None:
    spared = """
[[exemptions]]
id = "x"
metrics = ["m"]
effect = "penalty_only"
anchor = "paid"
"""
    penalty = DAYS.replace("min_orders = 3", "min_orders = 3, penalty = true")
    events = [*orders(bad=(30.0, 31.0, 32.0)), cancelled(96)]
    assert cohorts(events, more=DAYS + spared) == [("S", "line", 24, 48)]
    assert cohorts(events, more=penalty + spared) == []


def test_a_day_is_one_of_the_time_zone() -> None:
    # Midnight of Shanghai is at hour 16 and hour 40.
    assert cohorts(GOES_ON, zone="Asia/Shanghai") == [("S", "line", 16, 40)]


def test_the_cohort_is_that_of_the_anchor() -> None:
    # Paid an hour before they are late: on the first day, decided on the second.
    events = [*orders(bad=(24.5, 24.6, 24.7)), cancelled(96)]
    assert cohorts(events) == [("S", "line", 24, 48)]
    assert cohorts(events, metric='anchor = "paid"') == [("S", "line", 0, 24)]


def test_a_cohort_with_something_open_has_not_matured() -> None:
    # At hour 72.5, the last event, an order of the first day is still to be shipped by hour 73.
    late = order("open", 73, good=False)
    late[0]["occurred_at"] = rfc3339(hours(20))
    events = [*orders(bad=(20.0, 21.0, 22.0)), *late, cancelled(72.5)]
    assert cohorts(events, metric='anchor = "paid"') == []
    assert cohorts([*events, cancelled(73)], metric='anchor = "paid"') == [("S", "line", 0, 24)]


def test_a_day_has_not_matured_within_the_lag_of_the_last_event() -> None:
    assert cohorts([*BAD_DAY, cancelled(49)]) == [("S", "line", 24, 48)]
    assert cohorts([*BAD_DAY, cancelled(49)], metric='lag = "2h"') == []
    assert cohorts([*BAD_DAY, cancelled(50)], metric='lag = "2h"') == [("S", "line", 24, 48)]


def test_facts_after_the_range_have_their_say() -> None:
    # Paid on the second day; that they are late shows on the third, after the range.
    events = [event for number in range(3) for event in order(f"o{number}", 60, good=False)]
    for event in events:
        event["occurred_at"] = rfc3339(hours(30))
    assert cohorts([*events, cancelled(96)], metric='anchor = "paid"', end=50) == [("S", "line", 24, 48)]
    shipped = [order(f"o{number}", 59, good=True)[1] for number in range(3)]
    assert cohorts([*events, *shipped, cancelled(96)], metric='anchor = "paid"', end=50) == []


def test_only_the_part_of_a_day_that_lies_in_the_range_is_an_incident() -> None:
    assert cohorts(GOES_ON, begin=30) == [("S", "line", 30, 48)]
    assert cohorts(GOES_ON, end=47) == []


def test_v1_each_day_has_the_lines_of_its_version() -> None:
    text = policy("never = { below = 0 }", more=DAYS)
    later = policy("never = { below = 0 }", version="2", since="2024-01-02T12:00:00Z")
    found = Case(GOES_ON, text, text, 0, 96)
    both = policy_of(text, later)
    assert matured(found.judges.cohorts(both), both, Span(hours(0), hours(96)), hours(96)).incidents == []


def test_by_default_alerts_are_held_against_the_cohorts_of_the_baseline() -> None:
    # A bad start of the second day makes both fire; the baseline's line is crossed by the whole day only at three bad ones.
    events = [
        *orders(good=(30.0, 31.0, 32.0), bad=(25.0, 26.0, 27.0)),
        *orders(bad=(25.0, 25.1, 25.2), shop="T"),
    ]
    recovered = orders(good=[28 + n / 10 for n in range(20)], shop="T")
    case = Case([*events, *recovered, cancelled(96)], policy("x = { below = 0 }", more=DAYS), begin=0, end=96)
    accuracy = case.answer.baseline.accuracy
    assert [each.tier.shop for each in case.answer.baseline.episodes] == ["T", "S"]
    assert (accuracy.judged, accuracy.right, accuracy.incidents, accuracy.found) == (2, 1, 1, 1)
    # From the beginning of the day to the third bad one, and from there to its end.
    assert (accuracy.delay_ms, accuracy.lead_ms) == (3 * HOUR, 21 * HOUR - 1)


def test_an_alert_after_a_matured_incident_is_not_about_it() -> None:
    # The second day ended beyond the line; the third begins with good orders, dips once more, and ends well.
    events = [*orders(bad=(45.0, 46.0, 47.0), good=[49 + n / 10 for n in range(13)]), *orders(bad=(60.0,))]
    events += [*orders(good=[61 + n / 10 for n in range(9)]), cancelled(96)]
    case = Case(events, policy("x = { below = 0 }", more=DAYS), begin=0, end=96)
    assert len(case.answer.baseline.episodes) == 2
    accuracy = case.answer.baseline.accuracy
    assert (accuracy.judged, accuracy.right, accuracy.incidents, accuracy.found) == (2, 1, 1, 1)


def test_of_a_day_that_has_not_matured_alerts_are_not_judged() -> None:
    case = Case([*orders(bad=(25.0, 26.0, 27.0))], policy("x = { below = 0 }", more=DAYS), begin=0, end=40)
    assert len(case.answer.baseline.episodes) == 1
    assert (case.answer.baseline.accuracy.judged, case.answer.baseline.accuracy.incidents) == (0, 0)
