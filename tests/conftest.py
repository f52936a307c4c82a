"""What do all tests share?  The one Kafka, signals that are heard, and an order in which two processes finish soonest."""

import signal
from collections.abc import Iterator

import pytest

from tests.kafka_fixture import kafka

__all__ = ["kafka"]


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
