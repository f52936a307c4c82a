"""What becomes of a record that cannot be counted?  It is kept as it came, with why, and its neighbours go on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from stream.worker.transport import Record

FIRST_PART = 1_000_000
"""So many bytes of a value are kept: with key and headers it still fits into Kafka's default ``max.message.bytes``."""
FIRST_PART_OF_HEADER = 2_048
HEADERS_KEPT = 8

HostReason = Literal["wrong_partition", "key_not_shop", "from_the_future", "too_old"]
"""Reasons of the worker's own; the others are those of `stream.engine.reading`."""

Header = tuple[str, bytes]


class Origin(NamedTuple):
    """Where records come from: a topic, by its name in the contract, and a partition."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record for ``<topic>.dlt``."""

    topic: str
    """Where it came from, by its name in the contract."""
    reason: str
    key: bytes
    value: bytes | None
    headers: Sequence[Header]


def dead_letter(origin: Origin, record: Record, reason: str, detail: str) -> DeadLetter:
    """Keep ``record``, of ``origin``; ``reason`` is one word for machines, ``detail`` a sentence."""
    topic, partition = origin
    headers: list[Header] = [
        ("reason", reason.encode()),
        ("detail", _first_part(detail.encode("utf-8", "backslashreplace"))),
        ("topic", topic.encode()),
        ("partition", b"%d" % partition),
        ("offset", b"%d" % record.offset),
        ("timestamp", b"%d" % record.timestamp),
        *_cut(record.value),
        *_original(record),
    ]
    value = record.value if record.value is None else record.value[:FIRST_PART]
    return DeadLetter(topic, reason, b"%b/%d/%d" % (topic.encode(), partition, record.offset), value, headers)


def _cut(value: bytes | None) -> Sequence[Header]:
    if value is None or len(value) <= FIRST_PART:
        return ()
    return [("length", b"%d" % len(value))]


def _original(record: Record) -> Sequence[Header]:
    key = [] if record.key is None else [("original.key", _first_part(record.key))]
    if record.key is not None and len(record.key) > FIRST_PART_OF_HEADER:
        key.append(("original.key.length", b"%d" % len(record.key)))
    kept = list(record.headers)[:HEADERS_KEPT]
    return [*key, *((f"original.header.{name[:256]}", _first_part(value or b"")) for name, value in kept)]


def _first_part(value: bytes) -> bytes:
    return value[:FIRST_PART_OF_HEADER]
