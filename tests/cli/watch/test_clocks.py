"""Where do the workers stand?"""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from aiokafka import TopicPartition

from stream.cli.watch.clocks import BACK, FURTHER, Clocks, Found, new_reader
from stream.kafka.access import Access
from stream.worker.ledger import CLOCK_KEY
from tests.cli.test_alerts import put
from tests.view.story import clock
from tests.worker.rig import Rig

pytestmark = pytest.mark.kafka

ORDER: Mapping[str, Any] = {"packed": "x" * 200}


def orders(count: int) -> list[tuple[int, str, Mapping[str, Any] | None]]:
    return [(0, f"o{number}", ORDER) for number in range(count)]


def clock_row(read: int) -> tuple[int, str, Mapping[str, Any] | None]:
    return (0, CLOCK_KEY.decode(), msgspec.to_builtins(clock(read, 1, 1)))


@pytest.fixture
def ledger(rig: Rig) -> Rig:
    asyncio.run(rig.create(2))
    return rig


def looked(rig: Rig, *between: list[tuple[int, str, Mapping[str, Any] | None]]) -> list[list[Found]]:
    """What is found at first, and after each of what is written meanwhile."""

    async def look() -> list[list[Found]]:
        consumer = new_reader(Access(rig.address))
        await consumer.start()
        try:
            places = [TopicPartition(f"{rig.prefix}ledger", number) for number in range(2)]
            consumer.assign(places)
            for place in places:
                await consumer.position(place)
            clocks, found = Clocks(consumer, places), []
            for rows in ([], *between):
                if rows:
                    await asyncio.to_thread(put, rig, "ledger", rows)
                found.append(await clocks.news(await consumer.end_offsets(places)))
            return found
        finally:
            await consumer.stop()

    return asyncio.run(look())


def read(found: list[Found]) -> list[int]:
    return [one.clock.next["orders"] for one in found]


@pytest.mark.parametrize("behind", [0, 2 * BACK, 2 * FURTHER])
def test_the_last_clock_is_found_however_much_lies_behind_it(ledger: Rig, behind: int) -> None:
    put(ledger, "ledger", [clock_row(3), *orders(20), clock_row(7), *orders(behind)])
    ((found,),) = looked(ledger)
    assert found.clock == clock(7, 1, 1)
    assert found.partition == 0
    assert found.written_at > 1_600_000_000_000


def test_a_later_clock_is_news_and_none_is_none(ledger: Rig) -> None:
    put(ledger, "ledger", [clock_row(3)])
    first, same, later = looked(ledger, orders(5), [*orders(3), clock_row(4)])
    assert (read(first), read(same), read(later)) == ([3], [], [4])


def test_what_was_not_committed_is_not_found(ledger: Rig) -> None:
    put(ledger, "ledger", [clock_row(3)])
    put(ledger, "ledger", [*orders(BACK), clock_row(9)], commit=False)
    (found,) = looked(ledger)
    assert read(found) == [3]


def test_a_ledger_without_a_clock_is_read_once_and_no_more(ledger: Rig) -> None:
    put(ledger, "ledger", orders(5))
    assert looked(ledger, orders(1)) == [[], []]
