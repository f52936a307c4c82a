"""Which alerts has the worker written so far?"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from stream.kafka.access import Access
from stream.kafka.closing import close
from topics.alerts import Alert

POLL_MS = 200


@dataclass(slots=True)
class Tally:
    """The alerts seen, by their ids: one that is written again is still one."""

    fired: set[str] = field(default_factory=set)
    resolved: set[str] = field(default_factory=set)

    def is_news(self, alert: Alert) -> bool:
        """Whether it has not been seen in this state; remembers it."""
        seen = self.fired if alert.resolved_at is None else self.resolved
        news = alert.alert_id not in seen
        seen.add(alert.alert_id)
        self.fired.add(alert.alert_id)
        return news


class AlertReader:
    """Hands every alert that fires or resolves to ``tell``, once, when its transaction is committed."""

    def __init__(self, consumer: AIOKafkaConsumer, tell: Callable[[Alert], None]) -> None:
        self._consumer = consumer
        self._tell = tell
        self._decode = msgspec.json.Decoder(Alert).decode
        self.tally = Tally()

    async def run(self) -> None:
        """For ever."""
        while True:
            await self._read()

    async def read_rest(self) -> None:
        """Until all is told that is there now."""
        partitions = self._consumer.assignment()
        ends = await self._consumer.end_offsets(partitions)
        while [tp for tp in partitions if await self._consumer.position(tp) < ends[tp]]:
            await self._read()

    async def _read(self) -> None:
        for records in (await self._consumer.getmany(timeout_ms=POLL_MS)).values():
            for record in records:
                if record.value is not None:
                    self._take(self._decode(record.value))

    def _take(self, alert: Alert) -> None:
        if self.tally.is_news(alert):
            self._tell(alert)


@asynccontextmanager
async def alerts(
    address: Access, topic: str, partitions: int, tell: Callable[[Alert], None]
) -> AsyncIterator[AlertReader]:
    """Read the topic of alerts from its beginning."""
    consumer = AIOKafkaConsumer(
        **address.client(),
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, number) for number in range(partitions)])
        yield AlertReader(consumer, tell)
    finally:
        await close(consumer.stop())
