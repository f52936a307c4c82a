"""How is a Kafka waited for that does not answer yet?"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError

from stream.cli.saying import say
from stream.feed.sending import new_producer

RETRY_S = 2.0

Connection = TypeVar("Connection")


async def once_kafka_answers(
    command: str, bootstrap: str, connect: Callable[[], Awaitable[Connection]]
) -> Connection:
    """What ``connect`` returns; as long as there is no Kafka, one line says so and it is tried again."""
    said = False
    while True:
        try:
            return await connect()
        except (KafkaError, OSError) as error:
            if not said:
                why = "" if isinstance(error, KafkaConnectionError) else f" ({error})"
                say(
                    command,
                    f"no Kafka answers at {bootstrap}{why}; trying again every {RETRY_S:.0f} s "
                    "(--bootstrap or SHOPWATCH_BOOTSTRAP names another)",
                )
            said = True
        await asyncio.sleep(RETRY_S)


async def open_producer(bootstrap: str) -> AIOKafkaProducer:
    """One that sends to the input topics; raises aiokafka's KafkaError where no Kafka answers."""
    producer = new_producer(bootstrap)
    try:
        await producer.start()
    except BaseException:
        await producer.stop()
        raise
    return producer
