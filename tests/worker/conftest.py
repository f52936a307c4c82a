"""Fixtures of the worker's tests on a real Kafka."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.worker.rig import Rig


class Addressed(Protocol):
    """A broker with an address."""

    @property
    def address(self) -> str:
        """Where it answers."""
        ...


@pytest.fixture
def rig(kafka: Addressed, tmp_path: Path) -> Iterator[Rig]:
    """Topics of the test's own, and whatever worker it starts is ended with it."""
    made = Rig(kafka.address, tmp_path)
    try:
        yield made
    finally:
        made.end()
