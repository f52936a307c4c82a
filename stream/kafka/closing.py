"""How is a client of Kafka's closed where Kafka may have gone?"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

PATIENCE_S = 3.0


async def close(stop: Coroutine[Any, Any, None], patience_s: float = PATIENCE_S) -> None:
    """Run ``stop`` for a while at most, and whatever it raises is of no interest any more.

    Without Kafka a producer's waits for ever, and a consumer's raises the cancellation of its own parts.
    """
    task = asyncio.ensure_future(stop)
    await asyncio.wait([task], timeout=patience_s)
    if not task.done():
        task.cancel()
        return
    with suppress(asyncio.CancelledError, Exception):
        task.result()  # who does not ask is told of it in the log
