"""Do workers that come, go, die and come back from the dead count everything once?  (DESIGN 8)"""

import asyncio
import json
import signal
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from stream.backtest.replay import Replay, replay
from stream.broker.ports import free_port
from stream.policy.reading import Source, read_policies
from tests.worker.rig import PARTITIONS, Rig, Running
from tests.worker.trade import POLICY, Trade

OPTIONS = ("--clock", "events", "--lateness", "3s", "--session-timeout", "4s")


@dataclass
class Watch:
    """Reads a topic as a consumer of it would, all the time: later, compaction would hide what was written twice."""

    rig: Rig
    topic: str
    seen: list[Any] = field(default_factory=list)
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
        finally:
            await consumer.stop()

    def stop(self) -> None:
        """Read no more."""
        self._stopped = True


@dataclass
class Scene:
    """The product's workers on one group, while events flow."""

    rig: Rig
    policy: Path
    watch: Watch

    def start(self, name: str, *options: str) -> Running:
        """One more, with the engine and the command line of the product."""
        arguments = ("worker", "--policy", str(self.policy), *options)
        return self.rig.start(name, *arguments, module="stream.cli.main")

    async def join(self, name: str) -> Running:
        """One more; returns when it works off partitions."""
        port = free_port()
        worker = self.start(name, "--http", f":{port}", *OPTIONS)

        async def ready() -> bool:
            assert worker.process.poll() is None, worker.describe()
            return "partitions" in await asyncio.to_thread(_page, port, "/readyz")

        await until(ready, 30, worker.describe)
        return worker

    async def leave(self, worker: Running) -> None:
        """Told to, and it does."""
        worker.signal(signal.SIGTERM)
        await self.ended(worker)
        assert worker.process.poll() == 0, worker.describe()

    async def ended(self, worker: Running) -> None:
        """Until it has."""
        await until(lambda: _now(worker.process.poll() is not None), 30, worker.describe)

    async def taken_over(self) -> None:
        """Until alerts come from all partitions again."""
        before = len(self.watch.seen)

        def all_again() -> Awaitable[bool]:
            return _now(len({record.partition for record in self.watch.seen[before:]}) == PARTITIONS)

        await until(all_again, 40, lambda: "\n".join(worker.describe() for worker in self.rig.workers))

    async def all_the_faults(self) -> None:
        """One joins, one leaves, one is killed, one is stopped until it has been replaced, and then goes on."""
        first = await self.join("first")
        second = await self.join("second")
        await self.leave(first)
        third = await self.join("third")
        await self.taken_over()
        second.signal(signal.SIGKILL)
        await self.taken_over()
        fourth = await self.join("fourth")
        await self.taken_over()
        third.signal(signal.SIGSTOP)
        await self.taken_over()
        third.signal(signal.SIGCONT)
        await self.taken_over()
        # Fenced in its first transaction; or it held no batch, and has joined again.
        assert third.process.poll() in (None, 70), third.describe()
        for worker in (third, fourth):
            if worker.process.poll() is None:
                await self.leave(worker)


async def until(true: Callable[[], Awaitable[bool]], patience_s: float, describe: Callable[[], str]) -> None:
    """Look ten times a second."""
    for _ in range(int(patience_s * 10)):
        if await true():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"not within {patience_s} s: {describe()}")


async def _now(answer: bool) -> bool:  # noqa: FBT001 - an answer that needs no waiting
    return answer


def _page(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answered:
            return str(answered.read().decode())
    except (urllib.error.URLError, OSError):
        return ""


@pytest.mark.kafka
def test_joins_leaves_kills_and_stops_neither_lose_nor_double(rig: Rig, tmp_path: Path) -> None:
    policy = tmp_path / "trade.toml"
    policy.write_text(POLICY, "utf-8")

    async def play() -> tuple[Trade, Watch]:
        await rig.create()
        trade, watch = Trade(rig), Watch(rig, "alerts")
        scene = Scene(rig, policy, watch)
        running = [asyncio.create_task(trade.run()), asyncio.create_task(watch.run())]
        try:
            await scene.all_the_faults()
            trade.stop()
            await running[0]
            drain = scene.start("drain", "--drain")
            await scene.ended(drain)
            assert drain.process.poll() == 0, drain.describe()
            await asyncio.sleep(1)
        finally:
            trade.stop()
            watch.stop()
            await asyncio.gather(*running)
        return trade, watch

    trade, watch = asyncio.run(play())
    right = replay(read_policies([Source("trade", POLICY)]), (value for _, _, value in trade.sent))
    assert len(right.alerts) > 100, "too little happened to prove anything"
    check_alerts(watch.seen, right)
    rates = {key.decode(): _but(value, "as_of") for key, value in asyncio.run(rig.latest("rates")).items()}
    assert rates == {shop: _but(document, "as_of") for shop, document in right.rates.items()}
    for topic in ("orders", "ships", "pickups", "refunds"):
        assert not asyncio.run(rig.read(f"{topic}.dlt"))


def check_alerts(seen: list[Any], right: Replay) -> None:
    """Written once when they fire and once when they resolve, and saying what one engine by itself says."""
    written = [(alert := json.loads(record.value))["alert_id"] + alert["state"] for record in seen]
    assert len(set(written)) == len(written)
    final = {record.key.decode(): _but(json.loads(record.value), "emitted_at") for record in seen}
    assert final == {str(alert["alert_id"]): _but(alert, "emitted_at") for alert in right.alerts}


def _but(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return {key: value for key, value in document.items() if key != name}
