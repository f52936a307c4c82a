"""How is a partition's ledger made again where it cannot be read?  From the events, as far as they are kept.

Facts are idempotent: the events of an order, joined again, are its record.  The states of a shop's tiers follow from its
facts and the clock; but what was alerted is believed first: alerts were judged when they were, and some fact may have come
late.  Where the clock itself is gone, the group's offsets say what was read, and the newest time in what was written says
what was decided.  All of a partition is written in one transaction of its own producer, which fences any owner.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any

import msgspec
from aiokafka import TopicPartition

from stream.engine.alerts import Alert
from stream.engine.engine import Engine
from stream.engine.joining import join
from stream.engine.ledger import UnreadableRecordError, order_key, read_key, state_key
from stream.engine.order import Order, encode_order
from stream.engine.reading import UnreadableEvent, read_event
from stream.engine.states import StateRecord, TierState, decode_states, encode_states
from stream.policy.spec import PolicySet
from stream.worker.bulk import read_all
from stream.worker.errors import (
    ChangedPartitionsError,
    GroupAtWorkError,
    LostOffsetsError,
    NoSuchPartitionError,
    OtherGroupError,
    OtherPolicyError,
)
from stream.worker.ledger import CLOCK_FORMAT, CLOCK_KEY, described, encode_clock
from stream.worker.ledger_reading import Held, latest_values, read_ledger
from stream.worker.live import no_steps
from stream.worker.observer import Observer
from stream.worker.partitioner import belongs_by
from stream.worker.preflight import check_topics
from stream.worker.producer import open_producer
from stream.worker.settings import Settings
from stream.worker.transaction import Transaction, Writer
from topics import alerts as alerts_topic
from topics.catalogue import INPUTS
from topics.ledger import Clock
from topics.policies import PolicyRecord
from topics.rates import Rates
from topics.times import millis

NEVER = -(1 << 62)
"""An instant before all others."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """What was made again of one partition."""

    partition: int
    events: int
    """How many were read for it."""
    orders: int
    states: int
    clock: bool
    given_up: Sequence[str]
    """Orders that are unknown from now on: not all that may have been read of them is kept."""
    deleted: Sequence[str]
    """Records that are nobody's."""


@dataclass(slots=True)
class Past:
    """What the events of one partition say, as far as they were counted and are kept."""

    orders: dict[bytes, Order] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    """The time of the first event kept of each topic."""
    oldest: int | None = None
    events: int = 0

    def take(self, topic: str, event: Any, *, wanted: bool) -> None:
        """One more; of those not ``wanted`` only the time."""
        at = event.occurred_at
        self.events += 1
        self.first.setdefault(topic, at)
        self.newest[topic] = max(at, self.newest.get(topic, at))
        self.oldest = at if self.oldest is None else min(at, self.oldest)
        if wanted:
            join(self.orders.setdefault(order_key(event.shop_id, event.order_id), Order()), event.fact)


async def rebuild(  # noqa: PLR0913 - the last two say what to repair
    settings: Settings,
    observer: Observer,
    policy: PolicySet,
    numbers: Collection[int] | None,
    tell: Callable[[Repaired], None],
    *,
    everything: bool,
) -> None:
    """Repair the partitions ``numbers``, or all; ``tell`` is called after each.  Raises a WorkerError.

    What can be read stays as it is, unless ``everything`` is to be made again.
    """
    partitions = await check_topics(settings, observer)
    for number in numbers or ():
        if number >= partitions:
            raise NoSuchPartitionError(number, partitions)
    for number in range(partitions) if numbers is None else numbers:
        members = await observer.members()
        if members:
            raise GroupAtWorkError(settings.group.name, members)
        tell(await _repair(_Repair(settings, observer, policy, number, partitions, everything)))


async def _repair(repair: "_Repair") -> Repaired:
    producer = await open_producer(repair.settings, repair.number)
    try:
        rows, repaired = await repair.find()
        if rows:
            settings = repair.settings
            names = settings.group.name, settings.topics.name("ledger")
            await Writer(producer, repair.number, *names, no_steps).write(Transaction(ledger=dict(rows)))
    finally:
        await producer.stop()
    return repaired


