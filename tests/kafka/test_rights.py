"""Is what Kafka denies us told from what is merely wrong with it?"""

import asyncio
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    IllegalOperation,
    KafkaError,
    NotControllerError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from aiokafka.producer.transaction_manager import TransactionManager

from stream.cli.notify.setting import Setup
from stream.cli.notify.watching import Watching
from stream.kafka.access import HERE
from stream.kafka.errors import DeniedError
from stream.kafka.rights import denied
from stream.merchant.api import following
from stream.merchant.api.following import Following, Health
from stream.merchant.api.shops import Shops
from stream.worker.ending import DIED, REFUSED, verdict
from stream.worker.producer import LaneProducer

NAMED = [
    (TopicAuthorizationFailedError("ledger"), "topic ledger"),
    (TopicAuthorizationFailedError({"rates", "alerts"}), "topics alerts, rates"),
    (TopicAuthorizationFailedError(), "topic"),
    (GroupAuthorizationFailedError("g"), "group g"),
    (GroupAuthorizationFailedError("Unable to get coordinator id for my group"), "group my group"),
    (TransactionalIdAuthorizationFailed("g-0"), "transactional id g-0"),
]


@pytest.mark.parametrize(("error", "what"), NAMED)
def test_what_is_denied_is_named_and_starting_again_will_not_help(error: KafkaError, what: str) -> None:
    refusal = denied(error)
    assert isinstance(refusal, DeniedError)
    assert str(refusal).startswith(f"Kafka denies us {what}; docs/deploy.md lists ")
    assert verdict("committing", error) == (str(refusal), REFUSED)


def test_other_errors_of_kafka_are_to_be_tried_again() -> None:
    assert denied(NotControllerError()) is None
    line, code = verdict("committing", NotControllerError())
    assert (line.startswith("committing: NotControllerError"), code) == (True, DIED)


def test_a_notifier_that_may_read_no_more_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, ...]] = []
    watching = Watching(Setup(HERE, "", "g"), cast("Any", None), {}, lambda *line: said.append(line))

    async def follow(_self: Watching) -> None:
        raise TopicAuthorizationFailedError("rates")

    monkeypatch.setattr(Watching, "_follow_while_there", follow)
    with pytest.raises(DeniedError, match="topic rates"):
        asyncio.run(watching.run())
    assert said == []


def test_a_batch_after_one_that_was_denied_says_what_was_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    async def over(*_: object, **_more: object) -> None:
        raise IllegalOperation("Can't send messages while not in transaction")

    async def play(why: KafkaError | None) -> None:
        producer = LaneProducer.__new__(LaneProducer)
        transaction = TransactionManager("g-0", 1_000)
        transaction._transaction_waiter = asyncio.get_running_loop().create_future()
        if why is not None:
            transaction._transaction_waiter.set_exception(why)
        producer._txn_manager, producer._closed = transaction, True
        await producer.send_batch(None, "ledger", partition=0)

    monkeypatch.setattr(AIOKafkaProducer, "send_batch", over)
    with pytest.raises(TopicAuthorizationFailedError):
        asyncio.run(play(TopicAuthorizationFailedError({"alerts"})))
    with pytest.raises(IllegalOperation):
        asyncio.run(play(None))


@pytest.mark.parametrize("ready", [False, True])
def test_an_api_that_has_shops_to_show_goes_on_showing_them(
    monkeypatch: pytest.MonkeyPatch, *, ready: bool
) -> None:
    said: list[tuple[str, ...]] = []
    health = Health(ready=ready)
    feed = Following(cast("Any", None), {}, Shops(1), lambda: 1, lambda *line: said.append(line), health)

    async def follow(_self: Following) -> None:
        if said:
            raise AssertionError("tried again")
        raise TopicAuthorizationFailedError("rates")

    monkeypatch.setattr(Following, "_while_kafka_answers", follow)
    monkeypatch.setattr(following, "RETRY_S", 0)
    with pytest.raises(AssertionError if ready else DeniedError):
        asyncio.run(feed.run())
    assert (health.away_since, [level for _, level in said]) == ((1, ["warning"]) if ready else (None, []))
