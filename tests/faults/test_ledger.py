"""Does a damaged ledger end the worker with what helps, and does that help?  `shopwatch ledger`, on a real Kafka."""

import asyncio
import json
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from stream.engine.ledger import order_key, state_key
from stream.engine.reading import Event, read_event
from stream.engine.states import TierState, decode_states
from stream.kafka.access import Access
from stream.worker.observer import Observer
from stream.worker.settings import Group, Settings
from tests.cli.shell import Done, Shell
from tests.faults.scene import OPTIONS, PRODUCT, until
from tests.faults.truth import INPUTS, check, partition_of, values
from tests.worker.rig import PARTITIONS, Rig, Running
from tests.worker.trade import POLICY, Sent, Trade

pytestmark = pytest.mark.kafka

TICKS = 80
"""Of a second of event time each: shops that were good have been bad for some time."""

PATIENT = POLICY.replace('for = "5s"', 'for = "25s"')
"""Tiers wait for so long, before they fire and before they resolve, that some do at any time between 60 and 85 s."""

Ledger = Mapping[int, Mapping[bytes, bytes]]


@dataclass
class Desk:
    """An operator's: a worker that has read all that was sent and has ended, and a command line."""

    rig: Rig
    policy: Path
    trade: Trade
    shell: Shell
    sent: int = 0
    """Ticks of the trade."""

    async def read_all(self) -> Running:
        """A worker that has counted all that is sent meanwhile, and runs."""
        worker = self.start(*OPTIONS)
        await self.trade.some(self.sent, TICKS)
        self.sent += TICKS
        sent = await self._sent()

        async def counted() -> bool:
            assert worker.process.poll() is None, worker.describe()
            ledger = await values(self.rig, "ledger")
            clocks = {number: json.loads(held.get(b"clock", b"{}")) for number, held in ledger.items()}
            done = {
                (topic, n): at for n, clock in clocks.items() for topic, at in clock.get("next", {}).items()
            }
            return done == sent

        await until(counted, 60, worker.describe)
        return worker

    async def _sent(self) -> dict[tuple[str, int], int]:
        """The next offset of each topic and partition that anything was sent to."""
        return {
            (topic, record.partition): record.offset + 1
            for topic in INPUTS
            for record in await self.rig.read(topic)
        }

    def start(self, *options: str) -> Running:
        """A worker of the product."""
        arguments = ("worker", "--policy", str(self.policy), *options)
        return self.rig.start("worker", *arguments, module=PRODUCT)

    async def stop(self, worker: Running) -> Ledger:
        """Told to; what the ledger holds then."""
        worker.signal(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait) == 0, worker.describe()
        return await values(self.rig, "ledger")

    async def refused(self) -> str:
        """The one line of a worker that does not start."""
        worker = self.start(*OPTIONS)
        assert await asyncio.to_thread(worker.wait) == 1, worker.describe()
        await self.missed()
        return worker.errors[-1]

    async def poison(self, partition: int, *keys: bytes, value: bytes = b"\xc1 no record") -> None:
        """Damage records."""
        await self.rig.send(("ledger", partition, key, value) for key in keys)

    async def rebuild(self, *more: str) -> Done:
        """What a person types."""
        group = ("--policy", self.policy, "--group", f"{self.rig.prefix}g")
        return await asyncio.to_thread(self.shell, "ledger", "rebuild", *group, *more)

    async def buried(self, topic: str) -> bool:
        """Whether a dead letter has been written."""
        return bool(await self.rig.read(f"{topic}.dlt"))

    async def missed(self) -> None:
        """Until the group misses a worker that has ended by itself."""
        settings = Settings(
            policies=(),
            bootstrap=Access(self.rig.address),
            group=Group(f"{self.rig.prefix}g"),
            topics=self.rig.topics,
        )
        async with Observer(settings) as observer:
            while await observer.members():  # noqa: ASYNC110 - nothing tells
                await asyncio.sleep(0.1)

    async def inspect(self, *more: str) -> tuple[Done, list[dict[str, object]]]:
        """And what it says, line by line."""
        done = await asyncio.to_thread(self.shell, "ledger", "inspect", *more)
        return done, [json.loads(line) for line in done.lines]

    async def finish(self) -> None:
        """More events, and the end: all is as if nothing had happened."""
        await self.trade.some(self.sent, 30)
        drain = self.start("--drain")
        assert await asyncio.to_thread(drain.wait, 60) == 0, drain.describe()
        seen = await self.rig.read("alerts")
        await check(self.rig, self.trade.sent, seen, least=50, policy_text=PATIENT)


