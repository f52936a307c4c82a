"""Fixtures of the notifier's tests on a real Kafka."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.cli.shell import Shell
from tests.merchant.notify.receiver import Receiver, receiving
from tests.worker.rig import Rig


class Addressed(Protocol):
    """A broker with an address."""

    @property
    def address(self) -> str:
        """HOST:PORT."""
        ...


@pytest.fixture
def rig(kafka: Addressed, tmp_path: Path) -> Iterator[Rig]:
    """Topics of the test's own; whatever it starts is ended with it."""
    made = Rig(kafka.address, tmp_path)
    try:
        yield made
    finally:
        made.end()


@pytest.fixture
def shell(rig: Rig) -> Shell:
    """The command line on them."""
    return Shell(rig.address, rig.prefix)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver of webhooks."""
    with receiving() as made:
        yield made
