"""Which lanes does this worker run?  Those of the partitions that the group gave it, and no other."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from stream.ops import catalogue as show
from stream.ops.registry import Metrics
from stream.worker.lane import Lane, Ownership
from stream.worker.producer import LaneProducer
from stream.worker.recovery import Recovery


@dataclass(slots=True)
class Lanes:
    """The lanes by partition number."""

    recovery: Recovery
    metrics: Metrics
    running: dict[int, Lane] = field(default_factory=dict)

    async def assign(
        self, numbers: Collection[int], owner: Ownership, fencing: asyncio.Lock, current: Callable[[], bool]
    ) -> bool:
        """Run the lanes of ``numbers`` and no other; False if the generation has passed meanwhile.

        A lane is kept only if it was ours in the generation just before, as the same member: "still assigned" by
        Faust's word may mean that somebody else had it in between.
        """
        kept = {n for n in numbers if n in self.running and self._just_before(self.running[n], owner)}
        await self._close(set(self.running) - kept)
        producers: dict[int, LaneProducer] = {}
        try:
            async with fencing:
                if not current():
                    return False
                producers.update(await self.recovery.fence(set(numbers) - kept))
            fresh = await self.recovery.restore(producers, owner, current) if current() else None
            if fresh is None:
                return False
            # Nothing awaits from here to the end.
            producers.clear()
            self.running.update(fresh)
            self._install(fresh.values(), owner)
            return True
        finally:
            await asyncio.gather(*(producer.stop() for producer in producers.values()))

    def _just_before(self, lane: Lane, owner: Ownership) -> bool:
        return lane.owner == Ownership(owner.generation - 1, owner.member)

    def _install(self, fresh: Collection[Lane], owner: Ownership) -> None:
        for lane in self.running.values():
            lane.owner = owner
        for lane in fresh:
            lane.start()
        self.metrics.count(show.RECOVERIES)
        self.metrics.show(show.PARTITIONS, len(self.running))

    async def _close(self, numbers: Collection[int]) -> None:
        for number in numbers:
            await self.running.pop(number).close()
            self.metrics.forget_partition(number)
        self.metrics.show(show.PARTITIONS, len(self.running))

    def wake(self) -> None:
        """There may be something to decide."""
        for lane in self.running.values():
            lane.wake()

    async def settle(self) -> None:
        """Return when all that was delivered is committed."""
        await asyncio.gather(*(lane.settle() for lane in list(self.running.values())))

    async def close(self) -> None:
        """Settle, and stop all lanes."""
        await self.settle()
        await self._close(set(self.running))
