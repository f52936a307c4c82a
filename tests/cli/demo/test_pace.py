"""Does the demo's story fit into the time that there is?"""

from itertools import pairwise

import pytest

from stream.cli.demo.pace import LATENESS, SLICE, STILL, STORY_S, Pace, slices, story_seconds
from stream.simulate.arrivals import arrivals
from stream.simulate.market import Market
from stream.simulate.shops import DAY

MARKET = Market(days=4)


def test_what_lies_before_the_lateness_is_told_at_once_and_what_lies_behind_the_close_with_it() -> None:
    pace = Pace(MARKET, 20.0)
    assert pace.due_s(MARKET.begins) == pace.due_s(MARKET.stop.begins + STILL) == 0.0
    assert pace.due_s(MARKET.ends) == pace.due_s(MARKET.ends + 2 * DAY) == 20.0


def test_between_them_time_passes_evenly() -> None:
    pace, begins = Pace(MARKET, 20.0), MARKET.stop.begins + STILL
    quarter = (MARKET.ends - begins) // 4
    assert [pace.due_s(begins + part * quarter) for part in range(5)] == [0.0, 5.0, 10.0, 15.0, 20.0]


@pytest.mark.parametrize(
    ("seconds", "story_s"),
    [(None, STORY_S), (1000.0, STORY_S), (30.0, 22.5), (10.0, 7.0), (3.0, 1.0)],
)
def test_a_story_leaves_time_to_start_and_to_conclude(seconds: float | None, story_s: float) -> None:
    assert story_seconds(seconds) == story_s


def test_slices_hold_every_arrival_in_order_and_none_that_is_still_to_come() -> None:
    told = list(arrivals(MARKET))
    parts = list(slices(told))
    assert [arrival for _, part in parts for arrival in part] == told
    assert all(until - SLICE <= arrival.arrives_at < until for until, part in parts for arrival in part)


def test_however_a_slice_is_read_no_event_is_older_than_the_newest_by_more_than_the_lateness() -> None:
    parts = [part for _, part in slices(arrivals(MARKET))]
    for before, part in pairwise(parts):
        newest = max(arrival.occurred_at for arrival in (*before, *part))
        assert newest - min(arrival.occurred_at for arrival in part) <= LATENESS
