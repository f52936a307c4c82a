"""`shopwatch simulate --to kafka`, on a real Kafka."""

import asyncio
import json
import re
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from stream.broker import Broker
from stream.cli.simulate.live import SLICE, Pace
from stream.worker.partitioner import belongs_by
from tests.cli.shell import COMMAND, ROOT, Shell, environment, shopwatch
from tests.kafka_fixture import SETTINGS
from tests.worker.rig import Rig, wait_until
from topics.catalogue import INPUTS

SMALL = ("--days", "3", "--shops", "8", "--scenario", "warehouse_stops", "--broken", "0.1")


def all_values(rig: Rig) -> Counter[bytes]:
    return Counter(record.value for topic in INPUTS for record in asyncio.run(rig.read(topic)))


def start(shell: Shell, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - ours
        [*COMMAND, "simulate", "--to", "kafka", *arguments],
        env=environment(PYTHONUNBUFFERED="1", **shell.settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_slices_and_their_times_follow_from_the_speed() -> None:
    assert (Pace(1000, 20.0).slice_ms, Pace(1000, None).slice_ms, Pace(1000, 1e-9).slice_ms) == (
        2000,
        SLICE,
        1,
    )
    assert [Pace(1000, 20.0).due_s(at) for at in (1000, 21_000)] == [0.0, 1.0]
    assert Pace(1000, None).due_s(21_000) == 0.0


@pytest.mark.kafka
def test_kafka_gets_what_a_recording_has_in_the_partition_of_the_shop_and_in_order(
    rig: Rig, shell: Shell, tmp_path: Path
) -> None:
    asyncio.run(rig.create(3))
    done = shell("simulate", "--to", "kafka", *SMALL, "--labels", tmp_path / "labels")
    assert (done.code, done.err) == (0, "")
    shopwatch("simulate", "--to", tmp_path / "m.jsonl", *SMALL)
    lines = (tmp_path / "m.jsonl").read_bytes().splitlines()
    belongs, place = belongs_by("murmur2", 3), {line: number for number, line in enumerate(lines)}
    often, found = Counter(lines), Counter[bytes]()
    for topic in INPUTS:
        by_shop: dict[bytes, list[bytes]] = {}
        for record in asyncio.run(rig.read(topic)):
            found[record.value] += 1
            assert record.partition == belongs(record.key)
            by_shop.setdefault(record.key, []).append(record.value)
        assert len(by_shop) >= 7  # the smallest has few refunds
        for values in by_shop.values():
            once = [value for value in values if often[value] == 1]
            assert [place[value] for value in once] == sorted(place[value] for value in once)
    assert found == often
    assert (tmp_path / "labels").read_bytes() == (tmp_path / "m.labels.json").read_bytes()
    opening, closing = done.lines
    assert opening.endswith(
        "to a worker with --clock events --lateness 10m5s only what is meant to be late is late"
    )
    assert closing.startswith(f"shopwatch simulate: sent {len(lines)} (orders ")
    assert closing.endswith("; incidents in " + f"{tmp_path / 'labels'}: 2")


@pytest.mark.kafka
def test_it_keeps_its_pace_and_ctrl_c_ends_it_with_the_labels_so_far(
    rig: Rig, shell: Shell, tmp_path: Path
) -> None:
    asyncio.run(rig.create(1))
    running = start(shell, *SMALL, "--speed", "3600", "--labels", str(tmp_path / "labels"))
    assert running.stdout is not None
    assert "--lateness 6m5s" in running.stdout.readline()
    while not (before := all_values(rig).total()):
        time.sleep(0.1)
    while all_values(rig).total() == before:
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (130, "")
    sent = all_values(rig).total()
    assert out.startswith("shopwatch simulate: stopped; sent ")
    shopwatch("simulate", "--to", tmp_path / "m.jsonl", *SMALL)
    assert sent < len((tmp_path / "m.jsonl").read_bytes().splitlines())
    assert json.loads((tmp_path / "labels").read_bytes())["seed"] == 7


SEED_POLICY = ("--policy", str(ROOT / "policies" / "seed.toml"))


@pytest.mark.kafka
def test_a_worker_beside_it_says_what_a_replay_of_the_same_marketplace_says(
    rig: Rig, shell: Shell, tmp_path: Path
) -> None:
    market = (*SMALL, "--late", "0")
    asyncio.run(rig.create())
    simulated = start(shell, *market)
    assert simulated.stdout is not None
    told = re.search(r"to a worker with (--clock events --lateness \S+) only", simulated.stdout.readline())
    assert told is not None
    worker = rig.start("w", "worker", *SEED_POLICY, *told[1].split(), module="stream.cli.main")
    simulated.communicate(timeout=60)
    shopwatch("simulate", "--to", tmp_path / "m.jsonl", *market)
    sent = len((tmp_path / "m.jsonl").read_bytes().splitlines())
    wait_until(lambda: asyncio.run(committed(rig)) == sent, 30, worker.describe)
    worker.signal(signal.SIGTERM)
    assert worker.wait() == 0, worker.describe()
    drain = rig.start("drain", "worker", *SEED_POLICY, "--drain", module="stream.cli.main")
    assert drain.wait() == 0, drain.describe()
    assert "drained: 0 records" in drain.output()
    right = alerts(shopwatch("replay", *SEED_POLICY, "--json", tmp_path / "m.jsonl").lines)
    assert len(right) >= 4
    assert alerts(shell("alerts", "--json").lines) == right


async def committed(rig: Rig) -> int:
    """How many records the workers have read, of topics that were empty before."""
    admin = AIOKafkaAdminClient(bootstrap_servers=rig.address)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(f"{rig.prefix}g")
    except KafkaError:  # nobody has joined yet
        return 0
    finally:
        await admin.close()
    return sum(max(0, known.offset) for known in offsets.values())


def alerts(lines: Sequence[str]) -> list[dict[str, object]]:
    """Without when they were written."""
    return [json.loads(line) | {"emitted_at": None} for line in lines]


@pytest.mark.kafka
def test_missing_topics_are_one_line_and_no_labels(shell: Shell, tmp_path: Path) -> None:
    done = shell("simulate", "--to", "kafka", *SMALL, "--labels", tmp_path / "labels")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert done.err.startswith("shopwatch simulate: these topics are missing: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.kafka
def test_a_broker_that_goes_away_is_said_once_and_waited_for(tmp_path: Path) -> None:
    with Broker(tmp_path / "kafka", settings=SETTINGS) as broker:
        rig = Rig(broker.address, tmp_path)
        asyncio.run(rig.create(1))
        running = start(Shell(rig.address, rig.prefix), *SMALL, "--speed", "100000")
        while not all_values(rig):
            time.sleep(0.1)
        broker.kill()
        assert running.stderr is not None
        said = running.stderr.readline()
        assert said == (
            f"shopwatch simulate: Kafka at {broker.address} does not acknowledge what is sent; waiting for it\n"
        )
        broker.start()
        out, err = running.communicate(timeout=60)
        assert running.returncode == 0, err
        assert "does not acknowledge" not in err
        shopwatch("simulate", "--to", tmp_path / "m.jsonl", *SMALL)
        lines = (tmp_path / "m.jsonl").read_bytes().splitlines()
        assert all_values(rig) == Counter(lines)
        assert f"sent {len(lines)} " in out
