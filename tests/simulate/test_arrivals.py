"""What reaches Kafka of the simulated marketplace, and in which order?"""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import pytest

from stream.engine.reading import UnreadableEvent, read_event, topic_of
from stream.simulate.arrivals import CUT_OFF, MOST_LATE, Arrival, arrivals
from stream.simulate.market import Market

ROOT = Path(__file__).parents[2]
PROGRAM = (
    "import sys; from stream.simulate.arrivals import arrivals; from stream.simulate.market import Market;"
    "[sys.stdout.buffer.write(arrival.value) for arrival in arrivals(Market(seed=3, days=3))]"
)


@pytest.fixture(scope="module")
def told() -> Sequence[Arrival]:
    return arrivals(Market())


def bytes_of_another_process(hash_seed: str) -> bytes:
    environment = {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(command, env=environment, capture_output=True, check=True).stdout  # noqa: S603 - ours


def test_the_same_seed_gives_the_same_bytes_in_every_process() -> None:
    here = b"".join(arrival.value for arrival in arrivals(Market(seed=3, days=3)))
    assert here
    assert bytes_of_another_process("1") == bytes_of_another_process("2") == here


def test_another_seed_gives_another_marketplace() -> None:
    assert arrivals(Market(seed=3, days=3)) != arrivals(Market(seed=4, days=3))


def test_every_whole_record_is_an_event_of_its_topic_and_its_shop(told: Sequence[Arrival]) -> None:
    whole = [arrival for arrival in told if arrival.whole]
    for arrival in whole:
        event = read_event(arrival.topic, arrival.key, arrival.value)
        assert (topic_of(event), event.occurred_at) == (arrival.topic, arrival.occurred_at)
    assert {arrival.topic for arrival in whole} == {"orders", "ships", "pickups", "refunds"}


def test_a_few_records_are_cut_off_and_cannot_be_read(told: Sequence[Arrival]) -> None:
    broken = [arrival for arrival in told if not arrival.whole]
    assert len(broken) == CUT_OFF
    for arrival in broken:
        with pytest.raises(UnreadableEvent):
            read_event(arrival.topic, arrival.key, arrival.value)


def test_what_is_cut_off_is_sent_whole_too(told: Sequence[Arrival]) -> None:
    whole = [arrival.value for arrival in told if arrival.whole]
    for broken in (arrival.value for arrival in told if not arrival.whole):
        assert any(value.startswith(broken) for value in whole)


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
