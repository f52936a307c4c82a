"""Where does the suite's Kafka come from?  One for all of its processes, or the one that SHOPWATCH_TEST_BOOTSTRAP names."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from stream.broker import Broker

SETTINGS = {
    # The cleaner runs all the time, so that tests meet compacted logs.
    "log.cleaner.backoff.ms": "500",
    # What a killed producer left open is aborted soon after its own transaction.timeout.ms.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
    # A killed consumer is missed as soon as its test likes.
    "group.min.session.timeout.ms": "500",
}


class Addressed(Protocol):
    """A broker with an address: what a test may know of it."""

    @property
    def address(self) -> str:
        """HOST:PORT."""
        ...


@dataclass(frozen=True)
class OtherKafka:
    """A Kafka that somebody else runs, without the settings above."""

    address: str


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker | OtherKafka]:
    """A Kafka at ``kafka.address``, shared by the whole run: use topics and groups of your own."""
    given = os.environ.get("SHOPWATCH_TEST_BOOTSTRAP")
    if given:
        yield OtherKafka(given)
        return
    with shared_broker(_directory_of_the_run(tmp_path_factory)) as broker:
        yield broker


def _directory_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in all processes of one run: xdist gives each its own directory within one."""
    own = tmp_path_factory.getbasetemp()
    directory = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "kafka"
    directory.mkdir(exist_ok=True)
    return directory


@contextmanager
def shared_broker(directory: Path) -> Iterator[Broker]:
    """The first process to come starts it, and stops it when the last has gone."""
    broker = Broker(directory, settings=SETTINGS)
    with (directory / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        started = broker.start()
        try:
            yield broker
        finally:
            if started:
                fcntl.flock(users, fcntl.LOCK_EX)
                broker.stop()
