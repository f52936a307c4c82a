"""Where does a drain end, and who may say so? (SEMANTICS T5)"""

from dataclasses import dataclass, field
from typing import cast

import pytest
from aiokafka import TopicPartition

from stream.worker.drain import Drain
from stream.worker.errors import DrainAloneError
from stream.worker.lane import Lane
from stream.worker.partition import Partition
from tests.worker.fakes import TinyEngine
from tests.worker.test_partition import work

GOAL = {TopicPartition("orders", number): 10 for number in range(2)}


@dataclass
class FakeLane:
    """As much of a lane as a drain looks at."""

    partition: Partition
    finished: bool = False
    drained: bool = False
    woken: list[str] = field(default_factory=list)

    def wake(self) -> None:
        """There is something to do."""
        self.woken.append("woken")


def lanes(*latest: int | None) -> dict[int, Lane]:
    made = {
        number: FakeLane(Partition(number, work(drain=True), TinyEngine(latest_fact=at)))
        for number, at in enumerate(latest)
    }
    return cast("dict[int, Lane]", made)


def ends(of: dict[int, Lane]) -> list[int | None]:
    return [lane.partition.end_at for lane in of.values()]


def test_nothing_ends_before_every_partition_is_read() -> None:
    mine = lanes(5, 7)
    drain = Drain(GOAL, None, 2)
    assert not drain.go_on(mine, lambda tp, _end: tp.partition == 0)
    assert ends(mine) == [None, None]


def test_all_partitions_end_at_the_latest_end_of_any() -> None:
    mine = lanes(5, 7)
    Drain(GOAL, None, 2).go_on(mine, lambda _tp, _end: True)
    assert ends(mine) == [7, 7]


def test_with_until_each_partition_ends_by_itself() -> None:
    mine = lanes(5)
    Drain(GOAL, 99, 2).go_on(mine, lambda _tp, _end: True)
    assert ends(mine) == [99]


def test_without_until_a_worker_must_be_alone() -> None:
    with pytest.raises(DrainAloneError, match=r"holds 1 of 2 partitions.*needs --until"):
        Drain(GOAL, None, 2).go_on(lanes(5), lambda _tp, _end: True)


def test_a_drain_that_was_killed_between_two_partitions_ends_where_it_would_have_ended() -> None:
    mine = lanes(None, 7)
    mine[0].finished = mine[0].drained = True
    mine[0].partition.drained_until = 50
    Drain(GOAL, None, 2).go_on(mine, lambda _tp, _end: True)
    assert ends(mine) == [None, 50]


def test_it_is_over_when_all_lanes_have_committed_that_they_ended() -> None:
    mine = lanes(5, 7)
    drain = Drain(GOAL, None, 2)
    assert not drain.go_on(mine, lambda _tp, _end: True)
    for lane in mine.values():
        lane.drained = True
    assert drain.go_on(mine, lambda _tp, _end: True)
    assert not drain.go_on({}, lambda _tp, _end: True)