@pytest.fixture
def desk(rig: Rig, tmp_path: Path) -> Desk:
    """With a policy; topics are to be made."""
    policy = tmp_path / "trade.toml"
    policy.write_text(PATIENT, "utf-8")
    return Desk(rig, policy, Trade(rig), Shell(rig.address, rig.prefix))


UNCOMPACTED = {"max.compaction.lag.ms": "9000000", "min.compaction.lag.ms": "8000000"}
"""So that what was alerted twice would be seen."""


async def worked(desk: Desk) -> Ledger:
    """Topics, events, a worker that has counted them and left; the ledger."""
    await desk.rig.create(alerts=UNCOMPACTED)
    return await desk.stop(await desk.read_all())


def waits(state: TierState) -> bool:
    """Whether a tier is pending, or fires and is clear."""
    return state.pending_since is not None or state.clear_since is not None


def without_clocks(ledger: Ledger) -> Ledger:
    return {
        number: {key: value for key, value in held.items() if key != b"clock"}
        for number, held in ledger.items()
    }


def test_a_poisoned_record_is_named_with_what_helps_and_is_made_again_as_it_was(desk: Desk) -> None:
    async def play() -> None:
        right = await worked(desk)
        # Its alerts do not say all of its states: a tier waits.
        shop = next(
            key[1:].decode()
            for held in right.values()
            for key, value in sorted(held.items())
            if key[:1] == b"s" and any(waits(record.state) for record in decode_states(value))
        )
        number = partition_of(shop.encode())
        order = next(key for key in right[number] if key.startswith(order_key(shop, "")))
        name = order.removeprefix(order_key(shop, "")).decode()
        _, (known,) = await desk.inspect(shop, name)
        assert known["facts"]["paid"]["event_id"] == f"order_paid-{name}"  # type: ignore[index]
        await desk.poison(number, order, state_key(shop), b"zebra", value=right[number][order][:-7])

        line = await desk.refused()
        assert line.startswith(f"shopwatch worker: partition {number} of the ledger: ")
        assert "cannot be read" in line
        assert f"`shopwatch ledger rebuild --partition {number} --policy FILE`" in line

        done, found = await desk.inspect()
        assert [each["partition"] for each in found] == list(range(PARTITIONS))
        damaged = {str(each["what"]) for each in found[number]["unreadable"]}  # type: ignore[attr-defined]
        unknown = "a record with the unknown key 0x7a65627261"
        assert damaged == {f"order {name} of shop {shop}", f"the states of shop {shop}", unknown}
        assert "3 records cannot be read" in done.err
        assert (await desk.inspect(shop, name))[1][0]["unreadable"]

        other = await desk.rebuild("--partition", str((number + 1) % PARTITIONS))
        assert (other.code, other.out.decode()) == (
            0,
            f"partition {(number + 1) % PARTITIONS}: nothing to make again\n",
        )
        repaired = await desk.rebuild("--partition", str(number))
        assert repaired.code == 0, repaired.err
        assert f"partition {number}: 1 order, 1 shop's states made again from" in repaired.out.decode()
        assert "unknown key 0x7a65627261 is nobody's, and was deleted" in repaired.err
        assert await values(desk.rig, "ledger") == right
        await desk.finish()

    asyncio.run(play())


@pytest.mark.faults
def test_a_ledger_that_is_gone_is_made_again_from_events_offsets_and_alerts(desk: Desk) -> None:
    async def play() -> None:
        right = await worked(desk)
        await desk.rig.make_anew("ledger")
        assert "`shopwatch ledger rebuild --all --policy FILE`" in await desk.refused()
        repaired = await desk.rebuild("--all")
        assert (repaired.code, repaired.err) == (0, "")
        assert repaired.lines[0].startswith("partition 0: ")
        assert without_clocks(await values(desk.rig, "ledger")) == without_clocks(right)
        await desk.finish()

    asyncio.run(play())


