"""A trade in which half of all records are no events, in every way there is, each beside the event that it was made of."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any, NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.partitioner import murmur2

from tests.worker.rig import PARTITIONS
from tests.worker.trade import SHOPS, Sent, Trade


class Broken(NamedTuple):
    """A record that is to end as a dead letter."""

    reason: str
    topic: str
    partition: int | None
    """None: where a producer puts its key."""
    key: bytes | None
    value: bytes | None


def _changed(value: bytes, **fields: object) -> bytes:
    return json.dumps(json.loads(value) | fields).encode()


def _without_time(value: bytes) -> bytes:
    return json.dumps(
        {name: each for name, each in json.loads(value).items() if name != "occurred_at"}
    ).encode()


VALUES: Mapping[str, Callable[[bytes], bytes | None]] = {
    "no_value": lambda _: None,
    "not_utf8": lambda value: b"\xff" + value,
    "not_json": lambda value: value[: len(value) // 2],
    "not_an_object": lambda value: b"[%b]" % value,
    "unknown_type": lambda value: _changed(value, type="parcel_lost"),
    "missing_field": _without_time,
    "wrong_field": lambda value: _changed(value, occurred_at="yesterday"),
    "no_offset": lambda value: _changed(value, occurred_at="2023-11-14T22:13:20"),
    "id_too_long": lambda value: _changed(value, order_id="x" * 300),
    "too_old": lambda value: _changed(value, occurred_at="2001-01-01T00:00:00Z"),
}
"""What becomes of an event's value, by the reason that is to be given for it."""

TOO_OLD = "too_old"
"""For a worker that has a clock."""
NO_KEY = "no_key"
ALWAYS = (
    *(way for way in VALUES if way != TOO_OLD),
    "wrong_topic",
    "wrong_partition",
    "key_not_shop",
    NO_KEY,
)
"""The ways in which an event can be broken for whatever worker; but for the last, by the reason that is to be given."""


def broken(way: str, topic: str, key: bytes, value: bytes) -> Broken:
    """What an event becomes."""
    if way == "wrong_topic":
        return Broken(way, "pickups" if topic == "ships" else "ships", None, key, value)
    if way == "wrong_partition":
        return Broken(way, topic, (int(murmur2(key) & 0x7FFFFFFF) + 1) % PARTITIONS, key, value)
    if way == "key_not_shop":
        return Broken(way, topic, None, b"shop-%d" % SHOPS, value)
    if way == NO_KEY:
        return Broken("key_not_shop", topic, None, None, value)
    return Broken(way, topic, None, key, VALUES[way](value))


@dataclass
class Flood(Trade):
    """``broken`` are the records that are none, by their places in Kafka: topic, partition, offset."""

    broken: dict[bytes, Broken] = field(default_factory=dict)
    ways: tuple[str, ...] = ALWAYS

    def reasons(self) -> set[str]:
        """All that are to be given."""
        return {*self.ways} - {NO_KEY}

    async def _send(self, producer: AIOKafkaProducer, events: list[Sent]) -> None:
        beside = [broken(way, *event) for way, event in zip(cycle(self.ways), events, strict=False)]
        records: list[Sent | Broken] = [*events, *beside]
        self._dice.shuffle(records)
        waiting = [(record, await self._handed_over(producer, record)) for record in records]
        for record, future in waiting:
            placed = await future
            if isinstance(record, Broken):
                self.broken[b"%b/%d/%d" % (record.topic.encode(), placed.partition, placed.offset)] = record
        self.sent += events

    async def _handed_over(self, producer: AIOKafkaProducer, record: Sent | Broken) -> Any:
        if isinstance(record, Broken):
            _, topic, partition, key, value = record
            return await producer.send(self.rig.prefix + topic, value=value, key=key, partition=partition)
        topic, key, value = record
        return await producer.send(self.rig.prefix + topic, value=value, key=key)
