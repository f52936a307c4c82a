"""Does the broker answer, rather than merely listen?"""

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

POLL_S = 0.05
REQUEST_S = 5.0


def wait_until_serves(address: str, alive: Callable[[], bool], patience_s: float) -> bool:
    """Whether it came to answer, within so many seconds and before its process ended."""
    deadline = time.monotonic() + patience_s
    while alive() and time.monotonic() < deadline:
        if _accepts(address) and serves(address):
            return True
        time.sleep(POLL_S)
    return False


def _accepts(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1.0).close()
    except OSError:
        return False
    return True


def serves(address: str) -> bool:
    """Whether it knows itself as a broker of the cluster, and its controller would make a topic.

    Neither needs an internal topic, which Kafka makes at its first use only.
    """
    # A thread of its own: the caller's may be running an event loop already.
    with ThreadPoolExecutor(1) as pool, _quiet("aiokafka"):
        return pool.submit(asyncio.run, _serves(address)).result()


async def _serves(address: str) -> bool:
    admin = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=int(REQUEST_S * 1000))
    try:
        async with asyncio.timeout(2 * REQUEST_S):
            await admin.start()
            cluster = await admin.describe_cluster()
            trial = NewTopic("shopwatch-would-this-be-made", num_partitions=1, replication_factor=1)
            answer = await admin.create_topics([trial], validate_only=True)
            return bool(cluster["brokers"]) and all(error[1] == 0 for error in answer.topic_errors)
    except (KafkaError, OSError, TimeoutError):
        return False
    finally:
        await admin.close()


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """A broker that is not up yet is expected here; its client need not log it as an error."""
    logger = logging.getLogger(name)
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)
