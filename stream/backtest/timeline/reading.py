"""What is recorded of the orders of one partition?  Events as columns, each order known by a number.

What cannot be read the quick way is read by the engine's own reader, and its order then judged by hand: such an order is in
``by_hand``, and nothing of it need be right in the columns.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, NamedTuple

import msgspec
import numpy as np

from stream.archive.recorded import Block
from stream.backtest.timeline import lean
from stream.backtest.timeline.refused import Refused
from stream.backtest.timeline.rows import I64, Flags
from stream.backtest.timeline.times import instants
from stream.engine.reading import Event, UnreadableEvent, read_event

REFUSALS_TOLD = 100
"""So many are named; all are counted."""

ABSENT = 1 << 62
"""A time that never comes."""


@dataclass(slots=True)
class Column:
    """Numbers, piece by piece."""

    pieces: list[I64] = field(default_factory=list)

    def whole(self) -> I64:
        """All of them."""
        return np.concatenate(self.pieces) if self.pieces else np.zeros(0, np.int64)


class Cases:
    """Numbers for what is seen over and over again."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def of(self, case: Any) -> int:
        """Its number; a new one has the next."""
        return self._numbers.setdefault(case, len(self._numbers))

    def all(self) -> Sequence[Any]:
        """By their numbers."""
        return list(self._numbers)


@dataclass(slots=True)
class Facts:
    """The events of one kind: of which orders, when, and what is told of each in numbers or texts."""

    order: Column = field(default_factory=Column)
    at: Column = field(default_factory=Column)
    ship_by: Column = field(default_factory=Column)
    case: Column = field(default_factory=Column)
    things: list[str] = field(default_factory=list)
    """Packages or refunds."""


