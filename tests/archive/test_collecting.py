"""Does an archive have what Kafka recorded, byte for byte, and say what it has not?"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from stream.archive import keeping, log
from stream.archive.collecting import Result
from stream.archive.errors import OtherSourceError, RemadeTopicError
from stream.archive.log import connected
from stream.archive.manifest import Place, read_manifest
from stream.archive.stored import Archive
from stream.kafka.access import Access
from stream.kafka.errors import SilentError
from tests.archive.scene import DAY, Heard, Scene, Sent, T
from topics.catalogue import INPUTS

pytestmark = pytest.mark.kafka

AHEAD = T + 4_000 * DAY


def sent(topic: str, partition: int, *times: int) -> list[Sent]:
    return [Sent(topic, partition, at, b'{"n": %d}' % at) for at in times]


def values(scene: Scene) -> Counter[bytes | None]:
    return Counter(record.value for record in scene.recorded())


def gaps(result: Result) -> list[str]:
    return [str(gap) for gap in result.gaps]


def lost(what: str, begin: str, end: str) -> str:
    were = "they were" if "offsets" in what else "it was"
    gone = f"{what} had gone from Kafka before {were} archived (retention)"
    return f"{gone}; what was recorded from {begin} to {end} may be missing"


def wanted_rows(records: list[Sent]) -> Iterator[tuple[object, ...]]:
    """As the files have them."""
    offsets: Counter[Place] = Counter()
    for record in records:
        place = Place(record.topic, record.partition)
        headers = [{"name": name, "value": value} for name, value in record.headers]
        at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=record.at)
        where = record.partition, offsets[place], at.replace(tzinfo=ZoneInfo("UTC"))
        yield record.key, record.value, headers, *where, record.topic, at.date()
        offsets[place] += 1


def test_all_that_was_sent_is_there_byte_for_byte(scene: Scene) -> None:
    odd = [
        Sent("orders", 0, T, b"\x00\xff", b"\xff", [("trace", b"\x00\x01"), ("trace", b""), ("none", None)]),
        Sent("orders", 0, T + 1, None, b"shop"),
        Sent("orders", 1, T + 2, b"", None),
        Sent("refunds", 1, T + DAY - 1, b"x" * 300_000, b""),
    ]
    plain = [Sent(topic, number % 2, T + number, b"%d" % number) for topic in INPUTS for number in range(50)]
    scene.send(*odd, *plain)
    result = scene.archive()
    assert (result.added, result.gaps) == ({"orders": 53, "ships": 50, "pickups": 50, "refunds": 51}, [])
    frame = pl.read_parquet(scene.out / "**" / "*.parquet", hive_partitioning=True)
    assert frame.columns == ["key", "value", "headers", "partition", "offset", "timestamp", "topic", "date"]
    rows = [tuple(row.values()) for row in frame.sort("topic", "partition", "offset").to_dicts()]
    assert Counter(map(repr, rows)) == Counter(repr(row) for row in wanted_rows([*odd, *plain]))
    assert frame["offset"].dtype == pl.Int64
    assert frame.filter(topic="orders", partition=0).sort("offset")["offset"].to_list() == list(range(27))


def test_a_file_holds_one_partitions_run_of_offsets_of_one_day(scene: Scene) -> None:
    scene.send(*sent("orders", 1, T, T + 1, T + DAY, T + DAY - 1, T + DAY + 1))
    scene.archive(end=T + 2 * DAY, size=(2, 1000))
    assert scene.files() == {
        "topic=orders/date=2026-03-01/00001-0000000000000000000-0000000000000000001.parquet",
        "topic=orders/date=2026-03-01/00001-0000000000000000002-0000000000000000003.parquet",
        "topic=orders/date=2026-03-02/00001-0000000000000000002-0000000000000000003.parquet",
        "topic=orders/date=2026-03-02/00001-0000000000000000004-0000000000000000004.parquet",
    }
    assert [record.offset for record in scene.recorded()] == [0, 1, 2, 3, 4]


def test_run_again_it_adds_nothing_and_later_only_what_is_new(scene: Scene) -> None:
    scene.send(*sent("orders", 0, T, T + 1), *sent("ships", 1, T + 2))
    scene.archive()
    files, before = scene.files(), read_manifest(scene.out)
    again, heard = Heard(), Heard()
    assert sum(scene.archive(heard=again).added.values()) == 0
    assert (scene.files(), again.offsets) == (files, 0)
    assert (scene.out / "manifest.jsonl").read_bytes().count(b"\n") > 1
    assert read_manifest(scene.out).reads == before.reads
    scene.send(*sent("orders", 0, T + 3), *sent("pickups", 0, T + 4))
    result = scene.archive(heard=heard)
    assert (result.added, result.files, result.gaps) == (
        {"orders": 1, "ships": 0, "pickups": 1, "refunds": 0},
        2,
        [],
    )
    assert heard.offsets == 2
    assert files < scene.files()
    assert values(scene) == Counter(b'{"n": %d}' % (T + number) for number in range(5))


def test_from_is_included_and_to_is_not(scene: Scene) -> None:
    scene.send(*sent("orders", 0, T - 1, T, T + 5, T + 10, T + 11))
    result = scene.archive(T, T + 10)
    assert [record.timestamp for record in scene.recorded()] == [T, T + 5]
    assert result.gaps == []
    scene.archive(T - 5, T + 11)
    assert [record.timestamp for record in scene.recorded()] == [T - 1, T, T + 5, T + 10]


def test_times_of_producers_that_go_back_are_all_found(scene: Scene) -> None:
    scene.send(*sent("orders", 0, T + 50, T - 1, T + 20, T + 7, T + 70, T + 8, T + 80))
    scene.archive(T, T + 10)
    assert [record.timestamp for record in scene.recorded(T, T + 10)] == [T + 7, T + 8]
    assert scene.recorded()[-1].timestamp == T + 8, "what comes later is not wanted"


def test_killed_half_way_it_goes_on_and_tells_until_then_what_lacks(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything = sent("orders", 0, *range(T, T + 40)) + sent("ships", 1, *range(T, T + 40))
    scene.send(*everything)
    scene.archive(T, T + 10)
    with monkeypatch.context() as patched:
        patched.setattr(keeping, "_write", dying_after(keeping._write, 4))
        with pytest.raises(KeyboardInterrupt):
            scene.archive(size=(7, 1000))
    day = "topic=orders/date=2026-03-01"
    (scene.out / f"{day}/00001-0000000000000000090-0000000000000000099.parquet.part").touch()
    files = scene.files()
    assert sum(values(scene).values()) == 10 + 10 + 3 * 7
    assert [str(gap).partition(" to ")[0] for gap in Archive(scene.out).gaps] == [
        f"{where}: not archived from 2026-03-01T00:00:00.010Z"
        for where in (f"{topic}, partitions 0, 1" for topic in INPUTS)
    ]
    heard = Heard()
    assert scene.archive(heard=heard).gaps == []
    assert heard.offsets == 80 - 41
    assert files - scene.files() == {
        f"{day}/00000-0000000000000000031-0000000000000000037.parquet",
        f"{day}/00001-0000000000000000090-0000000000000000099.parquet.part",
    }
    assert values(scene) == Counter(record.value for record in everything)
    assert Archive(scene.out).gaps == []


def dying_after(write: Callable[[Path, bytes], None], count: int) -> Callable[[Path, bytes], None]:
    """Whoever writes so many files is killed before anybody hears of the last."""
    left = iter(range(count - 1))

    def written(path: Path, data: bytes) -> None:
        write(path, data)
        if next(left, None) is None:
            raise KeyboardInterrupt

    return written


def test_what_a_torn_line_says_is_read_again(scene: Scene) -> None:
    scene.send(*sent("orders", 0, *range(T, T + 10)))
    scene.archive()
    manifest = scene.out / "manifest.jsonl"
    lines = manifest.read_bytes().splitlines(keepends=True)
    first_run = next(number for number, line in enumerate(lines) if b'"run"' in line)
    manifest.write_bytes(b"".join(lines[:first_run]) + lines[first_run][:-5] + b" " * 10_000)
    assert scene.recorded() == []
    assert scene.archive().added["orders"] == 10
    assert [record.offset for record in scene.recorded()] == list(range(10))
    assert manifest.read_bytes().endswith(b"}\n")


def test_what_was_deleted_before_the_first_run_is_told(scene: Scene) -> None:
    scene.send(*sent("orders", 0, T, T + 1, T + 2, T + 3))
    scene.delete("orders", 0, 2)
    told = gaps(scene.archive(T - 5, T + DAY))
    assert told == [
        lost("orders, partition 0: offsets 0 to 1", "2026-02-28T23:59:59.995Z", "2026-03-01T00:00:00.003Z")
    ]
    assert [str(gap) for gap in Archive(scene.out).gaps] == told
    assert gaps(scene.archive(T - 5, T + DAY)) == told, "it is not forgotten"
    assert len(read_manifest(scene.out).lost[Place("orders", 0)]) == 1
    assert Archive(scene.out, T + 3).gaps == []


def test_what_was_deleted_before_the_time_that_is_wanted_is_no_gap(scene: Scene) -> None:
    scene.send(*sent("orders", 0, T, T + 1, T + 2, T + 3))
    scene.delete("orders", 0, 2)
    assert scene.archive(T + 3, T + DAY).gaps == []
    assert [record.timestamp for record in scene.recorded()] == [T + 3]
    scene.delete("orders", 0, 4)
    assert scene.archive(T + 3, T + DAY).gaps == []
    assert scene.archive(T + 3, T + 2 * DAY).gaps == []


def test_what_was_archived_may_be_deleted(scene: Scene) -> None:
    scene.send(*sent("orders", 0, T, T + 1, T + 2))
    scene.archive()
    scene.delete("orders", 0, 3)
    scene.send(*sent("orders", 0, T + 3))
    assert scene.archive().gaps == []
    assert [record.offset for record in scene.recorded()] == [0, 1, 2, 3]


def test_what_was_deleted_after_a_kill_is_told_and_no_more(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.send(*sent("orders", 0, T - 1, T, T + 1, T + 2))
    with monkeypatch.context() as patched:
        patched.setattr(keeping, "_write", dying_after(keeping._write, 2))
        with pytest.raises(KeyboardInterrupt):
            scene.archive(size=(1, 1000))
    scene.delete("orders", 0, 3)
    assert gaps(scene.archive()) == [
        lost("orders, partition 0: offset 2", "2026-03-01T00:00:00.000Z", "2026-03-01T00:00:00.003Z")
    ]


def test_what_was_deleted_between_two_runs_is_told(scene: Scene) -> None:
    scene.send(*sent("orders", 0, *range(T, T + 4)))
    scene.archive(T, T + 2)
    scene.delete("orders", 0, 3)
    assert scene.archive(T, T + 2).gaps == [], "it has all of that"
    assert gaps(scene.archive(T, T + DAY)) == [
        lost("orders, partition 0: offset 2", "2026-03-01T00:00:00.001Z", "2026-03-01T00:00:00.004Z")
    ]
    assert [record.offset for record in scene.recorded()] == [0, 1, 3]


def test_what_was_deleted_wholly_is_told(scene: Scene) -> None:
    scene.send(*sent("orders", 0, T, T + 1))
    scene.delete("orders", 0, 2)
    assert gaps(scene.archive()) == [
        lost("orders, partition 0: offsets 0 to 1", "2026-03-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z")
    ]


def test_what_is_deleted_while_it_is_read_is_told(scene: Scene) -> None:
    scene.send(*sent("refunds", 1, *range(T, T + 6), T + 2 * DAY))
    scene.archive(T + 2 * DAY, T + 3 * DAY)
    deleted = partial(in_a_thread, partial(scene.delete, "refunds", 1, 4))
    assert gaps(scene.archive(heard=Heard(once_planned=deleted))) == [
        lost("refunds, partition 1: offsets 0 to 3", "2026-03-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z")
    ]
    assert [record.offset for record in scene.recorded()] == [4, 5, 6]


def in_a_thread(do: Callable[[], None]) -> None:
    """Another event loop needs another thread."""
    thread = Thread(target=do)
    thread.start()
    thread.join()


def test_time_that_was_never_asked_for_is_told_to_who_reads_over_it(scene: Scene) -> None:
    scene.send(*sent("orders", 0, T, T + 5, T + 10))
    scene.archive(T, T + 1)
    scene.archive(T + 9, T + 11)
    told = [str(gap) for gap in Archive(scene.out).gaps]
    assert len(told) == len(INPUTS)
    assert told[0] == (
        "orders, partitions 0, 1: not archived from 2026-03-01T00:00:00.001Z to 2026-03-01T00:00:00.009Z; "
        "`shopwatch archive` reads it while Kafka has it"
    )
    assert Archive(scene.out, T + 9, T + 11).gaps == []
    assert [gap.begin_ms for gap in Archive(scene.out, T + 9, T + 12).gaps] == [T + 11] * len(INPUTS)
    assert scene.archive(T, T + 11).gaps == []
    assert Archive(scene.out).gaps == []


@pytest.mark.long
def test_what_transactions_leave_out_is_no_gap(scene: Scene) -> None:
    scene.send_in_transactions(
        (True, sent("orders", 0, T, T + 1)),
        (False, sent("orders", 0, T + 2, T + 3)),
        (True, sent("orders", 0, T + 4)),
        (False, sent("ships", 1, T + 5)),
    )
    assert scene.archive(size=(1, 1)).gaps == []
    assert [record.timestamp for record in scene.recorded()] == [T, T + 1, T + 4]
    assert scene.archive(heard=(heard := Heard())).gaps == []
    assert heard.plans == [0]
    scene.send_in_transactions((True, sent("orders", 0, T + 6)))
    assert scene.archive().added["orders"] == 1
    assert [record.timestamp for record in scene.recorded()] == [T, T + 1, T + 4, T + 6]


@pytest.mark.long
def test_topics_that_were_made_again_are_not_mixed_with_the_old(scene: Scene) -> None:
    scene.send(*sent("orders", 0, *range(T, T + 4)))
    scene.archive()
    scene.make_anew("orders")
    with pytest.raises(RemadeTopicError, match="ends at offset 0, and had 4 already"):
        scene.archive()
    scene.send(*sent("orders", 0, *range(T + 10, T + 20)))
    with pytest.raises(RemadeTopicError, match="its record at offset 3 is another one"):
        scene.archive()
    assert [record.timestamp for record in scene.recorded()] == list(range(T, T + 4))


@pytest.mark.long
def test_other_topics_do_not_go_into_the_same_archive(scene: Scene) -> None:
    scene.archive()
    other = Scene(type(scene.rig)(scene.rig.address, scene.rig.tmp), scene.out)
    other.create()
    with pytest.raises(OtherSourceError, match="give --out another directory"):
        other.archive()


@pytest.mark.long
def test_an_open_transaction_hides_what_follows_and_says_so(scene: Scene) -> None:
    asyncio.run(_with_an_open_transaction(scene))


async def _with_an_open_transaction(scene: Scene) -> None:
    await scene.deliver(sent("orders", 0, T))
    async with scene.transactional() as producer:
        async with producer.transaction():
            await scene.deliver_with(producer, sent("orders", 0, T + 1))
            heard = Heard()
            result = await scene.collect(T, T + DAY, heard)
            assert heard.opens == [(Place("orders", 0), 1)]
            assert [str(gap)[:26] for gap in result.gaps] == ["orders, partition 0: not a"]
        await scene.settled("orders")
    result = await scene.collect(T, T + DAY, Heard())
    assert (result.added["orders"], result.gaps) == (1, [])


def test_a_kafka_that_has_gone_for_long_is_not_waited_for_any_longer(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "STUCK_POLLS", 2)
    monkeypatch.setattr(log, "SILENT_POLLS", 5)
    told: list[None] = []

    async def read_on() -> None:
        async with connected(Access(scene.rig.address), scene.rig.prefix, INPUTS) as kafka:
            async for _ in kafka.read(Place("orders", 0), (0, 1), lambda: told.append(None)):
                pass

    with pytest.raises(SilentError, match="run it again when it does"):
        asyncio.run(read_on())
    assert len(told) == 2