Rows = Mapping[bytes, bytes | None]


@dataclass(slots=True)
class _Repair:
    """The repair of one partition."""

    settings: Settings
    observer: Observer
    policy: PolicySet
    number: int
    partitions: int
    everything: bool
    held: Held = field(init=False)
    clock: Clock = field(init=False)
    past: Past = field(default_factory=Past)

    async def find(self) -> tuple[Rows, Repaired]:
        """What is to be written."""
        self.held = (await read_ledger(self.settings, [self.number]))[self.number]
        committed = await self.observer.committed(self._places())
        if not self._needed(committed):
            return {}, self._repaired({}, [])
        self.clock = self.held.clock or await self._clock_again(committed)
        self._must_be_ours()
        if not self.past.events:
            await self._read_past(self.clock.next)
        orders, given_up = self._orders(await self._kept_from())
        states = self._states(orders, await self._published())
        rows = self._worth_writing(orders, states)
        return rows, self._repaired(rows, given_up)

    def _needed(self, committed: Mapping[TopicPartition, int]) -> bool:
        if self.held.empty and not any(committed.values()):
            return False
        return bool(self.everything or self.held.unreadable or not self.held.has_clock)

    @property
    def _whole(self) -> bool:
        """Whether what the ledger does not hold is missing, too: it holds all that is known as long as it has a clock."""
        return self.everything or not self.held.has_clock

    def _places(self) -> list[TopicPartition]:
        return [TopicPartition(self.settings.topics.name(topic), self.number) for topic in INPUTS]

    # -- the events

    async def _read_past(self, until: Mapping[str, int]) -> None:
        """Read what was counted of the input topics; what went to the dead letters was not."""
        dead = await self._dead_letters()
        shops, belongs = self._troubled(), belongs_by(self.settings.partitioner, self.partitions)

        def wanted(event: Any) -> bool:
            key = order_key(event.shop_id, event.order_id)
            return self._whole or key in self.held.unreadable or event.shop_id in shops

        def take(record: Any) -> None:
            topic = self.settings.topics.topic(record.topic)
            if record.offset >= until.get(topic, 0) or (topic, record.offset) in dead:
                return
            try:
                event = read_event(topic, record.key, record.value)
            except UnreadableEvent:
                return
            if self._counted(event.occurred_at) and belongs(record.key) in (None, self.number):
                self.past.take(topic, event, wanted=wanted(event))

        await read_all(self.settings, self._places(), take)

    def _counted(self, at: int) -> bool:
        """What lies after the end of a drain was read, and is not for this group."""
        until = None if self.held.clock is None else self.held.clock.drained_until
        return until is None or at <= until

    async def _dead_letters(self) -> Collection[tuple[str, int]]:
        topics = self.settings.topics
        places = {topics.dead_letters(topic): topic for topic in INPUTS}
        found: set[tuple[str, int]] = set()

        def take(record: Any) -> None:
            *_, offset = (record.key or b"").split(b"/")
            if offset.isdigit():
                found.add((places[record.topic], int(offset)))

        await read_all(self.settings, [TopicPartition(name, self.number) for name in places], take)
        return found

    async def _kept_from(self) -> int:
        """Of an order paid after this instant every event is kept."""
        begins = await self.observer.begins(self._places())
        gone = [self.settings.topics.topic(tp.topic) for tp, offset in begins.items() if offset]
        return max((self._first_kept(topic) for topic in gone), default=NEVER)

    def _first_kept(self, topic: str) -> int:
        return self.past.first.get(topic, self.clock.newest.get(topic, NEVER))

    # -- orders

    def _orders(self, kept_from: int) -> tuple[dict[bytes, bytes], list[bytes]]:
        """All records of orders as they should be, also of such as can be forgotten; and those that are given up.

        An order of which a part may be gone is not made of what is left: without its shipping it would be late.
        """
        orders = dict(self.held.orders)
        given_up = [key for key in self.held.unreadable if _kind(key) == "o" and key not in self.past.orders]
        for key, order in self.past.orders.items():
            if kept_from == NEVER or (order.paid is not None and order.paid.at > kept_from):
                if self.everything or key not in orders:
                    orders[key] = encode_order(order)
            elif key in self.held.unreadable or (self._whole and key not in orders):
                given_up.append(key)
        return orders, given_up

    # -- states

    def _states(
        self, orders: Mapping[bytes, bytes], published: Mapping[tuple[str, str, str], Alert]
    ) -> Mapping[bytes, bytes | None]:
        """The states that are to be made again: what is pending and how long by the facts, what fires by the alerts."""
        shops = self._shops_to_judge(orders)
        replayed = self._replay({key: value for key, value in orders.items() if _shop_of(key) in shops})
        states: dict[bytes, bytes | None] = {}
        for shop in shops:
            tiers = {(record.rule, record.severity): record.state for record in replayed.get(shop, ())}
            firing = {key[1:]: alert for key, alert in published.items() if key[0] == shop}
            agreed = [
                StateRecord(*tier, state)
                for tier in {**tiers, **firing}
                if (state := _agreed(tiers.get(tier), firing.get(tier))) is not None
            ]
            states[state_key(shop)] = encode_states(agreed) if agreed else None
        return states

    def _troubled(self) -> set[str]:
        """Shops whose states cannot be read."""
        return {_shop_of(key) for key in self.held.unreadable if _kind(key) == "s"}

    def _shops_to_judge(self, orders: Iterable[bytes]) -> set[str]:
        unreadable = self._troubled()
        if not self._whole:
            return unreadable
        known = set() if self.everything else {_shop_of(key) for key in self.held.states}
        return ({_shop_of(key) for key in chain(orders, self.held.states)} | unreadable) - known

    def _replay(self, orders: Mapping[bytes, bytes]) -> Mapping[str, Sequence[StateRecord]]:
        """What an engine concludes that learns all of these facts and is then advanced to the clock."""
        if self.clock.decided is None:
            return {}
        engine = Engine(self.policy)
        for key, value in orders.items():
            engine.restore(key, value)
        _to_the_end(engine.rebuild(None, self.clock.latest_fact))
        records = engine.advance(self.clock.decided).records
        return {
            _shop_of(key): decode_states(value)
            for key, value in records.items()
            if key[:1] == b"s" and value is not None
        }

    async def _published(self) -> Mapping[tuple[str, str, str], Alert]:
        """By shop, rule and severity: the alerts that fire by what was written."""
        found = {}
        for value in (await latest_values(self.settings, "alerts", [self.number]))[self.number].values():
            alert = _decode_alert(value)
            if alert.state == "firing" and alert.policy == self.policy.name:
                found[alert.shop_id, alert.rule, alert.severity] = _of_engine(alert)
        return found

    # -- the clock

    async def _clock_again(self, committed: Mapping[TopicPartition, int]) -> Clock:
        """The group's offsets were committed with what was written, so both say where the clock stood.

        After the newest time in what was written nothing was alerted: judging from there finds the same.
        """
        if not any(committed.values()):
            raise LostOffsetsError(self.number)
        until = {self.settings.topics.topic(tp.topic): offset for tp, offset in committed.items()}
        await self._read_past(until)
        decided = await self._decided()
        times = self.past.newest.values()
        return Clock(
            format=CLOCK_FORMAT,
            group=self.settings.group.name,
            policy=await self._recorded_policy() or self.policy.digest,
            next=until,
            newest=dict(self.past.newest),
            decided=decided,
            latest_fact=max(times, default=None),
            watermark=decided,
            oldest=self.past.oldest if decided is None else None,
            partitions=self.partitions,
        )

    async def _decided(self) -> int | None:
        alerts = (await latest_values(self.settings, "alerts", [self.number]))[self.number].values()
        rates = (await latest_values(self.settings, "rates", [self.number]))[self.number].values()
        times: list[datetime | None] = [_decode_rates(value).as_of for value in rates]
        for alert in map(_decode_alert, alerts):
            times += [alert.fired_at, alert.resolved_at]
        return max((millis(moment) for moment in times if moment is not None), default=None)

    async def _recorded_policy(self) -> str | None:
        recorded = (await latest_values(self.settings, "policies", [self.number]))[self.number]
        return _decode_policy(list(recorded.values())[-1]).digest if recorded else None

    def _must_be_ours(self) -> None:
        """Of this group, on as many partitions, under this policy."""
        clock, group = self.clock, self.settings.group.name
        if clock.group != group:
            raise OtherGroupError(group, clock.group)
        if clock.partitions not in (None, self.partitions):
            raise ChangedPartitionsError(clock.partitions, self.partitions)
        if clock.policy != self.policy.digest:
            raise OtherPolicyError(self.number, clock.policy, self.policy.digest)

    # -- what is written

    def _worth_writing(self, orders: Mapping[bytes, bytes], states: Rows) -> Rows:
        """What differs from the ledger, tried first: nothing is written that a worker could not start with."""
        held: Mapping[bytes, bytes] = {**self.held.orders, **self.held.states}
        damaged: Rows = dict.fromkeys(self.held.unreadable)
        wanted: dict[bytes, bytes | None] = {**damaged, **orders, **states}
        wanted.update(self._forgotten({**self.held.states, **wanted}))
        rows: dict[bytes, bytes | None] = {
            key: value
            for key, value in wanted.items()
            if key in self.held.unreadable or (self._whole and value != held.get(key))
        }
        if self.held.clock is None:
            rows[CLOCK_KEY] = encode_clock(self.clock)
        return rows

    def _forgotten(self, rows: Rows) -> Rows:
        """Orders that a worker would let go at once."""
        engine = Engine(self.policy)
        for key, value in rows.items():
            if value is not None:
                engine.restore(key, value)
        _to_the_end(engine.rebuild(self.clock.decided, self.clock.latest_fact))
        return {
            key: None for key, value in engine.advance(None).records.items() if key in rows and value is None
        }

    def _repaired(self, rows: Rows, given_up: Sequence[bytes]) -> Repaired:
        made = [key for key, value in rows.items() if value is not None]
        nobodys = [key for key in self.held.unreadable if key != CLOCK_KEY and _kind(key) is None]
        return Repaired(
            partition=self.number,
            events=self.past.events,
            orders=sum(key[:1] == b"o" for key in made),
            states=sum(key[:1] == b"s" for key in made),
            clock=CLOCK_KEY in rows,
            given_up=[described(key) for key in given_up],
            deleted=[described(key) for key in nobodys],
        )


