"""How does a command come to Kafka?"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from aiokafka import AIOKafkaProducer

from stream.admin.cluster import Cluster
from stream.cli.saying import say
from stream.feed.sending import Limits, new_producer
from stream.worker import connecting
from topics.catalogue import INPUTS

Connection = TypeVar("Connection")


async def once_kafka_answers(
    command: str, bootstrap: str, connect: Callable[[], Awaitable[Connection]]
) -> Connection:
    """What ``connect`` returns; as long as there is no Kafka, one line says so and it is tried again."""
    return await connecting.once_kafka_answers(bootstrap, partial(say, command), connect)


async def open_producer(bootstrap: str) -> AIOKafkaProducer:
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
