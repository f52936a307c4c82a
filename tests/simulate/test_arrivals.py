"""What reaches Kafka of the simulated marketplace, and in which order?"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path
from random import Random

import pytest

from stream.engine.reading import UnreadableEvent, read_event, topic_of
from stream.simulate.arrivals import MOST_LATE, MUCH_TOO_LATE, Arrival, Noise, arrivals
from stream.simulate.market import Market
from stream.simulate.shops import MINUTE, Shop

ROOT = Path(__file__).parents[2]
PROGRAM = (
    "import sys; from stream.simulate.arrivals import arrivals; from stream.simulate.market import Market;"
    "from stream.simulate.catalogue import SCENARIOS, plan;"
    "market = Market(seed=3, days=3); market = Market(seed=3, days=3, plan=plan(market, SCENARIOS));"
    "[sys.stdout.buffer.write(arrival.value) for arrival in arrivals(market)]"
)
SHORT = Market(seed=3, days=3)


@pytest.fixture(scope="module")
def told() -> Sequence[Arrival]:
    return list(arrivals(Market()))


def bytes_of_another_process(hash_seed: str) -> bytes:
    environment = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout  # noqa: S603 - ours


def test_the_same_seed_gives_the_same_bytes_in_every_process() -> None:
    there = bytes_of_another_process("1")
    assert there
    assert there == bytes_of_another_process("2")
    assert list(arrivals(SHORT)) == list(arrivals(SHORT))


def test_another_seed_gives_another_marketplace() -> None:
    assert list(arrivals(SHORT)) != list(arrivals(Market(seed=4, days=3)))


def test_what_happens_on_the_way_changes_nothing_that_happened() -> None:
    quiet = {arrival.value for arrival in arrivals(SHORT, Noise(0, 0.0, 0.0, 0.0))}
    loud = {arrival.value for arrival in arrivals(SHORT, Noise(MINUTE, 0.5, 0.1, 0.3)) if arrival.whole}
    assert quiet == loud


def test_every_whole_record_is_an_event_of_its_topic_and_its_shop(told: Sequence[Arrival]) -> None:
    whole = [arrival for arrival in told if arrival.whole]
    for arrival in whole:
        event = read_event(arrival.topic, arrival.key, arrival.value)
        assert (topic_of(event), event.occurred_at) == (arrival.topic, arrival.occurred_at)
    assert {arrival.topic for arrival in whole} == {"orders", "ships", "pickups", "refunds"}


@pytest.mark.parametrize("share", [0.5, 0.75])
def test_so_many_records_as_was_said_are_no_events_and_none_can_be_read(share: float) -> None:
    told = list(arrivals(SHORT, Noise(broken=share)))
    broken = [arrival for arrival in told if not arrival.whole]
    assert abs(len(broken) / len(told) - share) < 0.01
    reasons = set()
    for arrival in broken:
        assert b"\n" not in arrival.value
        with pytest.raises(UnreadableEvent) as refused:
            read_event(arrival.topic, arrival.key, arrival.value)
        reasons.add(refused.value.reason)
    assert len(reasons) >= 4


def test_unless_told_otherwise_few_records_are_no_events(told: Sequence[Arrival]) -> None:
    assert 0 < sum(not arrival.whole for arrival in told) < len(told) / 1000


def test_events_change_places_but_none_is_older_than_the_newest_by_more_than_the_bound(
    told: Sequence[Arrival],
) -> None:
    assert [arrival.arrives_at for arrival in told] == sorted(arrival.arrives_at for arrival in told)
    times = [arrival.occurred_at for arrival in told]
    behind = [newest - at for newest, at in zip(accumulate(times, max), times, strict=True)]
    assert 0 < max(behind) <= MOST_LATE
    assert any(late > early for late, early in pairwise(times))


def test_some_events_come_twice_byte_for_byte(told: Sequence[Arrival]) -> None:
    often = Counter(arrival.value for arrival in told if arrival.whole)
    repeated = sum(count > 1 for count in often.values())
    assert 0.005 < repeated / len(often) < 0.02


def test_what_is_late_comes_hours_beyond_the_bound_and_nothing_else_does() -> None:
    noise = Noise(disorder=MINUTE, late=0.01)
    told = list(arrivals(SHORT, noise))
    delays = [arrival.arrives_at - arrival.occurred_at for arrival in told]
    late = [delay for delay in delays if delay > MINUTE]
    assert 0.005 < len(late) / len(told) < 0.015
    assert MINUTE + MUCH_TOO_LATE[0] <= min(late) <= max(late) <= MINUTE + MUCH_TOO_LATE[1]
    assert [arrival.arrives_at for arrival in told] == sorted(arrival.arrives_at for arrival in told)


@dataclass(frozen=True)
class Watched(Market):
    """A marketplace that notes who has paid."""

    paid: list[int] = field(default_factory=list)

    def payments(self, dice: Random) -> Iterator[tuple[int, Shop]]:
        """As ever."""
        for at, shop in super().payments(dice):
            self.paid.append(at)
            yield at, shop


def test_nothing_is_held_but_what_is_under_way() -> None:
    market = Watched(days=6)
    for arrival in arrivals(market):
        ahead = [at for at in market.paid[-3:] if at // MINUTE > arrival.arrives_at // MINUTE]
        assert len(ahead) <= 1, "orders are begun whose time has not come"
    assert len(market.paid) == market.days * market.orders_a_day
