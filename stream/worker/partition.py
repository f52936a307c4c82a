"""What does the host know of one partition?  Its engine, how far it has read, and what is to be written of it.

Everything here is synchronous and knows no Kafka client: batches in, rows of a transaction out.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import orjson

from stream.engine.watermark import Watermark
from stream.ops import catalogue as show
from stream.ops.episodes import Episodes
from stream.ops.marketplace import Marketplace
from stream.ops.registry import Metrics
from stream.ops.shops import Shops
from stream.ops.watched import Watched
from stream.worker.clock import elapsed_s, now_ms
from stream.worker.dead_letters import Origin, dead_letter
from stream.worker.errors import OffsetsDifferError
from stream.worker.hosted import Changes, Engine, Read, WriteAlert
from stream.worker.intake import Bounds, Intake, Refused, Taken
from stream.worker.ledger import CLOCK_FORMAT, CLOCK_KEY, encode_clock
from stream.worker.partitioner import Belongs
from stream.worker.rates import Budget, Waiting, encode_rates
from stream.worker.settings import Settings
from stream.worker.transaction import Row, Transaction
from stream.worker.transport import Batch, Record
from topics.catalogue import INPUTS
from topics.ledger import Clock

FIRST_STEP_MS = 3_600_000
STEP_SHORT_S = 0.02
STEP_LONG_S = 0.1
TURN_S = 0.05
"""A clock that is far behind (after a standstill, in a drain) is moved in steps of event time that take 20-100 ms, and
a turn of a lane goes on with them for 50 ms: nothing else runs meanwhile."""

RATES_S = 0.05
RATES_AT_ONCE = 8
"""Rates are made for so long a turn, so many at once: of a shop with thousands of open orders they take milliseconds."""

DRAINED_RATES_A_TURN = 2_000
"""At the end of a drain, where no budget holds: keeps a transaction within a few megabytes."""

FOR_EVER = 1 << 62
"""After all times that the contract can write."""


def nobody_is_told(_origin: Origin, _record: Record, _reason: str) -> None:
    """Nor are they kept here: they are in the topic of dead letters."""


@dataclass(frozen=True, slots=True)
class Work:
    """What all partitions of a worker share."""

    settings: Settings
    policy: str
    """Digest of the policy set."""
    read: Read
    write_alert: WriteAlert
    belongs: Belongs
    metrics: Metrics
    budget: Budget
    now_ms: Callable[[], int] = now_ms
    elapsed_s: Callable[[], float] = elapsed_s
    partitions: int | None = None
    """How many every topic has; None: nobody has counted."""
    buried: Callable[[Origin, Record, str], None] = nobody_is_told
    """Told of every dead letter: whence, record, reason."""
    marketplace: Marketplace = field(default_factory=lambda: Marketplace(Watched((), ()), 0))


@dataclass(slots=True)
class Partition:
    """One partition number of all input topics."""

    number: int
    work: Work
    engine: Engine
    next: dict[str, int] = field(default_factory=dict)
    """The next offset to be read of each input topic."""
    oldest: int | None = None
    """The oldest event time read while nothing was decided: where a drain's steps begin."""
    drained_until: int | None = None
    end_at: int | None = None
    """Where a drain ends, once that is known."""
    lag: int = 0
    """Events in the topics that were still to be read when their ends were last asked for."""
    announce: list[tuple[str, Row]] = field(default_factory=list)
    """Rows for the next transaction, by topic in the contract."""
    shops: Shops = field(init=False)
    waiting: Waiting = field(init=False)
    watermark: Watermark = field(init=False)
    _newest: dict[str, int] = field(default_factory=dict)
    _at_end: set[str] = field(default_factory=set)
    _step: int = FIRST_STEP_MS
    _intake: Intake = field(init=False)
    _episodes: Episodes = field(default_factory=Episodes)

    def __post_init__(self) -> None:
        self.shops = self.work.marketplace.shops()
        self.waiting = Waiting(self.engine.in_trouble, self.shops.tell)
        self._intake = Intake(self.work.read, self.engine.apply, self.work.belongs, self.number)
        settings = self.work.settings
        self.watermark = Watermark(INPUTS, settings.lateness_ms, settings.real)

    # -- the clock record

    def clock(self) -> Clock:
        """What the ledger must say of this partition now."""
        return Clock(
            format=CLOCK_FORMAT,
            group=self.work.settings.group.name,
            policy=self.work.policy,
            next=dict(self.next),
            newest=dict(self._newest),
            decided=self.engine.clock,
            latest_fact=self.engine.latest_fact,
            watermark=self.watermark.value,
            oldest=self.oldest if self.engine.clock is None else None,
            drained_until=self.drained_until,
            partitions=self.work.partitions,
        )

    def resume(self, clock: Clock) -> None:
        """Go on from a clock record; the engine has been rebuilt."""
        self.next = dict(clock.next)
        self.oldest = clock.oldest
        self.drained_until = clock.drained_until
        self._newest = dict(clock.newest)
        self.watermark.restore(clock.watermark, clock.newest)

    # -- records in

    def apply(self, batch: Batch, transaction: Transaction) -> None:
        """Join what can be joined; the rest goes to the dead letters of ``transaction``."""
        topic = self.work.settings.topics.topic(batch.topic)
        self._must_follow(topic, batch)
        taken = self._intake.take(topic, batch.records, self._bounds())
        if taken.newest is not None:
            self._newest[topic] = max(taken.newest, self._newest.get(topic, taken.newest))
        if taken.oldest is not None:
            self.oldest = taken.oldest if self.oldest is None else min(taken.oldest, self.oldest)
        for refused in taken.refused:
            self._bury(Origin(topic, self.number), refused, transaction)
        self.next[topic] = batch.next_offset
        self.watermark.goes_on(topic)
        self._at_end.discard(topic)
        transaction.offsets[batch.topic] = batch.next_offset
        transaction.read += len(batch.records)
        self._count_records(topic, taken)

    def _count_records(self, topic: str, taken: Taken) -> None:
        metrics, buried = self.work.metrics, len(taken.refused)
        results = {**taken.outcomes, "dead_letter": buried} if buried else taken.outcomes
        metrics.observe(show.BATCHES, sum(results.values()), topic=topic)
        for result, amount in results.items():
            metrics.count(show.EVENTS, amount, topic=topic, result=result)

    def _must_follow(self, topic: str, batch: Batch) -> None:
        """The group's offset and the ledger's were committed together, so they agree."""
        known = self.next.get(topic, 0)
        if (batch.begins_at or 0) != known:
            raise OffsetsDifferError(batch.topic, batch.partition, known, batch.begins_at or 0)
        if batch.hole:
            self.work.metrics.count(show.HOLES, topic=topic)

    def _bounds(self) -> Bounds:
        """Those of a batch: asked for record by record they would cost as much as joining."""
        settings = self.work.settings
        return Bounds(
            self.work.now_ms() + settings.max_ahead_ms if settings.real else FOR_EVER,
            settings.until_ms if settings.drain and settings.until_ms is not None else FOR_EVER,
        )

    def _bury(self, origin: Origin, refused: Refused, transaction: Transaction) -> None:
        letter = dead_letter(origin, *refused)
        name = self.work.settings.topics.dead_letters(origin.topic)
        transaction.add(name, Row(letter.key, letter.value, letter.headers))
        self.work.metrics.count(show.DEAD_LETTERS, topic=origin.topic, reason=refused.reason)
        self.work.buried(origin, refused.record, refused.reason)

    # -- how far the topics have been read

    def newest(self) -> Mapping[str, int]:
        """The newest event times now; to be kept from a question for the topics' ends until its answer."""
        return dict(self._newest)

    def answered(self, asked_at: int, newest: Mapping[str, int], at_end: Collection[str]) -> None:
        """The topics ``at_end`` have been applied up to their ends as they were at ``asked_at``.

        Of the others only what had been read by then counts (``newest``): with a record read later there may be records
        in a topic ``at_end`` that are newer than its end.
        """
        for topic, at in newest.items():
            self.watermark.saw(topic, at)
        for topic in INPUTS:
            if topic not in at_end:
                self.watermark.goes_on(topic)
        if not self.work.settings.real:
            # Whoever reads as fast as it comes finds every topic at its end at every question, and there the clock stands still.
            # Those that have come to their end since the last one were not there a moment ago, and the others were.
            self.watermark.advance()
        for topic in at_end:
            self.watermark.ended(topic, asked_at)
        self._at_end = set(at_end)
        self.watermark.advance()

    def _target(self) -> int | None:
        """How far the clock may move now; None: not at all."""
        if self.work.settings.drain:
            return self.end_at
        if not self._at_end:
            for topic, at in self._newest.items():
                self.watermark.saw(topic, at)
            self.watermark.advance()
        return self.watermark.value

    # -- rows out

    def turn(self, transaction: Transaction) -> bool:
        """Decide what is due and fill ``transaction``; True if there is more to decide at once."""
        more = self._advance(transaction)
        if not self.work.settings.drain:
            self._write_rates(transaction)
        for topic, row in self.announce:
            transaction.add(self.work.settings.topics.name(topic), row)
        self.announce.clear()
        return more

    def seal(self, transaction: Transaction) -> None:
        """The last row: where this partition stands with all the others written."""
        transaction.ledger[CLOCK_KEY] = encode_clock(self.clock())

    def _advance(self, transaction: Transaction) -> bool:
        target = self._target()
        if target is None:
            self._store(self.engine.advance(None), transaction)
            return False
        until_s = self.work.elapsed_s() + TURN_S
        while True:
            began_s = self.work.elapsed_s()
            reached = self._next_step(target)
            self._store(self.engine.advance(reached), transaction)
            now_s = self.work.elapsed_s()
            self._fit_step(now_s - began_s)
            if reached >= target:
                return False
            if now_s >= until_s:
                return True

    def _next_step(self, target: int) -> int:
        clock = self.engine.clock
        if clock is not None:
            return max(min(target, clock + self._step), clock)
        return target if self.oldest is None else min(target, self.oldest + self._step)

    def _fit_step(self, took_s: float) -> None:
        if took_s < STEP_SHORT_S:
            self._step *= 2
        elif took_s > STEP_LONG_S:
            self._step = max(self._step // 2, 1_000)

    def _store(self, changes: Changes, transaction: Transaction) -> None:
        name = self.work.settings.topics.name("alerts")
        for alert in changes.alerts:
            document = self.work.write_alert(alert, self.work.now_ms())
            transaction.add(name, Row(str(document["alert_id"]).encode(), orjson.dumps(document)))
            self._count(document)
        transaction.ledger.update(changes.records)
        self.waiting.add(changes.touched)
        if changes.retractions:
            self.work.metrics.count(show.RETRACTIONS, changes.retractions)

    def _count(self, alert: Mapping[str, object]) -> None:
        metrics = self.work.metrics
        rule, severity, state = (str(alert[label]) for label in show.ALERTS.labels)
        metrics.count(show.ALERTS, rule=rule, severity=severity, state=state)
        if state == "resolved":
            metrics.observe(show.LASTED, self._episodes.lasted_s(alert), rule=rule)
        elif self._episodes.flaps(alert):
            metrics.count(show.FLAPS, rule=rule, severity=severity)

    def _write_rates(self, transaction: Transaction) -> None:
        if self.waiting and self.engine.clock is not None:
            began_s = self.work.elapsed_s()
            allowed = self.work.budget.allow(len(self.waiting), began_s)
            written = self._write_some_rates(allowed, transaction)
            self.work.budget.spent(allowed, written, self.work.elapsed_s() - began_s, self.lag)

    def write_last_rates(self, transaction: Transaction) -> bool:
        """At the end of a drain: the next of the rates that differ; True if there are more."""
        self._write_some_rates(DRAINED_RATES_A_TURN, transaction)
        return bool(self.waiting)

    def _write_some_rates(self, count: int, transaction: Transaction) -> int:
        name, written, asked = self.work.settings.topics.name("rates"), 0, 0
        until_s = self.work.elapsed_s() + RATES_S
        while asked < count and self.waiting and (not asked or self.work.elapsed_s() < until_s):
            shops = self.waiting.pick(min(count - asked, RATES_AT_ONCE))
            asked += len(shops)
            for shop in shops:
                document = self.engine.rates(shop)
                if self.waiting.differs(shop, document):
                    transaction.add(name, Row(shop.encode(), encode_rates(document)))
                    written += 1
        self.work.metrics.count(show.RATES_WRITTEN, written)
        return written