@dataclass(slots=True)
class Collected:
    """One partition, read."""

    partition: int
    last: int | None = None
    """What happened after it counts for nothing, as if nobody had recorded it."""
    shops: list[str] = field(default_factory=list)
    order_ids: list[str] = field(default_factory=list)
    shop_of: "array[int]" = field(default_factory=lambda: array("i"))
    """Of each order."""
    kinds: dict[type[Any], Facts] = field(default_factory=lambda: {kind: Facts() for kind in lean.KINDS})
    by_hand: set[int] = field(default_factory=set)
    values: list[bytes] = field(default_factory=list)
    """What was read, as it was recorded."""
    order_of: "array[int]" = field(default_factory=lambda: array("i"))
    """The order of each of ``values``; -1: it turned out to be no event, or to be of a time that does not count."""
    offsets: "array[int]" = field(default_factory=lambda: array("q"))
    order_cases: Cases = field(default_factory=Cases)
    """Where an order comes from and goes to, its goods and category."""
    request_cases: Cases = field(default_factory=Cases)
    """Kind, reason and fault."""
    change_cases: Cases = field(default_factory=Cases)
    """Reasons."""
    refused: int = 0
    refusals: list[Refused] = field(default_factory=list)
    first: int | None = None
    """The oldest event time."""
    latest: int | None = None
    """The newest."""
    _numbers: dict[str, tuple[int, dict[str, int]]] = field(default_factory=dict)
    _has_topics: bool = False
    """Of a recording in lines no record has one."""

    @property
    def events(self) -> int:
        """How many were read."""
        return len(self.values) - self.order_of.count(-1)

    def read(self, blocks: Iterable[Block]) -> "Collected":
        """Read all records of the partition."""
        for block in blocks:
            self._has_topics = block.topic is not None
            events = _in_their_places(block, _quickly(block.values))
            if all(events):
                self._keep(events, block.values, block.offsets)
                continue
            known = [event is not None for event in events]
            self._keep(*(list(compress(each, known)) for each in (events, block.values, block.offsets)))
            for was_read, key, value, offset in zip(
                known, block.keys, block.values, block.offsets, strict=True
            ):
                if not was_read:
                    self._read_slowly(block.topic, key, value, offset)
        self._numbers.clear()
        return self

    def _keep(self, events: Sequence[Any], values: Sequence[Any], offsets: Sequence[int]) -> None:
        """Number the orders of ``events``, and make columns of what they tell, kind by kind."""
        numbers, begins = self._numbers_of(events), len(self.values)
        self.values += values
        self.order_of.extend(numbers)
        self.offsets.extend(offsets)
        places: dict[type[Any], list[int]] = {kind: [] for kind in self.kinds}
        for place, kind in enumerate(map(type, events)):
            places[kind].append(place)
        orders = np.array(numbers, np.int64)
        for kind, of in places.items():
            if of:
                self._tell(kind, [events[place] for place in of], orders[of], np.array(of) + begins)

    def _numbers_of(self, events: Iterable[Any]) -> "array[int]":
        """Of the orders of ``events``, anything that names its shop and its order; a new one has the next."""
        known, shops, order_ids, numbers = self._numbers, self.shops, self.order_ids, array("i")
        keep, new = numbers.append, len(order_ids)
        for event in events:
            there = known.get(event.shop_id)
            if there is None:
                there = known[event.shop_id] = (len(shops), {})
                shops.append(event.shop_id)
            number = there[1].setdefault(event.order_id, new)
            if number == new:
                order_ids.append(event.order_id)
                self.shop_of.append(there[0])
                new += 1
            keep(number)
        return numbers

    def _read_slowly(self, topic: str | None, key: bytes | None, value: bytes | None, offset: int) -> None:
        """By the engine's reader; what is no event is refused."""
        try:
            event = read_event(topic, key, value)
        except UnreadableEvent as error:
            self._refuse(topic, offset, error)
            return
        if self.last is not None and event.occurred_at > self.last:
            return
        (number,) = self._numbers_of([event])
        self._by_hand(number, event)
        self.values.append(value or b"")
        self.order_of.append(number)
        self.offsets.append(offset)

    def _by_hand(self, number: int, event: Event) -> None:
        self.by_hand.add(number)
        self._told(event.occurred_at, event.occurred_at)

    def _told(self, first: int, latest: int) -> None:
        """Events of such times were read."""
        self.first = first if self.first is None else min(self.first, first)
        self.latest = latest if self.latest is None else max(self.latest, latest)

    def _refuse(self, topic: str | None, offset: int, error: UnreadableEvent) -> None:
        self.refused += 1
        if len(self.refusals) < REFUSALS_TOLD:
            self.refusals.append(Refused(topic, self.partition, offset, error.reason, str(error)))

    # -- what was read becomes columns

    def _tell(self, kind: type[Any], events: Sequence[Any], orders: I64, indexes: I64) -> None:
        """``events`` of one kind and their orders; ``indexes`` is where they stand among all that was recorded."""
        told = self._in_known_forms(kind, events, orders, indexes)
        if told.events:
            self._told(int(told.at.min()), int(told.at.max()))
            _TELLERS[kind](self, self.kinds[kind], told)

    def _in_known_forms(self, kind: type[Any], events: Sequence[Any], orders: I64, indexes: I64) -> "_Told":
        """Those whose times are written in a usual way; the others are read slowly after all."""
        at, known = instants([event.occurred_at for event in events])
        ship_by = at
        if kind in {lean.PAID, lean.CHANGED}:
            ship_by, also = _ship_by(events, may_be_missing=kind is lean.PAID)
            known &= also
        counts = known if self.last is None else known & (at <= self.last)
        if counts.all():
            return _Told(events, orders, at, ship_by)
        for number, index in zip(orders[~known].tolist(), indexes[~known].tolist(), strict=True):
            self._read_again(kind, number, index)
        for index in indexes[known & ~counts].tolist():
            self.order_of[index] = -1
        return _Told(list(compress(events, counts)), orders[counts], at[counts], ship_by[counts])

    def _read_again(self, kind: type[Any], number: int, index: int) -> None:
        """An event of which a time is written in no usual way, or is none."""
        try:
            event = read_event(None, None, self.values[index])
        except UnreadableEvent as error:
            self.order_of[index] = -1
            self._refuse(lean.TOPIC_OF[kind] if self._has_topics else None, self.offsets[index], error)
            return
        if self.last is not None and event.occurred_at > self.last:
            self.order_of[index] = -1
        else:
            self._by_hand(number, event)


