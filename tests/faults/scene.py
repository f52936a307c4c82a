"""Workers of the product on one group, while events flow, and what can happen to them."""

import asyncio
import signal
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from stream.broker.ports import free_port
from stream.worker.clock import elapsed_s
from tests.faults.flood import Flood
from tests.faults.truth import check
from tests.worker.rig import PARTITIONS, Rig, Running
from tests.worker.trade import POLICY, Trade

OPTIONS = ("--clock", "events", "--lateness", "3s", "--session-timeout", "4s")
PRODUCT = "stream.cli.main"


@dataclass
class Watch:
    """Reads a topic as a consumer of it would, all the time: later, compaction would hide what was written twice."""

    rig: Rig
    topic: str
    seen: list[Any] = field(default_factory=list)
    _reached: dict[TopicPartition, int] = field(default_factory=dict)
    _stopped: bool = False

    async def run(self) -> None:
        """Until stopped."""
        consumer = AIOKafkaConsumer(
            self.rig.prefix + self.topic,
            bootstrap_servers=self.rig.address,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
        )
        await consumer.start()
        try:
            while not self._stopped:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    self.seen.extend(records)
                for tp in consumer.assignment():
                    self._reached[tp] = await consumer.position(tp)
        finally:
            await consumer.stop()

    async def all_seen(self) -> None:
        """Until everything that was written is."""
        ends = await self.rig.settled()
        mine = {tp: end for tp, end in ends.items() if tp.topic == self.rig.prefix + self.topic}
        await until(lambda: now(all(self._reached.get(tp, 0) >= end for tp, end in mine.items())), 60)

    def stop(self) -> None:
        """Read no more."""
        self._stopped = True


@dataclass
class Scene:
    """Workers come and go by its methods; ``said`` is what a person is told of it."""

    rig: Rig
    policy: Path
    watch: Watch
    trade: Trade
    options: tuple[str, ...] = OPTIONS
    module: str = PRODUCT
    said: list[str] = field(default_factory=list)

    def start(self, name: str, *options: str, **env: str) -> Running:
        """One more, with the engine and the command line of the product."""
        arguments = ("worker", "--policy", str(self.policy), *options)
        return self.rig.start(name, *arguments, module=self.module, **env)

    async def join(self, name: str, **env: str) -> Running:
        """One more; returns when it works off partitions."""
        port = free_port()
        worker = self.start(name, "--http", f":{port}", *self.options, **env)

        async def ready() -> bool:
            assert worker.process.poll() is None, worker.describe()
            return "partitions" in await asyncio.to_thread(_page, port, "/readyz")

        await until(ready, 60, worker.describe)
        return worker

    async def leave(self, worker: Running) -> None:
        """Told to, and it does."""
        worker.signal(signal.SIGTERM)
        await self.ended(worker)
        assert worker.process.poll() == 0, worker.describe()

    async def ended(self, worker: Running) -> None:
        """Until it has."""
        await until(lambda: now(worker.process.poll() is not None), 60, worker.describe)

    def alive(self) -> list[Running]:
        """Those that have not ended; whoever has said why, in its last line."""
        for worker in self.rig.workers:
            code = worker.process.poll()
            assert code in (None, 0, -signal.SIGKILL, 70), worker.describe()
            assert code != 70 or worker.errors[-1].startswith("shopwatch worker: "), worker.describe()
        return [worker for worker in self.rig.workers if worker.process.poll() is None]

    async def keep(self, count: int) -> None:
        """As whatever runs them would: who has ended is started again."""
        for number in range(count - len(self.alive())):
            await self.join(f"again-{number}")

    async def taken_over(self, what: str = "") -> None:
        """Until alerts come from all partitions again; what has happened is said with how long that took."""
        before, began = len(self.watch.seen), elapsed_s()

        def all_again() -> Awaitable[bool]:
            return now(len({record.partition for record in self.watch.seen[before:]}) == PARTITIONS)

        await until(all_again, 60, self.describe)
        if what:
            self.said.append(f"{what}: alerts from all partitions again after {elapsed_s() - began:.1f} s")

    def describe(self) -> str:
        """For a failed test."""
        return "\n".join(worker.describe() for worker in self.rig.workers)

    async def finish(self, *, least: int = 100) -> None:
        """No more events; all workers leave, one alone decides all that is left, and what came of it is looked at."""
        self.trade.stop()
        for worker in self.alive():
            await self.leave(worker)
        drain = self.start("drain", "--drain")
        await self.ended(drain)
        assert drain.process.poll() == 0, drain.describe()
        await self.look(least=least)

    async def look(self, *, least: int = 100) -> None:
        """What came of it, up to the clocks."""
        await self.watch.all_seen()
        broken = self.trade.broken if isinstance(self.trade, Flood) else None
        await check(self.rig, self.trade.sent, self.watch.seen, least=least, broken=broken)


@asynccontextmanager
async def scene(rig: Rig, trade: Trade, **more: Any) -> AsyncIterator[Scene]:
    """Topics, a steady load on them, and somebody who reads the alerts."""
    policy = rig.tmp / "trade.toml"
    policy.write_text(POLICY, "utf-8")
    await rig.create()
    played = Scene(rig, policy, Watch(rig, "alerts"), trade, **more)
    running = [asyncio.create_task(trade.run()), asyncio.create_task(played.watch.run())]
    try:
        yield played
    finally:
        trade.stop()
        played.watch.stop()
        rig.end()
        await asyncio.gather(*running)


async def until(
    true: Callable[[], Awaitable[bool]], patience_s: float, describe: Callable[[], str] = str
) -> None:
    """Look ten times a second."""
    for _ in range(int(patience_s * 10)):
        if await true():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {patience_s} s: {describe()}")


async def now(answer: bool) -> bool:  # noqa: FBT001 - an answer that needs no waiting
    """One that is known."""
    return answer


def _page(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answered:
            return str(answered.read().decode())
    except (urllib.error.URLError, OSError):
        return ""