@pytest.mark.faults
def test_everything_can_be_made_again_and_only_while_no_worker_runs_and_under_the_policy_in_force(
    desk: Desk,
) -> None:
    async def play() -> None:
        await desk.rig.create(alerts=UNCOMPACTED)
        worker = await desk.read_all()
        early = await desk.rebuild("--all", "--everything")
        assert (early.code, early.out) == (1, b"")
        assert "has 1 worker: stop all of them first" in early.err
        right = await desk.stop(worker)
        assert "is that of group" in (await desk.rebuild("--all", "--everything", "--group", "another")).err
        # A clock that cannot be read is found again by what was committed and written; wrong facts by the events.
        (wrong,) = [key for key in right[0] if key[:1] == b"o"][:1]
        await desk.poison(0, wrong, value=b"\x98\xc0\xc0\x90\x90\x90\x90\x90\x90")
        await desk.poison(1, b"clock")
        assert "partition 1 of the ledger: the clock cannot be read" in await desk.refused()
        desk.policy.write_text(PATIENT.replace("0.8", "0.7"), "utf-8")
        assert "repair the ledger with the files that were in force" in (await desk.rebuild("--all")).err
        desk.policy.write_text(PATIENT, "utf-8")
        repaired = await desk.rebuild("--all", "--everything")
        assert (repaired.code, repaired.err) == (0, "")
        assert without_clocks(await values(desk.rig, "ledger")) == without_clocks(right)
        await desk.finish()

    asyncio.run(play())


def test_an_order_whose_events_are_not_kept_any_more_is_given_up_and_a_dead_letter_stays_dead(
    desk: Desk,
) -> None:
    async def play() -> None:
        await desk.rig.create(alerts=UNCOMPACTED)
        worker = await desk.read_all()
        orders = sorted(
            {(int(event.order_id), key) for event, key in read(desk.trade.sent) if partition_of(key) == 0}
        )
        number, shop = orders[-1]
        first, last = (order_key(key.decode(), str(name)) for name, key in (orders[0], orders[-1]))
        await desk.rig.send([("orders", 0, shop, too_old(shop.decode(), str(number)))])
        await until(lambda: desk.buried("orders"), 30, worker.describe)
        right = await desk.stop(worker)
        await forget(desk.rig, "ships", 0, 200)
        await desk.poison(0, first, last)
        repaired = await desk.rebuild("--partition", "0")
        assert repaired.code == 0
        assert "partition 0: 1 order made again from" in repaired.out.decode()
        assert "is unknown from now on: not all events that it was made of are kept" in repaired.err
        now = (await values(desk.rig, "ledger"))[0]
        assert first not in now
        assert {**now, first: right[0][first]} == right[0]
        again = desk.start(*OPTIONS)
        await asyncio.sleep(4)
        await desk.stop(again)

    asyncio.run(play())


def read(sent: list[Sent]) -> Iterator[tuple[Event, bytes]]:
    return ((read_event(topic, key, value), key) for topic, key, value in sent)


def too_old(shop: str, order: str) -> bytes:
    """A cancellation of years before the payment: it counts for nothing, and would change the record if it were joined."""
    named = {"event_id": "late", "shop_id": shop, "order_id": order, "occurred_at": "2001-01-01T00:00:00Z"}
    return json.dumps({"type": "order_cancelled", **named, "by": "buyer", "reason": "x"}).encode()


async def forget(rig: Rig, topic: str, partition: int, before: int) -> None:
    """As if retention had passed."""
    admin = AIOKafkaAdminClient(bootstrap_servers=rig.address)
    await admin.start()
    try:
        place = TopicPartition(rig.prefix + topic, partition)
        await admin.delete_records({place: RecordsToDelete(before_offset=before)})
    finally:
        await admin.close()
