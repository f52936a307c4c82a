"""How does a command come to Kafka?"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from aiokafka import AIOKafkaProducer

from stream.admin.cluster import Cluster
from stream.cli.saying import CommandError, say
from stream.feed.sending import Limits, new_producer
from stream.kafka import connecting
from stream.kafka.access import Access
from stream.worker.settings import Patience, Settings, Topics
from topics.catalogue import INPUTS

Connection = TypeVar("Connection")

PATIENCE_S = 60.0
"""Somebody, or a pipeline, waits for the answer to a question; a Kafka that is being started has come by then."""

QUESTIONS = frozenset({"alerts", "archive", "backtest", "explain", "ledger", "rates", "verify"})
"""Commands that end with an answer; the others go on waiting: they serve for months, or feed a Kafka that is still to come."""


async def once_kafka_answers(
    command: str, bootstrap: Access, connect: Callable[[], Awaitable[Connection]]
) -> Connection:
    """What ``connect`` returns; as long as there is no Kafka, one line says so and it is tried again.

    Of a ``command`` that is a question for PATIENCE_S at most: then CommandError is raised.
    """
    try:
        async with asyncio.timeout(_patience_s(command)):
            return await connecting.once_kafka_answers(
                bootstrap, partial(say, command, level="warning"), connect
            )
    except TimeoutError:
        raise CommandError(
            f"no Kafka has answered at {bootstrap} for {PATIENCE_S:.0f} s; start it, or name another "
            "(--bootstrap, SHOPWATCH_BOOTSTRAP)"
        ) from None


def asking(command: str, bootstrap: Access, prefix: str) -> Settings:
    """How ``command`` reads what workers write: a Kafka that goes meanwhile is waited for as long as one that does not answer yet."""
    patience = Patience(silence_s=_patience_s(command))
    return Settings(policies=(), bootstrap=bootstrap, topics=Topics(prefix), patience=patience)


def _patience_s(command: str) -> float | None:
    return PATIENCE_S if command in QUESTIONS else None


async def open_producer(bootstrap: Access) -> AIOKafkaProducer:
    """One that sends to the input topics; raises aiokafka's KafkaError where no Kafka answers."""
    producer = new_producer(bootstrap)
    try:
        await producer.start()
    except BaseException:
        await producer.stop()
        raise
    return producer


async def input_limits(cluster: Cluster) -> Limits:
    """How much the input topics take; raises MissingTopicsError, for a producer would have the broker make them."""
    await cluster.partitions(INPUTS)
    found = await cluster.found(INPUTS)
    return {topic: int(found[topic].config["max.message.bytes"]) for topic in INPUTS}
