"""What does the ledger hold, and which of it cannot be read?"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition

from stream.engine.ledger import UnreadableRecordError, read_key, read_order, read_states
from stream.worker.bulk import read_all
from stream.worker.ledger import CLOCK_KEY, UnreadableClockError, decode_clock
from stream.worker.settings import Settings
from topics.ledger import Clock


@dataclass(slots=True)
class Held:
    """One partition of the ledger: of each key what was written last, sorted by what it is."""

    number: int
    has_clock: bool = False
    clock: Clock | None = None
    """None also where there is one that cannot be read."""
    orders: dict[bytes, bytes] = field(default_factory=dict)
    states: dict[bytes, bytes] = field(default_factory=dict)
    unreadable: dict[bytes, str] = field(default_factory=dict)
    """By key: why."""

    @property
    def empty(self) -> bool:
        """Whether nothing was ever kept here."""
        return not (self.has_clock or self.orders or self.states or self.unreadable)

    def sort(self, key: bytes, value: bytes) -> None:
        """Find out what a record is, and whether it can be read."""
        self.has_clock = self.has_clock or key == CLOCK_KEY
        try:
            if key == CLOCK_KEY:
                self.clock = decode_clock(value)
            elif read_key(key)[1] is None:
                read_states(key, value)
                self.states[key] = value
            else:
                read_order(key, value)
                self.orders[key] = value
        except (UnreadableClockError, UnreadableRecordError) as error:
            self.unreadable[key] = str(error)


async def read_ledger(settings: Settings, numbers: Collection[int]) -> Mapping[int, Held]:
    """All that is committed of these partitions."""
    values = await latest_values(settings, "ledger", numbers)
    found = {number: Held(number) for number in numbers}
    for number, of_partition in values.items():
        for key, value in of_partition.items():
            found[number].sort(key, value)
    return found


async def latest_values(
    settings: Settings, topic: str, numbers: Collection[int]
) -> Mapping[int, Mapping[bytes, bytes]]:
    """Of each partition of a compacted topic, by its name in the contract, the last value of each key, the latest last."""
    values: dict[int, dict[bytes, bytes]] = {number: {} for number in numbers}

    def take(record: Any) -> None:
        of_partition = values[record.partition]
        of_partition.pop(record.key, None)
        if record.value is not None:
            of_partition[record.key] = record.value

    await read_all(settings, [TopicPartition(settings.topics.name(topic), n) for n in numbers], take)
    return values