def _quickly(values: Sequence[bytes | None]) -> list[Any]:
    """What each of ``values`` says; None: it is to be read slowly."""
    try:
        if all(map(bytes.isascii, values)):  # type: ignore[arg-type]  # None is caught
            return list(map(lean.decode, values))  # type: ignore[arg-type]  # None is caught
    except (msgspec.DecodeError, RecursionError, TypeError):
        pass  # of one of them at least, which shall not cost the others anything
    return [None if value is None else _quick(value) for value in values]


def _quick(value: bytes) -> Any:
    try:
        if value.isascii():
            return lean.decode(value)
        str(value, "utf-8")
        event = lean.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return event if lean.ids_are_ascii(event) else None


def _in_their_places(block: Block, events: list[Any]) -> list[Any]:
    """``events``, but None for those that are in another topic than theirs, or not under their shop's key."""
    topic, topic_of, keys = block.topic, lean.TOPIC_OF, block.keys
    if topic is None:
        return events
    kinds = set(map(type, events))
    if kinds <= topic_of.keys() and {topic_of[kind] for kind in kinds} == {topic}:
        keys_wanted = [event.shop_id.encode() for event in events]
        if keys_wanted == list(keys):  # as nearly always
            return events
    return [
        event
        if event is not None and topic_of[type(event)] == topic and event.shop_id.encode() == key
        else None
        for event, key in zip(events, keys, strict=True)
    ]


def _ship_by(events: Sequence[Any], *, may_be_missing: bool) -> tuple[I64, Flags]:
    """The promises, and which are written in a usual way; only virtual goods may be without one (SEMANTICS F4)."""
    texts = [event.ship_by for event in events]
    missing = np.array([text is None for text in texts], np.bool_)
    if not missing.any():
        return instants(texts)
    at, known = instants([text or "" for text in texts])
    at[missing] = ABSENT
    if may_be_missing:
        known |= missing & np.array([event.goods == "virtual" for event in events], np.bool_)
    return at, known


class _Told(NamedTuple):
    events: Sequence[Any]
    order: I64
    at: I64
    ship_by: I64


def _plain(_all: Collected, facts: Facts, told: _Told) -> None:
    facts.order.pieces.append(told.order)
    facts.at.pieces.append(told.at)


def _paid(found: Collected, facts: Facts, told: _Told) -> None:
    _plain(found, facts, told)
    facts.ship_by.pieces.append(told.ship_by)
    of = found.order_cases.of
    cases = [of((each.ship_from, each.ship_to, each.goods, each.category)) for each in told.events]
    facts.case.pieces.append(np.array(cases, np.int64))


def _changed(found: Collected, facts: Facts, told: _Told) -> None:
    _plain(found, facts, told)
    facts.ship_by.pieces.append(told.ship_by)
    cases = [found.change_cases.of(each.reason) for each in told.events]
    facts.case.pieces.append(np.array(cases, np.int64))


def _shipped(found: Collected, facts: Facts, told: _Told) -> None:
    _plain(found, facts, told)
    facts.things += [each.package_id for each in told.events]
    cases = [each.completes_order is not False for each in told.events]
    facts.case.pieces.append(np.array(cases, np.int64))


def _picked_up(found: Collected, facts: Facts, told: _Told) -> None:
    _plain(found, facts, told)
    facts.things += [each.package_id for each in told.events]


def _requested(found: Collected, facts: Facts, told: _Told) -> None:
    _plain(found, facts, told)
    facts.things += [each.refund_id for each in told.events]
    of = found.request_cases.of
    cases = [of((each.kind, each.reason, each.fault)) for each in told.events]
    facts.case.pieces.append(np.array(cases, np.int64))


def _resolved(found: Collected, facts: Facts, told: _Told) -> None:
    _plain(found, facts, told)
    facts.things += [each.refund_id for each in told.events]


_TELLERS = {
    lean.PAID: _paid,
    lean.CHANGED: _changed,
    lean.CANCELLED: _plain,
    lean.SHIPPED: _shipped,
    lean.PICKED_UP: _picked_up,
    lean.REQUESTED: _requested,
    lean.WITHDRAWN: _plain,
    lean.RESOLVED: _resolved,
}
"""What of each kind becomes columns."""
