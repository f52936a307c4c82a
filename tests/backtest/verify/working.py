"""A worker in memory: what it reads, what it writes, and what is left of that for whoever verifies it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stream.archive.gaps import Gap
from stream.archive.recorded import Block, Recorded, blocks_of
from stream.backtest.known import Silent
from stream.backtest.verify.arrival import Run
from stream.backtest.verify.left import InForce, Left, Mark, Written
from stream.backtest.verify.verifying import Asked, Verified, verify
from stream.engine.alerts import document
from stream.engine.engine import Engine
from stream.engine.reading import read_event, topic_of
from stream.policy.spec import PolicySet
from topics.ledger import Clock

EVERYWHERE = Run(lateness_ms=0, real=False, belongs=lambda _key: None)
"""A worker that allows no lateness, and reads whatever is in its partition."""


@dataclass(frozen=True)
class Held:
    """The records of one partition, in memory."""

    records: Sequence[Recorded]
    name: str = "memory"
    gaps: Sequence[Gap] = ()

    def partitions(self) -> Sequence[int]:
        """One."""
        return (0,)

    def read(self, partition: int, shops: frozenset[bytes] | None = None) -> Iterator[Recorded]:
        """As they came."""
        return (record for record in self.records if shops is None or record.key in shops)

    def blocks(self, partition: int) -> Iterator[Block]:
        """As they came."""
        return blocks_of(self.read(partition))

    def fingerprint(self) -> str:
        """Nothing asks for it."""
        return "0"


@dataclass
class Worker:
    """As `stream.worker` drives the engine: facts, then the clock, then all that follows is written together."""

    policy: PolicySet
    records: list[Recorded] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    alerts: dict[str, list[Written]] = field(default_factory=dict)
    policies: list[InForce] = field(default_factory=list)
    began: int | None = 0
    drained_until: int | None = None
    now: int = 0
    """Real time, ten seconds a turn."""
    _ledger: dict[bytes, bytes | None] = field(default_factory=dict)
    _next: dict[str, int] = field(default_factory=dict)
    _engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        self._engine = Engine(self.policy)
        self.policies.append(InForce(None, self.policy))

    def turn(
        self, events: Iterable[Mapping[str, Any]], watermark: int | None, *, quiet: bool = False
    ) -> None:
        """Read ``events``, decide up to ``watermark``; of a ``quiet`` turn no clock is written."""
        self.now += 10_000
        for value in events:
            self._read(json.dumps(value).encode())
        changes = self._engine.advance(watermark)
        self._ledger |= changes.records
        for alert in changes.alerts:
            written = Written(json.loads(json.dumps(document(alert, self.now))), self.now)
            self.alerts.setdefault(alert.alert_id, []).append(written)
        if not quiet:
            self.marks.append(Mark(dict(self._next), self._engine.clock))

    def _read(self, value: bytes) -> None:
        event = read_event(None, None, value)
        topic = topic_of(event)
        offset = self._next.get(topic, 0)
        self.records.append(Recorded(topic, event.shop_id.encode(), value, 0, offset, self.now))
        self._next[topic] = offset + 1
        self._engine.apply(event)

    def start_with(self, policy: PolicySet) -> None:
        """Another process takes over, with nothing but the ledger; a new policy is noted."""
        before, self._engine = self._engine, Engine(policy)
        for key, value in self._ledger.items():
            if value is not None:
                self._engine.restore(key, value)
        for _ in self._engine.rebuild(before.clock, before.latest_fact):
            pass
        if policy.digest != self.policies[-1].policy.digest:
            self.policies.append(InForce(before.clock, policy))
        self.turn((), before.clock)

    @property
    def clock(self) -> Clock:
        """Its last clock record."""
        last = self.marks[-1]
        return Clock(
            format=1,
            group="g",
            policy=self.policies[-1].policy.digest,
            next=last.next,
            newest={},
            decided=last.decided,
            drained_until=self.drained_until,
        )

    def left(self, *, compacted: bool = False) -> Left:
        """What can be read of it, with the last clock record alone if they were ``compacted``."""
        marks = self.marks[-1:] if compacted else self.marks
        return Left(0, self.clock, marks, self.policies, self.began, self.alerts, frozenset())

    def verified(
        self, asked: Asked | None = None, *, compacted: bool = False, run: Run = EVERYWHERE, lost: int = 0
    ) -> Verified:
        """What comes of verifying it, where the first ``lost`` records have gone."""
        left = self.left(compacted=compacted)
        return verify(left, Held(self.records[lost:]), run, asked or Asked(), Silent())


def reasons(found: Verified) -> set[str]:
    """Why alerts differ."""
    return {each.because.reason for each in found.differing}
