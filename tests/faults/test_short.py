"""Do workers that come, go, die and come back from the dead count everything once?  (DESIGN 8; all of it: `make faults`)"""

import asyncio
import signal

import pytest

from tests.faults.flood import ALWAYS, TOO_OLD, Flood
from tests.faults.scene import Scene, scene
from tests.worker.rig import Rig


async def all_the_faults(played: Scene, flood: Flood) -> None:
    """One joins, one leaves, one is killed, one is stopped until it has been replaced, and then goes on."""
    first = await played.join("first")
    second = await played.join("second")
    await played.leave(first)
    third = await played.join("third")
    await played.taken_over()
    flood.ways = (*ALWAYS, TOO_OLD)  # all partitions have clocks now
    second.signal(signal.SIGKILL)
    await played.taken_over()
    await played.join("fourth")
    await played.taken_over()
    third.signal(signal.SIGSTOP)
    await played.taken_over()
    third.signal(signal.SIGCONT)
    await played.taken_over()
    # Fenced in its first transaction; or it held no batch, and has joined again.
    assert third.process.poll() in (None, 70), third.describe()


@pytest.mark.kafka
def test_joins_leaves_kills_and_stops_neither_lose_nor_double_events_nor_the_broken_half_of_all_records(
    rig: Rig,
) -> None:
    async def play() -> None:
        flood = Flood(rig)
        async with scene(rig, flood) as played:
            await all_the_faults(played, flood)
            await played.finish()
            assert len(flood.broken) == len(flood.sent)
            assert {record.reason for record in flood.broken.values()} == flood.reasons()

    asyncio.run(play())
