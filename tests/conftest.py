"""What do all tests share?  The one Kafka, and an order in which two processes finish soonest."""

import pytest

from tests.kafka_fixture import kafka

__all__ = ["kafka"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that wait for Kafka go first: the many short ones fill the gaps, and nobody waits for a long one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("kafka") is None)
