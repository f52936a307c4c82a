"""Does the watchdog end what is stuck, and nothing else?"""

import threading
from typing import NoReturn

import pytest

from stream.worker.clock import elapsed_s
from stream.worker.settings import Patience
from stream.worker.watchdog import LOOK_EVERY_S, Vitals, Watchdog

PATIENCE = Patience(commit_s=60, standstill_s=60, recovery_s=900, loop_s=30)
BEGIN = 1_000.0


def end(reason: str, code: int = 70) -> NoReturn:
    raise AssertionError(reason)


def watched(vitals: Vitals, seconds: float) -> str | None:
    """What a watchdog says after looking for so long at a loop that turns and a broker that answers."""
    watchdog = Watchdog(vitals, PATIENCE, end, _awake_since=BEGIN, _looked_at=BEGIN)
    now = BEGIN
    while now < BEGIN + seconds:
        now += LOOK_EVERY_S
        if vitals.turned_at >= BEGIN:
            vitals.turned_at = now
        if vitals.answered_at >= BEGIN:
            vitals.answered_at = now
        reason = watchdog.reason_to_end(now)
        if reason:
            return reason
    return None


def healthy() -> Vitals:
    return Vitals(turned_at=BEGIN, answered_at=BEGIN)


def test_a_worker_that_is_well_is_left_alone() -> None:
    assert watched(healthy(), 10_000) is None


@pytest.mark.parametrize(
    ("vitals", "reason"),
    [
        (Vitals(turned_at=BEGIN - 1, answered_at=BEGIN), "the event loop has not turned for 30 s"),
        (
            Vitals(turned_at=BEGIN, answered_at=BEGIN, committing_since=BEGIN),
            "a commit has been under way for 60 s",
        ),
        (
            Vitals(turned_at=BEGIN, answered_at=BEGIN, assigning_since=BEGIN),
            "a rebalance or recovery has been under way for 900 s",
        ),
        (
            Vitals(turned_at=BEGIN, answered_at=BEGIN, stuck_since=BEGIN),
            "Kafka answers and records wait, but nothing has moved for 60 s",
        ),
    ],
)
def test_each_way_of_being_stuck_has_its_reason(vitals: Vitals, reason: str) -> None:
    assert watched(vitals, 10_000) == reason


def test_a_broker_that_is_away_explains_a_standstill() -> None:
    assert watched(Vitals(turned_at=BEGIN, answered_at=BEGIN - 1, stuck_since=BEGIN), 10_000) is None


def test_a_recovery_explains_a_standstill() -> None:
    assert (
        watched(Vitals(turned_at=BEGIN, answered_at=BEGIN, stuck_since=BEGIN, assigning_since=BEGIN), 800)
        is None
    )


def test_a_process_that_was_suspended_gets_its_time_anew() -> None:
    vitals = Vitals(turned_at=BEGIN, answered_at=BEGIN, committing_since=BEGIN)
    watchdog = Watchdog(vitals, PATIENCE, end, _awake_since=BEGIN, _looked_at=BEGIN)
    assert watchdog.reason_to_end(BEGIN + 5_000) is None
    assert watchdog.reason_to_end(BEGIN + 5_001) is None


def test_the_thread_ends_the_process_and_can_be_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    ended = threading.Event()

    def note(reason: str, code: int = 70) -> NoReturn:
        ended.set()
        raise SystemExit(reason)

    stuck = Vitals(turned_at=elapsed_s() + 9, answered_at=elapsed_s(), committing_since=elapsed_s())
    stop = Watchdog(stuck, Patience(commit_s=0.05), note).start(look_every_s=0.01)
    assert ended.wait(5)
    stop()
