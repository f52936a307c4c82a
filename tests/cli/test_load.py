"""`shopwatch load`, on a real Kafka."""

import asyncio
import csv
import gzip
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from stream.worker.partitioner import belongs_by
from tests.cli.shell import Shell, shopwatch
from tests.feed.test_olist import ROW, table
from tests.worker.rig import Rig
from topics.catalogue import INPUTS

pytestmark = pytest.mark.kafka
PARTITIONS = 3


def event(kind: str, shop: str, **fields: object) -> bytes:
    common = {"event_id": "e", "order_id": "o", "occurred_at": "2024-01-01T00:00:00Z"}
    return json.dumps({"type": kind, "shop_id": shop, **common, **fields}).encode()


def cancelled(shop: str) -> bytes:
    return event("order_cancelled", shop, by="buyer", reason="r")


def shipped(shop: str) -> bytes:
    return event("package_shipped", shop, package_id="p", carrier="c")


@pytest.fixture
def made(shell: Shell) -> Shell:
    """The command line, with topics."""
    shell("topics", "create", "--partitions", str(PARTITIONS))
    return shell


def records(rig: Rig) -> dict[str, list[Any]]:
    async def read() -> dict[str, list[Any]]:
        return {topic: await rig.read(topic) for topic in INPUTS}

    return asyncio.run(read())


@pytest.mark.parametrize("way", ["plain", "gz", "stdin"])
def test_every_line_goes_to_its_topic_in_the_partition_of_its_shop(
    rig: Rig, made: Shell, tmp_path: Path, way: str
) -> None:
    shops = [f"shop {number}" for number in range(20)]
    lines = [line for shop in shops for line in (cancelled(shop), shipped(shop), shipped(shop))]
    data = b"\n".join(lines)
    path = tmp_path / "recording.jsonl"
    path.write_bytes(gzip.compress(data) if way == "gz" else data)
    done = made("load", "-" if way == "stdin" else path, stdin=data if way == "stdin" else b"")
    assert (done.code, done.err) == (0, "")
    last = "shopwatch load: sent 60 (orders 20, ships 40, pickups 0, refunds 0); lines that are no events: 0"
    assert done.lines[-1] == last
    found = records(rig)
    assert Counter(record.value for topic in INPUTS for record in found[topic]) == Counter(lines)
    belongs = belongs_by("murmur2", PARTITIONS)
    for topic in INPUTS:
        for record in found[topic]:
            assert record.key.decode() == json.loads(record.value)["shop_id"]
            assert record.partition == belongs(record.key)


def test_lines_that_are_no_events_are_reported_and_sent_untouched(rig: Rig, made: Shell) -> None:
    lines = [
        cancelled("s"),
        b'{"type": "package_shipped", "shop_id": "s"}\r',
        b"not json \x1b[31m",
        b"",
        b"\xff\xfe",
        cancelled("t" * 10_000_000),
        cancelled("z"),
    ]
    done = made("load", "-", stdin=b"\n".join(lines) + b"\n")
    assert done.code == 0
    said = done.err.splitlines()
    assert [line.split(":")[1:3] for line in said] == [
        [" line 2 is no event", " missing_field"],
        [" line 3 is no event", " not_json"],
        [" line 4 is no event", " not_json"],
        [" line 5 is no event", " not_utf8"],
        [" line 6 is no event", " id_too_long"],
    ]
    assert "\x1b" not in done.err
    assert done.lines[-1].endswith(
        "sent 7 (orders 6, ships 1, pickups 0, refunds 0); lines that are no events: 5"
    )
    found = records(rig)
    keys = {record.value: record.key for topic in INPUTS for record in found[topic]}
    assert set(keys) == set(lines)
    assert [keys[line] for line in lines] == [b"s", b"s", None, None, None, None, b"z"]
    assert [record.value for record in found["ships"]] == [lines[1]]


def test_a_value_of_16_mb_passes_and_a_longer_one_is_reported_and_not_sent(rig: Rig, made: Shell) -> None:
    longest = b"x" * (16 << 20)
    done = made("load", "-", stdin=b"\n".join([longest, longest + b"x", cancelled("s")]))
    assert done.code == 1
    assert "line 2 was not sent: too long for topic" in done.err
    assert "lines that were not sent: 1" in done.err.splitlines()[-1]
    assert "sent 2 (orders 2, " in done.lines[-1]
    assert {len(record.value) for record in records(rig)["orders"]} == {len(longest), len(cancelled("s"))}


def test_olist_is_sent_as_its_recording_is(rig: Rig, made: Shell, tmp_path: Path) -> None:
    rows = [{**ROW, "seller_id": f"{number:032}", "order_id": f"o{number}"} for number in range(50)]
    path = tmp_path / "orders.csv.gz"
    path.write_bytes(gzip.compress(table(*rows).encode()))
    done = made("load", "olist", path)
    assert (done.code, done.err) == (0, "")
    assert done.lines[-1].endswith(
        "sent 150 (orders 50, ships 50, pickups 50, refunds 0); lines that are no events: 0"
    )
    recording = tmp_path / "orders.jsonl"
    assert shopwatch("load", "olist", path, "--to", recording).lines == [
        f"shopwatch load: wrote 150 events to {recording}"
    ]
    found = records(rig)
    sent = Counter(record.value for topic in INPUTS for record in found[topic])
    assert sent == Counter(recording.read_bytes().splitlines())


def test_missing_topics_are_named_and_not_made(rig: Rig, shell: Shell) -> None:
    done = shell("load", "-", stdin=cancelled("s"))
    assert (done.code, done.out, done.err.count("\n")) == (1, b"", 1)
    assert done.err.startswith(f"shopwatch load: these topics are missing: {rig.prefix}orders, ")
    assert "missing" in shell("topics", "list").lines[0]


@pytest.mark.parametrize(
    ("name", "data", "complaint"),
    [
        ("olist", csv.__doc__.encode() if csv.__doc__ else b"", ":1: no column order_id, "),
        ("olist", gzip.compress(table(ROW).encode(), mtime=0)[:-9], " cannot be read to its end: "),
        (
            "recording",
            gzip.compress(io.DEFAULT_BUFFER_SIZE * b"{}\n", mtime=0)[:-9],
            " cannot be read to its end: ",
        ),
    ],
)
def test_a_file_that_is_no_such_file_is_one_line(
    made: Shell, tmp_path: Path, name: str, data: bytes, complaint: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    done = made("load", *(["olist"] if name == "olist" else []), path)
    assert done.code == 1
    assert done.err.splitlines()[-1].startswith(f"shopwatch load: {path}{complaint}")
    assert "Traceback" not in done.err
    assert done.out == b""


def test_a_file_that_is_not_there_is_one_line() -> None:
    done = shopwatch("load", "nowhere.jsonl")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "No such file" in done.err


@pytest.mark.parametrize("arguments", [["olist"], ["olist", "a", "b"], ["a", "b"], ["a", "--to", "b"]])
def test_a_mistaken_load_is_exit_code_2(arguments: list[str]) -> None:
    assert shopwatch("load", *arguments).code == 2
