"""What do all tests share?  The one Kafka, a test's own topics on it, signals that are heard, and an order in which two processes finish soonest."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.cli.shell import Shell
from tests.kafka_fixture import Addressed, kafka
from tests.worker.rig import Rig

__all__ = ["kafka"]

# An example that takes more than 200 ms on a busy machine is no finding, nor are some large ones in a row.
settings.register_profile(
    "patient",
    settings(),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("patient")


@pytest.fixture
def rig(kafka: Addressed, tmp_path: Path) -> Iterator[Rig]:
    """Topics of the test's own, looked into, not made; whatever worker it starts is ended with it."""
    found = Rig(kafka.address, tmp_path)
    try:
        yield found
    finally:
        found.end()


@pytest.fixture
def shell(rig: Rig) -> Shell:
    """The command line on them."""
    return Shell(rig.address, rig.prefix)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that wait for Kafka go first: the many short ones fill the gaps, and nobody waits for a long one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("kafka") is None)


@pytest.fixture(scope="session", autouse=True)
def _signals_are_heard() -> Iterator[None]:
    """Whoever runs the tests in the background, or under nohup, has them ignored, and every process that a test starts."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
