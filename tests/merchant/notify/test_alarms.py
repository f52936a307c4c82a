"""What is wrong with the pipeline: just below, and just above."""

from stream.merchant.notify.alarms import Watchman
from stream.merchant.notify.subscriptions import HoldRules
from tests.merchant.notify.stories import HOUR, MINUTE, NOW
from topics.ledger import Clock

RULES = HoldRules(
    delay_ms=10 * MINUTE, lag=100, silence_ms=HOUR, mass_share=0.1, mass_within_ms=10 * MINUTE, mass_shops=5
)


def clock(decided: int = NOW, read: int = 10, **newest: int) -> Clock:
    return Clock(
        format=1,
        group="g",
        policy="p",
        next={"orders": read, "ships": read},
        newest=newest,
        decided=decided,
        partitions=2,
    )


def watchman(rules: HoldRules = RULES, *clocks: Clock) -> Watchman:
    made = Watchman(rules, known_shops=100)
    for partition, each in enumerate(clocks):
        made.clock(partition, each)
    return made


def test_a_partition_that_is_behind_in_time_or_in_records_is_stale_and_no_other() -> None:
    mine = watchman(RULES, clock(), clock(NOW - 10 * MINUTE))
    assert mine.alarms(1, NOW) == {}
    assert mine.alarms(1, NOW + 1) == {"stale": "partition 1 is decided up to 10 minutes ago only"}
    assert mine.alarms(0, NOW + 1) == {}
    assert set(mine.alarms_of_all(2, NOW + 1)) == {"stale"}
    mine.ends({("orders", 0): 60, ("ships", 0): 60, ("orders", 1): 10_000})
    assert mine.alarms(0, NOW) == {}
    mine.ends({("orders", 0): 60, ("ships", 0): 61})
    assert mine.alarms(0, NOW) == {"stale": "partition 0 has 101 records that are not read yet"}


def test_a_topic_is_silent_if_the_newest_of_all_partitions_lies_far_behind_that_of_another() -> None:
    mine = watchman(
        RULES, clock(orders=NOW, ships=NOW - 2 * HOUR), clock(orders=NOW - HOUR, ships=NOW - HOUR)
    )
    assert mine.alarms(0, NOW) == {}
    mine = watchman(RULES, clock(orders=NOW + 1, ships=NOW - HOUR))
    assert mine.alarms(0, NOW) == {"silent.ships": "ships is silent for 1 hour while the others move"}


def test_a_mass_alert_is_more_than_a_share_of_all_shops_within_minutes_each_counted_once() -> None:
    mine = watchman()
    for number in range(10):
        mine.fired(f"s{number}", NOW + number, NOW)
        mine.fired(f"s{number}", NOW + number, NOW)
    assert mine.alarms(0, NOW) == {}
    mine.fired("s10", NOW + 10 * MINUTE, NOW)
    assert mine.alarms(0, NOW) == {"mass": "11 of 100 shops began to fire within 10 minutes"}
    assert mine.alarms(0, NOW + 10 * MINUTE) == {}, "it passes"


def test_what_is_spread_over_a_longer_time_is_no_mass_alert() -> None:
    mine = watchman()
    for number in range(100):
        mine.fired(f"s{number}", NOW + number * (MINUTE + 1), NOW)
    assert mine.alarms(0, NOW) == {}


def test_a_few_shops_of_very_few_are_no_mass_alert() -> None:
    mine = watchman()
    mine.known_shops = 8
    for number in range(4):
        mine.fired(f"s{number}", NOW, NOW)
    assert mine.alarms(0, NOW) == {}
    mine.fired("s4", NOW, NOW)
    assert set(mine.alarms(0, NOW)) == {"mass"}


def test_what_is_off_is_never_wrong() -> None:
    off = HoldRules(None, None, None, None, 1, 1)
    mine = watchman(off, clock(0, 0, orders=NOW, ships=0))
    mine.ends({("orders", 0): 10**9})
    for number in range(100):
        mine.fired(f"s{number}", NOW, NOW)
    assert mine.alarms(0, NOW) == {}


def test_of_a_system_that_has_never_run_nothing_is_said() -> None:
    mine = watchman()
    mine.ends({("orders", 0): 0})
    assert mine.alarms(0, NOW) == {}