def _agreed(replayed: TierState | None, firing: Alert | None) -> TierState | None:
    """An alert that was written fires, whatever the facts say now; one that was not does not."""
    if firing is None:
        return None if replayed is None or replayed.alert is not None else replayed
    if replayed is not None and replayed.alert is not None and replayed.alert.alert_id == firing.alert_id:
        return TierState(None, firing, replayed.clear_since, replayed.clear_because)
    return TierState(alert=firing)


def _of_engine(alert: alerts_topic.Alert) -> Alert:
    """An alert read from the topic as the engine keeps it."""
    fields = {name: getattr(alert, name) for name in Alert.__struct_fields__}
    resolved_at = None if alert.resolved_at is None else millis(alert.resolved_at)
    times = {"fired_at": millis(alert.fired_at), "resolved_at": resolved_at}
    return Alert(**{**fields, **times, "evidence": list(alert.evidence)})


def _shop_of(key: bytes) -> str:
    return read_key(key)[0]


def _kind(key: bytes) -> str | None:
    """Whether it is an order's (o) or that of a shop's states (s); None: nobody's."""
    try:
        read_key(key)
    except UnreadableRecordError:
        return None
    return chr(key[0])


def _to_the_end(steps: Iterable[None]) -> None:
    for _ in steps:
        pass


_decode_alert = msgspec.json.Decoder(alerts_topic.Alert).decode
_decode_rates = msgspec.json.Decoder(Rates).decode
_decode_policy = msgspec.json.Decoder(PolicyRecord).decode
