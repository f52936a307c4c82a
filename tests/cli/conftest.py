"""Fixtures of the command line's tests on a real Kafka."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.cli.shell import Shell
from tests.worker.rig import Rig


class Addressed(Protocol):
    """A broker with an address."""

    @property
    def address(self) -> str:
        """HOST:PORT."""
        ...


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
