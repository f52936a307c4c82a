"""Does a worker end with the reason when its topics are deleted, or grow, under it?  And is it refused afterwards?"""

import asyncio

import pytest

from tests.faults.scene import OPTIONS, PRODUCT, until
from tests.worker.rig import PARTITIONS, Rig, Running
from tests.worker.trade import POLICY, Trade

pytestmark = pytest.mark.kafka


async def at_work(rig: Rig) -> Running:
    """A worker that has committed something."""
    (rig.tmp / "trade.toml").write_text(POLICY, "utf-8")
    await rig.create()
    worker = start(rig)
    await Trade(rig).some(0, 20)

    async def begun() -> bool:
        assert worker.process.poll() is None, worker.describe()
        return any(record.key == b"clock" for record in await rig.read("ledger"))

    await until(begun, 60, worker.describe)
    return worker


def start(rig: Rig) -> Running:
    return rig.start("w", "worker", "--policy", str(rig.tmp / "trade.toml"), *OPTIONS, module=PRODUCT)


async def last_line(worker: Running) -> str:
    """Of one that ends because going on would not help."""
    assert await asyncio.to_thread(worker.wait, 60) == 1, worker.describe()
    return worker.errors[-1]


def test_a_topic_that_grows_under_a_worker_ends_it_and_all_of_them_grown_are_refused(rig: Rig) -> None:
    async def play() -> None:
        worker = await at_work(rig)
        await rig.grow("ships", PARTITIONS + 1)
        line = await last_line(worker)
        assert "all topics must have the same number of partitions" in line
        assert f"{rig.prefix}ships {PARTITIONS + 1}" in line
        for topic in rig.topics.all():
            if topic != f"{rig.prefix}ships":
                await rig.grow(rig.topics.topic(topic), PARTITIONS + 1)
        line = await last_line(start(rig))
        assert f"written with {PARTITIONS} partitions, and the topics have {PARTITIONS + 1} now" in line
        assert "`shopwatch topics create --partitions 5`" in line

    asyncio.run(play())


@pytest.mark.faults
def test_a_topic_deleted_under_a_worker_ends_it_and_is_named(rig: Rig) -> None:
    async def play() -> None:
        worker = await at_work(rig)
        await rig.delete("pickups")
        for line in (await last_line(worker), await last_line(start(rig))):
            assert (
                f"these topics are missing: {rig.prefix}pickups; make them with `shopwatch topics create`"
                in line
            )

    asyncio.run(play())
