"""How is a Kafka waited for that does not answer yet?"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiokafka.errors import KafkaConnectionError, KafkaError

from stream.kafka.access import Access
from stream.kafka.refusal import look

RETRY_S = 2.0

Connection = TypeVar("Connection")


async def once_kafka_answers(
    bootstrap: Access, tell: Callable[[str], None], connect: Callable[[], Awaitable[Connection]]
) -> Connection:
    """What ``connect`` returns; as long as there is no Kafka it is tried again, which is told once.

    Raises RefusedError where a Kafka answers that will not have us, or that we do not trust.
    """
    said = False
    while True:
        try:
            return await connect()
        except (KafkaError, OSError) as error:
            why = await look(bootstrap) if isinstance(error, KafkaConnectionError) else str(error)
            if not said:
                tell(
                    f"no Kafka answers at {bootstrap}{f' ({why})' if why else ''}; trying again every {RETRY_S:.0f} s "
                    "(--bootstrap or SHOPWATCH_BOOTSTRAP names another)"
                )
            said = True
        await asyncio.sleep(RETRY_S)
