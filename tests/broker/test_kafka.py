"""The real thing: it serves, keeps its data, and ends when it should."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from stream.broker import Broker, BrokerError, KafkaFailedError, PortInUseError
from stream.broker.jars import cache_dir, fetch, pinned
from stream.broker.java import format_storage
from stream.broker.ports import free_port
from stream.broker.process import Process, started_at
from stream.broker.serving import wait_until_serves
from stream.broker.settings import server_properties
from stream.broker.state import read

pytestmark = pytest.mark.kafka

TOPIC = "kept"


async def write(address: str, value: bytes) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
    await admin.close()
    producer = AIOKafkaProducer(bootstrap_servers=address, transactional_id="t")
    await producer.start()
    async with producer.transaction():
        await producer.send_and_wait(TOPIC, value)
    await producer.stop()


async def read_back(address: str) -> bytes:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=address, auto_offset_reset="earliest", isolation_level="read_committed"
    )
    await consumer.start()
    consumer.assign([TopicPartition(TOPIC, 0)])
    record = await asyncio.wait_for(consumer.getone(), 30.0)
    await consumer.stop()
    return bytes(record.value)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker in a directory whose name has all that a properties file, a path list or a locale could trip over."""
    broker = Broker(tmp_path / "a, b=#é\\店")
    yield broker
    broker.stop()


def test_data_and_port_outlive_a_stop_and_a_crash(broker: Broker) -> None:
    assert broker.start()
    address = broker.address
    asyncio.run(write(address, b"value"))
    assert broker.stop()
    assert not broker.running
    broker.start()
    assert asyncio.run(read_back(address)) == b"value"
    assert broker.kill()
    broker.start()
    assert broker.address == address
    assert asyncio.run(read_back(address)) == b"value"


def test_one_directory_one_broker(broker: Broker) -> None:
    """Two start at once, a third joins, one asks for another port, one uses it as a context."""
    broker.start(detached=True)
    assert not broker.start()
    with pytest.raises(BrokerError, match=r"a broker runs in .* stop it before changing its port"):
        Broker(broker.directory, 9).start()
    with Broker(broker.directory) as guest:
        assert guest.pid == broker.pid
    assert broker.running, "a context stops what it started only"
    assert Broker(broker.directory).stop(), "any object of the directory may stop it"
    assert not broker.stop()


def test_of_two_starts_at_once_one_starts_it(broker: Broker) -> None:
    started: list[bool] = []

    def start() -> None:
        started.append(Broker(broker.directory).start(detached=True))

    twins = [threading.Thread(target=start) for _ in range(2)]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join()
    assert sorted(started) == [False, True]


def test_a_port_in_use_is_said_before_anything_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortInUseError, match=f"port {port} "):
            Broker(tmp_path, port).start()


def test_a_stale_state_is_no_obstacle_and_another_port_may_be_asked_for_later(broker: Broker) -> None:
    with broker:
        pass
    known = read(broker.directory / "broker.json")
    assert known is not None
    assert not known.process.alive()
    moved = Broker(broker.directory, free_port(known.port))
    with moved:
        assert moved.address != known.address
        assert moved.pid != known.pid
        assert Process(moved.pid or 0, started_at(moved.pid or 0) or "").alive()


@pytest.mark.parametrize(
    ("heap", "settings", "why"),
    [("64k", {}, "heap"), ("512m", {"log.cleaner.backoff.ms": "soon"}, "log.cleaner.backoff.ms")],
)
def test_a_failed_start_shows_what_kafka_said(
    tmp_path: Path, heap: str, settings: dict[str, str], why: str
) -> None:
    broker = Broker(tmp_path, heap=heap, settings=settings)
    with pytest.raises(KafkaFailedError) as caught:
        broker.start()
    assert any(why in line for line in caught.value.lines), caught.value.lines
    assert not broker.running


def test_a_failed_start_after_the_format_shows_the_error_not_the_shutdown(broker: Broker) -> None:
    format_data(broker)
    (broker.directory / "data" / "meta.properties").write_text(
        "version=1\nnode.id=7\ncluster.id=x\n", "ascii"
    )
    with pytest.raises(KafkaFailedError) as caught:
        broker.start()
    assert any("ERROR" in line for line in caught.value.lines), caught.value.lines


def format_data(broker: Broker) -> None:
    """What a first start does before it starts."""
    broker.directory.mkdir()
    jars = fetch(pinned(), cache_dir(), lambda _line: None)
    format_storage(broker.directory, jars, server_properties(free_port(), free_port(), {}))


def test_a_cluster_id_may_begin_with_a_dash(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.broker.java._cluster_id", lambda: "-" + "A" * 21)
    format_data(broker)
    assert f"cluster.id=-{'A' * 21}\n" in (broker.directory / "data" / "meta.properties").read_text("ascii")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_the_process_that_started_it(tmp_path: Path, how: signal.Signals) -> None:
    code = "import sys; from stream.broker import Broker; Broker(sys.argv[1]).start(); print('up', flush=True); input()"
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as parent:  # noqa: S603 - ours
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        known = read(tmp_path / "broker.json")
        assert known is not None
        assert known.process.alive()
        parent.send_signal(how)
    assert known.process.wait(15.0)


def test_it_can_be_waited_for_within_a_running_event_loop(kafka: Broker) -> None:
    async def main() -> bool:
        return wait_until_serves(kafka.address, lambda: True, 10.0)

    assert asyncio.run(main())
