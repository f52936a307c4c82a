"""What is recorded of the orders of one partition?  Events as columns, each order known by a number.

What cannot be read the quick way is read by the engine's own reader, and its order then judged by hand: such an order is in
``by_hand``, and nothing of it need be right in the columns.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import msgspec
import numpy as np

from stream.archive.recorded import Recorded
from stream.backtest.timeline import lean
from stream.backtest.timeline.refused import Refused
from stream.backtest.timeline.rows import I64, Flags
from stream.backtest.timeline.times import instants
from stream.engine.reading import Event, UnreadableEvent, read_event

FLUSHED = 1 << 12
"""So many events of a kind are kept as they were read before they become columns."""

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
    waiting: list[Any] = field(default_factory=list)
    """As they were read."""
    numbers: list[int] = field(default_factory=list)
    """The orders of those that wait."""
    indexes: list[int] = field(default_factory=list)
    """Where those that wait stand among all that was recorded."""


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

    def number_of(self, shop_id: str, order_id: str) -> int:
        """Of an order; a new one has the next."""
        known = self._numbers.get(shop_id)
        if known is None:
            known = self._numbers[shop_id] = (len(self.shops), {})
            self.shops.append(shop_id)
        shop, orders = known
        number = orders.get(order_id)
        if number is None:
            number = orders[order_id] = len(self.order_ids)
            self.order_ids.append(order_id)
            self.shop_of.append(shop)
        return number

    def read(self, records: Iterable[Recorded]) -> "Collected":
        """Read all records of the partition.

        Long, for it is the one loop over every event: what would be functions stands in it.
        """
        decode, topic_of = lean.decode, lean.TOPIC_OF
        kinds = {
            kind: (facts.waiting, facts.waiting.append, facts.numbers.append, facts.indexes.append)
            for kind, facts in self.kinds.items()
        }
        known, number_of = self._numbers.get, self.number_of
        keep, keep_order, keep_offset = self.values.append, self.order_of.append, self.offsets.append
        count = 0
        rest = iter(records)
        first = next(rest, None)
        self._has_topics = first is not None and first.topic is not None
        for topic, key, value, _partition, offset, _timestamp in chain((first,) if first else (), rest):
            try:
                if value is None:
                    raise msgspec.DecodeError
                ascii_ = value.isascii()
                if not ascii_:
                    str(value, "utf-8")
                event = decode(value)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                count += self._read_slowly(topic, key, value, offset)
                continue
            kind, shop_id = type(event), event.shop_id
            if topic is not None and (topic != topic_of[kind] or key != shop_id.encode()):
                count += self._read_slowly(topic, key, value, offset)
                continue
            if not ascii_ and not lean.ids_are_ascii(event):
                count += self._read_slowly(topic, key, value, offset)
                continue
            orders = known(shop_id)
            number = None if orders is None else orders[1].get(event.order_id)
            if number is None:
                number = number_of(shop_id, event.order_id)
            waiting, wait, wait_number, wait_index = kinds[kind]
            wait(event)
            wait_number(number)
            wait_index(count)
            keep(value)
            keep_order(number)
            keep_offset(offset)
            count += 1
            if len(waiting) == FLUSHED:
                self._flush(kind)
        for kind in self.kinds:
            self._flush(kind)
        self._numbers.clear()
        return self

    def _read_slowly(self, topic: str | None, key: bytes | None, value: bytes | None, offset: int) -> int:
        """By the engine's reader; what is no event is refused.  Returns how many events it was."""
        try:
            event = read_event(topic, key, value)
        except UnreadableEvent as error:
            self._refuse(topic, offset, error)
            return 0
        if self.last is not None and event.occurred_at > self.last:
            return 0
        number = self.number_of(event.shop_id, event.order_id)
        self._by_hand(number, event)
        self.values.append(value or b"")
        self.order_of.append(number)
        self.offsets.append(offset)
        return 1

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

    def _flush(self, kind: type[Any]) -> None:
        facts = self.kinds[kind]
        told = self._in_known_forms(kind, facts) if facts.waiting else None
        for waiting in (facts.waiting, facts.numbers, facts.indexes):
            waiting.clear()
        if told and told.events:
            self._told(int(told.at.min()), int(told.at.max()))
            _FLUSHERS[kind](self, facts, told)

    def _in_known_forms(self, kind: type[Any], facts: Facts) -> "_Told":
        """Those that wait whose times are written in a usual way; the others are read slowly after all."""
        events, order = list(facts.waiting), np.array(facts.numbers, np.int64)
        at, known = instants([event.occurred_at for event in events])
        ship_by = at
        if kind in {lean.PAID, lean.CHANGED}:
            ship_by, also = _ship_by(events, may_be_missing=kind is lean.PAID)
            known &= also
        counts = known if self.last is None else known & (at <= self.last)
        if counts.all():
            return _Told(events, order, at, ship_by)
        for index in np.flatnonzero(~known).tolist():
            self._read_again(kind, facts.numbers[index], facts.indexes[index])
        for index in np.flatnonzero(known & ~counts).tolist():
            self.order_of[facts.indexes[index]] = -1
        left = [event for event, mine in zip(events, counts.tolist(), strict=True) if mine]
        return _Told(left, order[counts], at[counts], ship_by[counts])

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


_FLUSHERS = {
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
