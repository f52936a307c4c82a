"""In which partition does a shop belong?

A key in another partition than its producer's hash gives would split a shop silently, so the worker looks.
"""

from collections.abc import Callable
from zlib import crc32

from aiokafka.partitioner import murmur2

from stream.worker.settings import Partitioner

Belongs = Callable[[bytes], int | None]
"""The partition that a key belongs in; None: any."""


def belongs_by(partitioner: Partitioner, partitions: int) -> Belongs:
    """The function for a setting: Kafka's own default, librdkafka's ``consistent_random``, or none."""
    if partitioner == "murmur2":
        return lambda key: (murmur2(key) & 0x7FFFFFFF) % partitions
    if partitioner == "crc32":
        return lambda key: crc32(key) % partitions
    return lambda _key: None
