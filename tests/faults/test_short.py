"""Do workers that come, go, die and come back from the dead count everything once?  (DESIGN 8; all of it: `make faults`)"""

import asyncio
import signal

import pytest

from tests.faults.scene import Scene, scene
from tests.worker.rig import Rig
from tests.worker.trade import Trade


async def all_the_faults(played: Scene) -> None:
    """One joins, one leaves, one is killed, one is stopped until it has been replaced, and then goes on."""
    first = await played.join("first")
    second = await played.join("second")
    await played.leave(first)
    third = await played.join("third")
    await played.taken_over()
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
def test_joins_leaves_kills_and_stops_neither_lose_nor_double(rig: Rig) -> None:
    async def play() -> None:
        async with scene(rig, Trade(rig)) as played:
            await all_the_faults(played)
            await played.finish()

    asyncio.run(play())
