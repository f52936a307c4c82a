"""How fast do events come, and how far behind them is the worker?"""

import pytest

from stream.view.flow import SILENT_S, Flow
from tests.view.story import BEGINS, WRITTEN_AT, clock
from topics.times import millis

HOUR = 3_600_000
THEN = millis(BEGINS)
LONG_AFTER = THEN + 900 * HOUR


def test_speed_is_what_came_in_the_last_seconds() -> None:
    flow = Flow()
    assert flow.speed == 0.0
    for second in range(6):
        flow.take_ends(float(second), {("orders", 0): 1_000 + 50 * second, ("ships", 1): 10 * second})
    assert flow.speed == 60.0
    flow.take_ends(6.0, {("orders", 0): 1_250})
    flow.take_ends(9.0, {("orders", 0): 1_250})
    assert flow.speed == 0.0


def test_what_comes_while_nobody_answers_is_no_burst() -> None:
    flow = Flow()
    flow.take_ends(0.0, {("orders", 0): 0})
    flow.take_ends(1.0, {("orders", 0): 10})
    flow.pause()
    flow.take_ends(60.0, {("orders", 0): 90_000})
    assert flow.speed == 0.0
    flow.take_ends(61.0, {("orders", 0): 90_007})
    assert flow.speed == 7.0


def test_lag_is_what_lies_beyond_the_clocks_and_all_of_a_partition_without_one() -> None:
    flow = Flow()
    flow.take_ends(0.0, {("orders", 0): 100, ("orders", 1): 40, ("ships", 0): 7})
    assert flow.lag == 147
    flow.take_clock(0.0, 0, clock(90, 1, 1), 0)
    assert flow.lag == 10 + 40 + 7
    flow.take_clock(1.0, 0, clock(120, 1, 1), 0)
    assert flow.lag == 47, "a clock that was read later than the ends is not behind"
    assert flow.events == 120


def test_where_time_goes_with_the_events_the_delay_is_behind_the_newest_of_any_partition() -> None:
    flow = Flow()
    assert flow.delay(LONG_AFTER) is None
    flow.take_clock(0.0, 0, clock(1, 10, 9.5), WRITTEN_AT)
    flow.take_clock(0.0, 1, clock(1, 7, 6.0), WRITTEN_AT)
    flow.take_clock(0.0, 2, clock(1, 30, None), WRITTEN_AT)
    assert flow.present == THEN + 30 * HOUR
    assert flow.delay(LONG_AFTER) == 24 * HOUR


def test_where_time_goes_with_the_wall_clock_the_delay_is_behind_that() -> None:
    flow = Flow()
    flow.take_clock(0.0, 0, clock(1, 10, 9.5), THEN + 10 * HOUR)
    assert flow.delay(THEN + 10 * HOUR) == HOUR // 2
    assert flow.delay(THEN + 15 * HOUR) == 5 * HOUR + HOUR // 2, "a worker that stands still falls behind"
    assert flow.delay(THEN) == 0, "a wall clock that is behind is nobody's delay"


def test_a_worker_that_writes_no_clock_for_long_is_silent_and_its_old_one_is_no_sign_of_life() -> None:
    flow = Flow()
    assert flow.silent_s(1_000.0) is None
    flow.take_ends(0.0, {("orders", 0): 1})
    flow.take_clock(1.0, 0, clock(1, 1, 1), 7)
    flow.take_clock(2.0, 0, clock(1, 1, 1), 7)
    assert flow.silent_s(1.0 + SILENT_S) is None
    assert flow.silent_s(2.0 + SILENT_S) == pytest.approx(1.0 + SILENT_S)
    flow.take_clock(20.0, 0, clock(1, 1, 1), 8)
    assert flow.silent_s(21.0) is None


def test_where_no_worker_ever_was_silence_counts_from_the_beginning() -> None:
    flow = Flow()
    flow.take_ends(5.0, {("orders", 0): 0})
    assert flow.silent_s(6.0 + SILENT_S) == pytest.approx(1.0 + SILENT_S)


def test_a_finished_drain_is_neither_silent_nor_late() -> None:
    flow = Flow()
    flow.take_ends(0.0, {("orders", 0): 1})
    flow.take_clock(0.0, 0, clock(1, 10, 2, drained=5), WRITTEN_AT)
    assert flow.drained
    assert flow.delay(LONG_AFTER) is None
    assert flow.silent_s(1_000.0) is None
    flow.take_clock(0.0, 1, clock(1, 10, 9), WRITTEN_AT)
    assert not flow.drained
    assert flow.delay(LONG_AFTER) == HOUR
