"""How is a Kafka waited for that does not answer yet?"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiokafka.errors import KafkaConnectionError, KafkaError

RETRY_S = 2.0

Connection = TypeVar("Connection")


async def once_kafka_answers(
    bootstrap: str, tell: Callable[[str], None], connect: Callable[[], Awaitable[Connection]]
) -> Connection:
    """What ``connect`` returns; as long as there is no Kafka it is tried again, which is told once."""
    said = False
    while True:
        try:
            return await connect()
        except (KafkaError, OSError) as error:
            if not said:
                why = "" if isinstance(error, KafkaConnectionError) else f" ({error})"
                tell(
                    f"no Kafka answers at {bootstrap}{why}; trying again every {RETRY_S:.0f} s "
                    "(--bootstrap or SHOPWATCH_BOOTSTRAP names another)"
                )
            said = True
        await asyncio.sleep(RETRY_S)
