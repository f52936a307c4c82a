"""Is real time what the wall clock said at the start, and what has passed since?  (SEMANTICS T3)"""

import time

import pytest

from stream.worker import clock

HOUR_MS = 3_600_000
SLACK_MS = 60_000
"""A test may be held up for so long."""


@pytest.mark.parametrize("by_ms", [HOUR_MS, -HOUR_MS])
def test_a_wall_clock_that_is_stepped_is_noticed_and_not_followed(
    monkeypatch: pytest.MonkeyPatch, by_ms: int
) -> None:
    wall, before = time.time_ns, clock.now_ms()  # noqa: TID251 - what the product must not follow
    assert abs(clock.stepped_ms()) < SLACK_MS
    monkeypatch.setattr(time, "time_ns", lambda: wall() + by_ms * 1_000_000)
    assert before <= clock.now_ms() < before + SLACK_MS
    assert abs(clock.stepped_ms() - by_ms) < SLACK_MS
