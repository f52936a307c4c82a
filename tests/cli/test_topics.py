"""`shopwatch topics create | list | schema`, on a real Kafka."""

import asyncio
import json
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from stream.admin.cluster import Cluster
from stream.admin.plan import Found
from stream.kafka.access import Access
from tests.cli.shell import Shell, shopwatch
from tests.worker.rig import Rig
from topics.catalogue import TOPICS

NAMES = [topic.name for topic in TOPICS]


def found(rig: Rig) -> dict[str, Found]:
    async def look() -> dict[str, Found]:
        async with await Cluster(Access(rig.address), rig.prefix).open() as cluster:
            return dict(await cluster.found(NAMES))

    return asyncio.run(look())


def make(rig: Rig, name: str, partitions: int, **config: str) -> None:
    async def create() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=rig.address)
        await admin.start()
        settings = {key.replace("_", "."): value for key, value in config.items()}
        await admin.create_topics([NewTopic(rig.prefix + name, partitions, 1, topic_configs=settings)])
        await admin.close()

    asyncio.run(create())


@pytest.mark.kafka
def test_create_makes_all_topics_as_the_contract_has_them_and_names_them(rig: Rig, shell: Shell) -> None:
    done = shell("topics", "create", "--partitions", "3")
    assert (done.code, done.err) == (0, "")
    assert done.lines == [f"made {rig.prefix}{name}, partitions 3" for name in NAMES]
    there = found(rig)
    for topic in TOPICS:
        assert there[topic.name].partitions == 3
        assert there[topic.name].own == topic.config


@pytest.mark.kafka
def test_what_was_deleted_is_gone_when_told_so_and_what_is_not_there_is_no_mistake(
    rig: Rig, shell: Shell
) -> None:
    async def delete() -> None:
        async with await Cluster(Access(rig.address), rig.prefix).open() as cluster:
            await cluster.delete([*NAMES[1:], "never-made"])
            assert set(await cluster.found(NAMES)) == {NAMES[0]}

    shell("topics", "create", "--partitions", "1")
    asyncio.run(delete())


@pytest.mark.kafka
def test_create_again_changes_nothing(shell: Shell) -> None:
    shell("topics", "create", "--partitions", "1")
    done = shell("topics", "create", "--partitions", "1")
    assert (done.code, done.lines) == (0, ["all 13 topics are there, as they should be"])


@pytest.mark.kafka
def test_create_makes_what_is_missing_and_puts_settings_right_but_keeps_others(
    rig: Rig, shell: Shell
) -> None:
    make(rig, "orders", 1, retention_ms="100", segment_ms="5000")
    done = shell("topics", "create", "--partitions", "1")
    assert done.code == 0, done.err
    assert len([line for line in done.lines if line.startswith("made ")]) == 12
    assert f"changed {rig.prefix}orders: " in done.lines[-1]
    assert "retention.ms from 100 to 15552000000" in done.lines[-1]
    (orders,) = [topic for topic in TOPICS if topic.name == "orders"]
    assert found(rig)["orders"].own == {**orders.config, "segment.ms": "5000"}


@pytest.mark.kafka
def test_create_refuses_another_number_of_partitions_and_makes_nothing(rig: Rig, shell: Shell) -> None:
    make(rig, "ships", 2)
    done = shell("topics", "create")
    assert (done.code, done.out) == (1, b"")
    assert done.err.startswith("shopwatch topics: these topics have another number of partitions than 4: ")
    assert "ships 2; give --partitions 2, " in done.err
    assert done.err.count("\n") == 1
    assert list(found(rig)) == ["ships"]


@pytest.mark.kafka
def test_what_kafka_refuses_is_one_line(rig: Rig, shell: Shell) -> None:
    done = shell("topics", "create", "--replication", "9")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert done.err.startswith(f"shopwatch topics: Kafka refuses {rig.prefix}orders, {rig.prefix}ships, ")
    assert found(rig) == {}


@pytest.mark.kafka
def test_list_shows_what_is_missing_what_differs_and_why_a_setting_is(rig: Rig, shell: Shell) -> None:
    make(rig, "ships", 2, retention_ms="100")
    done = shell("topics", "list")
    assert done.code == 0, done.err
    assert f"{rig.prefix}orders: missing" in done.lines
    assert (
        f"{rig.prefix}ships: partitions 2, differs in retention.ms, max.message.bytes, message.timestamp.type"
        in (done.lines)
    )
    assert "  retention.ms = 15552000000, but is 100" in done.lines
    assert all(f"      {why}" in done.lines for topic in TOPICS for why in topic.why.values())


@pytest.mark.kafka
def test_list_shows_that_all_is_well(rig: Rig, shell: Shell) -> None:
    shell("topics", "create", "--partitions", "1")
    done = shell("topics", "list")
    states = [line for line in done.lines if line.startswith(rig.prefix)]
    assert states == [f"{rig.prefix}{name}: partitions 1, as it should be" for name in NAMES]
    assert "but is" not in done.out.decode()


def test_schema_writes_and_check_names_what_is_stale(tmp_path: Path) -> None:
    out = tmp_path / "schemas"
    done = shopwatch("topics", "schema", "--out", out)
    assert (done.code, len(done.lines)) == (0, 12)
    assert json.loads((out / "asyncapi.json").read_text())["asyncapi"] == "3.0.0"
    assert shopwatch("topics", "schema", "--out", out).lines == []
    assert shopwatch("topics", "schema", "--out", out, "--check").code == 0
    (out / "order_paid.schema.json").write_text("{}")
    done = shopwatch("topics", "schema", "--out", out, "--check")
    assert (done.code, done.out) == (1, b"")
    assert done.err == (
        f"shopwatch topics: stale: {out}/order_paid.schema.json; write them anew with `shopwatch topics schema`\n"
    )
    assert (out / "order_paid.schema.json").read_text() == "{}"
