"""How is the engine driven as a worker drives it, without Kafka?  Batches in, a turn after each, the clock behind them."""

import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import orjson
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from benchmarks.kafka import BATCH_BYTES
from benchmarks.stream import Told
from stream.engine.alerts import document
from stream.engine.engine import Changes, Engine
from stream.engine.reading import Event, read_event
from stream.policy.spec import PolicySet

BATCH = 2_000
LATENESS_MS = 100
"""The streams are in order; with the usual 10 s the second half of a peak would not be decided at all."""


@dataclass(slots=True)
class Spent:
    """Seconds of CPU by what was done (others on the machine do not count), and what came out."""

    reading: float = 0.0
    joining: float = 0.0
    deciding: float = 0.0
    encoding: float = 0.0
    events: int = 0
    alerts: int = 0
    written: int = 0


@dataclass(slots=True)
class Drive:
    """One engine, and the time spent in it so far."""

    policy: PolicySet
    engine: Engine = field(init=False)
    spent: Spent = field(default_factory=Spent)

    def __post_init__(self) -> None:
        self.engine = Engine(self.policy)

    def all(self, told: Sequence[Told]) -> Spent:
        """Every event, in batches; the collector is frozen before, as it is after a recovery."""
        gc.collect()
        gc.freeze()
        for begin in range(0, len(told), BATCH):
            self.batch(told[begin : begin + BATCH])
        return self.spent

    def batch(self, told: Sequence[Told]) -> None:
        """Read, join, decide, encode."""
        spent, clock = self.spent, time.process_time
        began = clock()
        events = self.read(told)
        was_read = clock()
        self.join(events)
        joined = clock()
        changes = self.decide(told[-1].at - LATENESS_MS)
        decided = clock()
        self.encode(changes)
        spent.encoding += clock() - decided
        spent.deciding += decided - joined
        spent.joining += joined - was_read
        spent.reading += was_read - began
        spent.events += len(told)

    def read(self, told: Sequence[Told]) -> list[Event]:
        """Bytes to events."""
        return [read_event(event.topic, event.key, event.value) for event in told]

    def join(self, events: Sequence[Event]) -> None:
        """Facts to records."""
        apply = self.engine.apply
        for event in events:
            apply(event)

    def decide(self, watermark: int) -> Changes:
        """What is due."""
        return self.engine.advance(watermark)

    def encode(self, changes: Changes) -> None:
        """What a worker writes of it: the ledger's records, alerts, and rates of the shops that have changed."""
        batch, written = _batch(), 0
        for key, value in self._rows(changes):
            if batch.append(written, None, key, value, []) is None:
                batch.build()
                batch, written = _batch(), 0
                batch.append(written, None, key, value, [])
            written += 1
            self.spent.written += 1
        batch.build()
        self.spent.alerts += len(changes.alerts)

    def _rows(self, changes: Changes) -> Iterator[tuple[bytes, bytes | None]]:
        yield from changes.records.items()
        for alert in changes.alerts:
            yield alert.alert_id.encode(), orjson.dumps(document(alert, 0))
        # 2,000 a second is what a worker allows itself: at 50,000 events a second 80 of them fall to a batch.
        for shop in list(changes.touched)[: BATCH // 25]:
            yield shop.encode(), orjson.dumps(self.engine.rates(shop))


def _batch() -> DefaultRecordBatchBuilder:
    return DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=1, producer_id=1, producer_epoch=0, base_sequence=0,
        batch_size=BATCH_BYTES,
    )  # fmt: skip
