"""After each fault by itself, with two and three workers under load: is everything as if nothing had happened?

`make faults` runs these, and prints how long it took until alerts came from all partitions again.
"""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from stream.broker import Broker
from stream.worker.clock import now_ms
from tests.faults.scene import Scene, scene
from tests.faults.truth import without
from tests.kafka_fixture import SETTINGS
from tests.oracle.computation import Oracle
from tests.properties.comparing import told
from tests.worker.rig import Rig
from tests.worker.trade import POLICY, Trade

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]

Fault = Callable[[Scene], Awaitable[None]]

FEW_ORDERS = 4
"""A tick: the oracle computes every instant of every shop from all facts."""

HOUR_MS = 3_600_000


async def killed(played: Scene) -> None:
    """SIGKILL."""
    played.alive()[0].signal(signal.SIGKILL)
    await played.taken_over("SIGKILL")
    await played.join("next")
    await played.taken_over("and another joins")


async def joined(played: Scene) -> None:
    """One more."""
    await played.join("next")
    await played.taken_over("a worker joins")


async def left(played: Scene) -> None:
    """SIGTERM."""
    await played.leave(played.alive()[0])
    await played.taken_over("a worker leaves")


async def stopped(played: Scene) -> None:
    """SIGSTOP beyond the session timeout, and back: an old writer wakes up."""
    sleeper = played.alive()[0]
    sleeper.signal(signal.SIGSTOP)
    await played.taken_over("SIGSTOP")
    sleeper.signal(signal.SIGCONT)
    await played.taken_over("SIGCONT")


FAULTS: tuple[Fault, ...] = (killed, joined, left, stopped)


@asynccontextmanager
async def at_work(rig: Rig, trade: Trade, workers: int) -> AsyncIterator[Scene]:
    """Workers under load, all of which have partitions."""
    async with scene(rig, trade) as played:
        try:
            for number in range(workers):
                await played.join(f"worker-{number}")
            await played.taken_over()
            yield played
        finally:
            tell(played, f"{workers} workers")


def tell(played: Scene, who: str) -> None:
    """A line for each thing that happened, for whoever runs these."""
    for line in played.said:
        print(f"\n{who}: {line}", end="")  # noqa: T201 - this is what `make faults` is for


@pytest.mark.parametrize("workers", [2, 3])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_of_workers_changes_nothing(rig: Rig, fault: Fault, workers: int) -> None:
    async def play() -> None:
        async with at_work(rig, Trade(rig), workers) as played:
            await fault(played)
            await played.finish()

    asyncio.run(play())


AWAY_S = 60


def terminated(broker: Broker) -> None:
    """SIGTERM, and started again."""
    broker.stop()
    broker.start()


def crashed(broker: Broker) -> None:
    """SIGKILL, and started again."""
    broker.kill()
    broker.start()


@pytest.mark.parametrize("workers", [2, 3])
@pytest.mark.parametrize("fault", [terminated, crashed], ids=lambda fault: fault.__name__)
def test_a_broker_that_is_started_again_changes_nothing(
    tmp_path: Path, fault: Callable[[Broker], None], workers: int
) -> None:
    async def play(broker: Broker, rig: Rig) -> None:
        async with at_work(rig, Trade(rig), workers) as played:
            await asyncio.to_thread(fault, broker)
            await recovered(played, workers, f"a broker {fault.__name__}, from its first answer on")
            await played.finish()

    with Broker(tmp_path / "kafka", settings=SETTINGS) as broker:
        asyncio.run(play(broker, Rig(broker.address, tmp_path)))


@pytest.mark.parametrize("workers", [2, 3])
def test_a_broker_that_is_away_for_a_minute_changes_nothing(tmp_path: Path, workers: int) -> None:
    async def play(broker: Broker, rig: Rig) -> None:
        async with at_work(rig, Trade(rig), workers) as played:
            broker.kill()
            await asyncio.sleep(AWAY_S)
            await asyncio.to_thread(broker.start)
            await recovered(played, workers, f"a broker away for {AWAY_S} s, from its first answer on")
            await played.finish()

    with Broker(tmp_path / "kafka", settings=SETTINGS) as broker:
        asyncio.run(play(broker, Rig(broker.address, tmp_path)))


async def recovered(played: Scene, workers: int, what: str) -> None:
    """Workers live on, or have ended with the reason and are started again as whatever runs them would."""
    keeping = asyncio.create_task(_keep(played, workers))
    try:
        await played.taken_over(what)
    finally:
        keeping.cancel()
    await played.taken_over()


async def _keep(played: Scene, workers: int) -> None:
    while True:
        await played.keep(workers)
        await asyncio.sleep(1)


@pytest.mark.parametrize("by_ms", [HOUR_MS, -HOUR_MS], ids=["forward", "back"])
def test_a_wall_clock_that_steps_by_an_hour_changes_nothing(rig: Rig, tmp_path: Path, by_ms: int) -> None:
    async def play() -> None:
        file = tmp_path / "stepped-by"
        file.write_text("0", "ascii")
        trade = Trade(rig, begins=now_ms(), tick_ms=100)
        options = ("--clock", "real", "--lateness", "10s", "--session-timeout", "4s")
        async with scene(rig, trade, options=options, module="tests.faults.stepping") as played:
            workers = [await played.join(f"worker-{n}", STEPPED_BY=str(file)) for n in range(2)]
            await played.taken_over()
            file.write_text(str(by_ms), "ascii")
            await played.taken_over(f"the wall clock stepped by {by_ms // 1000} s")
            await asyncio.sleep(20)
            for worker in workers:
                assert any("the wall clock was stepped by" in line for line in worker.errors), (
                    worker.describe()
                )
            trade.stop()
            # So long that the clock passes all that was sent: then all of it is decided.
            await asyncio.sleep(12)
            for worker in workers:
                await played.leave(worker)
            await played.look(least=20)
            tell(played, "2 workers")

    asyncio.run(play())


def test_after_a_kill_the_alerts_are_those_of_the_naive_oracle(rig: Rig) -> None:
    async def play() -> None:
        trade = Trade(rig, orders_a_tick=FEW_ORDERS)
        async with scene(rig, trade) as played:
            first = await played.join("first")
            await asyncio.sleep(8)
            first.signal(signal.SIGKILL)
            await played.join("second")
            await asyncio.sleep(8)
            await played.finish(least=5)
            final = {r.key: without(json.loads(r.value), "emitted_at") for r in played.watch.seen}
            oracle = Oracle([POLICY], [json.loads(value) for _, _, value in trade.sent])
            assert told(final.values()) == told(oracle.alerts())

    asyncio.run(play())
