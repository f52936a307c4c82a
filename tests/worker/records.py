"""Records and batches as the transport hands them out, made by hand."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from stream.worker.transport import Batch
from topics.times import rfc3339


@dataclass
class FakeRecord:
    """As aiokafka's."""

    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


def event(kind: str, shop: str, order: str, at: int) -> bytes:
    """An event for the small engine."""
    fields = {"type": kind, "event_id": "e", "shop_id": shop, "order_id": order, "occurred_at": rfc3339(at)}
    return json.dumps(fields).encode()


def batch(
    topic: str, begins_at: int | None, *values: bytes | None, key: bytes = b"s", skip: int = 0
) -> Batch:
    """Values at consecutive offsets, ``skip`` of them missing before the first."""
    first = (begins_at or 0) + skip
    records = [FakeRecord(offset, 1_000, key, value) for offset, value in enumerate(values, first)]
    return Batch(topic, 0, begins_at, records)
