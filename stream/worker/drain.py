"""When is a recording read to its end, and where does its clock end?  (SEMANTICS T5)"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiokafka import TopicPartition

from stream.worker.errors import DrainAloneError
from stream.worker.lane import Lane

Goal = Mapping[TopicPartition, int]
"""The end of every partition of every input topic as it was at the start."""

Reached = Callable[[TopicPartition, int], bool]
"""Whether everything below an offset of a partition has been applied."""


@dataclass(frozen=True, slots=True)
class Drain:
    """Reads up to ``goal``, then ends all partitions at ``until``, or at the latest end of any of them."""

    goal: Goal
    until: int | None
    partitions: int

    def go_on(self, lanes: Mapping[int, Lane], reached: Reached) -> bool:
        """Tell the lanes where to end, once that is known; True when all of them have drained.

        Raises DrainAloneError where it cannot be known.
        """
        for lane in self._ready(lanes, reached):
            if lane.partition.end_at is None and not lane.finished:
                lane.partition.end_at = self._end(lanes)
                lane.wake()
        return bool(lanes) and all(lane.drained for lane in lanes.values())

    def _ready(self, lanes: Mapping[int, Lane], reached: Reached) -> list[Lane]:
        """Those whose end can be known: with --until each by itself, else all together."""
        read = [lane for number, lane in lanes.items() if lane.finished or self._read(number, reached)]
        return read if self.until is not None or len(read) == len(lanes) else []

    def _read(self, number: int, reached: Reached) -> bool:
        return all(reached(tp, end) for tp, end in self.goal.items() if tp.partition == number)

    def _end(self, lanes: Mapping[int, Lane]) -> int:
        if self.until is not None:
            return self.until
        if len(lanes) < self.partitions:
            raise DrainAloneError(len(lanes), self.partitions)
        # A partition that has ended already says where, should the worker have been killed before the others had.
        partitions = [lane.partition for lane in lanes.values()]
        known = [partition.drained_until for partition in partitions if partition.drained_until is not None]
        ends = [partition.engine.end() for partition in partitions]
        return max(known or [end for end in ends if end is not None], default=0)
