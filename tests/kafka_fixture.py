"""Where does the suite's Kafka come from? One a session, or the one that SHOPWATCH_TEST_BOOTSTRAP names."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True)
class OtherKafka:
    """A Kafka that somebody else runs, without the settings above."""

    address: str


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker | OtherKafka]:
    """A Kafka at ``kafka.address``, shared by the session: use topics and groups of your own."""
    given = os.environ.get("SHOPWATCH_TEST_BOOTSTRAP")
    if given:
        yield OtherKafka(given)
        return
    with Broker(tmp_path_factory.mktemp("kafka"), settings=SETTINGS) as broker:
        yield broker
