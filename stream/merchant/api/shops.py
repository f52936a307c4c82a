"""What do the compacted topics say of each shop?  Its rates, its alerts, and what of them is newer than a position.

Documents are kept as the bytes that Kafka has, and handed on as they are; what is needed to find them stands beside them.
Nobody who follows has a queue of his own: he has a position, and asks for what lies beyond it when he can take more.  So a
slow page costs nothing, and gets the latest state of whatever changed meanwhile.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TypeVar

import msgspec
import orjson

from stream.merchant.api.positions import EveryPosition, ShopPosition
from stream.merchant.api.trends import Trend, measure, spacing_of
from topics.alerts import Alert, AlertState
from topics.rates import Rates
from topics.times import millis

Kind = TypeVar("Kind")
Wake = Callable[[], None]
Order = tuple[int, str]
"""Of an alert: when it fired, and its id."""


RECENT = 10_000
"""So many of the last records of alerts are found without a walk over all; those who follow all shops ask for them."""


class StrayRecordError(Exception):
    """A record is not what the contract says; it is left out."""


@dataclass(slots=True, eq=False)
class Entry:
    """An alert as it is now; ``value`` is None where it was deleted: that, too, has to be told."""

    alert_id: str
    offset: int
    fired_at: int
    firing: bool
    value: bytes | None

    @property
    def order(self) -> Order:
        """Where it stands among others."""
        return self.fired_at, self.alert_id


@dataclass(slots=True, eq=False)
class Shop:
    """What is known of one shop."""

    shop_id: str
    partition: int
    rates: bytes | None = None
    rates_offset: int = -1
    alerts: dict[str, Entry] = field(default_factory=dict)
    trends: dict[str, Trend] = field(default_factory=dict)
    """By rule."""

    def entries(self) -> list[Entry]:
        """All its alerts that are there, the one that fired last first."""
        there = [entry for entry in self.alerts.values() if entry.value is not None]
        return sorted(there, key=attrgetter("order"), reverse=True)

    def firing(self) -> int:
        """How many of its alerts fire."""
        return sum(entry.firing for entry in self.alerts.values())

    def changed(self, position: ShopPosition) -> list[Entry]:
        """The alerts that were written at or after a position in its partition, in the order of the topic."""
        newer = [entry for entry in self.alerts.values() if entry.offset >= position.alerts]
        return sorted(newer, key=attrgetter("offset"))

    def moved_to(self, partition: int, offset: int) -> None:
        """Its records come from another partition now: offsets of the old one say nothing any more."""
        self.partition, self.rates_offset = partition, -1
        for entry in self.alerts.values():
            entry.offset = offset


@dataclass(slots=True)
class Sorted:
    """Alerts in the order of their firing; nearly all come at the end, so that they are sorted when somebody asks."""

    _orders: list[Order] = field(default_factory=list)
    _sorted: bool = True

    def add(self, order: Order) -> None:
        """One more."""
        self._sorted = self._sorted and (not self._orders or self._orders[-1] <= order)
        self._orders.append(order)

    def remove(self, order: Order) -> None:
        """One less, if it is there."""
        orders = self.all()
        place = bisect_left(orders, order)
        if place < len(orders) and orders[place] == order:
            del orders[place]

    def all(self) -> list[Order]:
        """The first to fire first."""
        if not self._sorted:
            self._orders.sort()
            self._sorted = True
        return self._orders

    def before(self, order: Order | None) -> Iterator[Order]:
        """Those that fired before ``order``, the last first; None: all."""
        orders = self.all()
        end = len(orders) if order is None else bisect_left(orders, order)
        return (orders[place] for place in range(end - 1, -1, -1))

    def __len__(self) -> int:
        return len(self._orders)


class Shops:
    """All shops, fed with the topics' records in the order of each partition; ``partitions`` is how many there are."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self.next_alerts = [0] * partitions
        self.next_rates = [0] * partitions
        self.read_to: list[int | None] = [None] * partitions
        """Of each partition the latest ``as_of`` of its rates: that far the events have been judged."""
        self.firing = Sorted()
        self.every = Sorted()
        self._shops: dict[str, Shop] = {}
        self._shop_of_alert: dict[str, Shop] = {}
        self._watchers: dict[str, set[Wake]] = {}
        self._watchers_of_all: set[Wake] = set()
        self._touched: set[str] = set()
        self._told_all = 0
        self._recent: deque[tuple[int, int, str]] = deque(maxlen=RECENT)
        self._forgotten = [0] * partitions
        """Of each partition the offset below which ``_recent`` does not know all."""
        self.written = 0
        """How many records of alerts have been taken."""
        self._decode_alert = msgspec.json.Decoder(Alert).decode
        self._decode_rates = msgspec.json.Decoder(Rates).decode

    def __len__(self) -> int:
        return len(self._shops)

    @property
    def alerts(self) -> int:
        """How many there are, firing or resolved."""
        return len(self.every)

    def find(self, shop_id: str) -> Shop | None:
        """What is known of a shop."""
        return self._shops.get(shop_id)

    def alert(self, alert_id: str) -> tuple[Shop, Entry]:
        """One of those that ``firing`` and ``every`` name."""
        shop = self._shop_of_alert[alert_id]
        return shop, shop.alerts[alert_id]

    # What is read

    def take_alert(self, partition: int, offset: int, key: bytes, value: bytes | None) -> None:
        """The next record of alerts of a partition; raises StrayRecordError."""
        self.next_alerts[partition] = offset + 1
        if value is None:
            self._forget(offset, key.decode("utf-8", "replace"))
            return
        alert = _decoded(self._decode_alert, value)
        if alert.alert_id.encode() != key:
            raise StrayRecordError("its key is not its alert_id")
        shop = self._shop(alert.shop_id, partition, offset)
        new = Entry(alert.alert_id, offset, millis(alert.fired_at), alert.state == "firing", one_line(value))
        self._replace(shop, new)

    def take_rates(self, partition: int, offset: int, key: bytes, value: bytes | None) -> None:
        """The next record of rates of a partition; raises StrayRecordError."""
        self.next_rates[partition] = offset + 1
        if value is None:
            self._set_rates(key.decode("utf-8", "replace"), offset)
            return
        rates = _decoded(self._decode_rates, value)
        if rates.shop_id.encode() != key:
            raise StrayRecordError("its key is not its shop_id")
        shop = self._shop(rates.shop_id, partition, offset)
        at = millis(rates.as_of)
        shop.rates, shop.rates_offset = one_line(value), offset
        self._learn(shop, rates, at)
        self.read_to[partition] = max(at, self.read_to[partition] or at)
        self._touched.add(shop.shop_id)

    def _learn(self, shop: Shop, rates: Rates, at: int) -> None:
        for rule in rates.rules:
            value = measure(rule)
            if value is not None:
                trend = shop.trends.get(rule.rule) or shop.trends.setdefault(
                    rule.rule, Trend(spacing_of(rule))
                )
                trend.take(at, value)
        for gone in shop.trends.keys() - {rule.rule for rule in rates.rules}:
            del shop.trends[gone]

    def _set_rates(self, shop_id: str, offset: int) -> None:
        shop = self._shops.get(shop_id)
        if shop is not None:
            shop.rates, shop.rates_offset = None, offset
            self._touched.add(shop_id)

    def _shop(self, shop_id: str, partition: int, offset: int) -> Shop:
        shop = self._shops.get(shop_id)
        if shop is None:
            shop = self._shops[shop_id] = Shop(shop_id, partition)
        elif shop.partition != partition:
            shop.moved_to(partition, offset)
        return shop

    def _forget(self, offset: int, alert_id: str) -> None:
        shop = self._shop_of_alert.get(alert_id)
        if shop is None:
            return
        old = shop.alerts[alert_id]
        self._replace(shop, Entry(alert_id, offset, old.fired_at, firing=False, value=None))

    def _replace(self, shop: Shop, new: Entry) -> None:
        known = self._shop_of_alert.get(new.alert_id)
        old = known.alerts.pop(new.alert_id) if known is not None else None
        shop.alerts[new.alert_id] = new
        self._shop_of_alert[new.alert_id] = shop
        _list(self.every, old, new, listed=lambda entry: entry.value is not None)
        _list(self.firing, old, new, listed=lambda entry: entry.firing)
        self._touched.add(shop.shop_id)
        self._remember(shop.partition, new)

    def _remember(self, partition: int, new: Entry) -> None:
        if len(self._recent) == RECENT:
            oldest, offset, _ = self._recent[0]
            self._forgotten[oldest] = offset + 1
        self._recent.append((partition, new.offset, new.alert_id))
        self.written += 1

    # Who is told

    def watch(self, shop_id: str, wake: Wake) -> None:
        """Call ``wake`` whenever something of a shop may have changed."""
        self._watchers.setdefault(shop_id, set()).add(wake)

    def watch_all(self, wake: Wake) -> None:
        """The same, of any shop."""
        self._watchers_of_all.add(wake)

    def unwatch(self, shop_id: str | None, wake: Wake) -> None:
        """Call it no more; None: it was told of all."""
        if shop_id is None:
            self._watchers_of_all.discard(wake)
            return
        watchers = self._watchers.get(shop_id, set())
        watchers.discard(wake)
        if not watchers:
            self._watchers.pop(shop_id, None)

    def wake_touched(self) -> None:
        """Those who follow a shop that has changed since the last time; call it after some records."""
        for shop_id in self._touched:
            for wake in self._watchers.get(shop_id, ()):
                wake()
        self._touched.clear()
        if self._told_all != self.written:
            self._told_all = self.written
            self._wake(self._watchers_of_all)

    def wake_every(self) -> None:
        """Whoever follows anything."""
        for watchers in self._watchers.values():
            self._wake(watchers)
        self._wake(self._watchers_of_all)

    @staticmethod
    def _wake(watchers: Iterable[Wake]) -> None:
        for wake in watchers:
            wake()

    # Where they stand

    def position(self, shop: Shop) -> ShopPosition:
        """That of somebody who knows all of a shop."""
        return ShopPosition(shop.partition, self.next_alerts[shop.partition], self.next_rates[shop.partition])

    def position_of_all(self) -> EveryPosition:
        """That of somebody who knows all alerts."""
        return EveryPosition(tuple(self.next_alerts))

    def follows_on(self, shop: Shop, position: ShopPosition) -> bool:
        """Whether what is newer than ``position`` can be told; not, if it was given by somebody who had read other topics."""
        return (
            position.partition == shop.partition
            and position.alerts <= self.next_alerts[shop.partition]
            and position.rates <= self.next_rates[shop.partition]
        )

    def all_follow_on(self, position: EveryPosition) -> bool:
        """The same, of all alerts."""
        return all(told <= known for told, known in zip(position.alerts, self.next_alerts, strict=True))

    def changed(self, position: EveryPosition) -> list[tuple[Shop, Entry]]:
        """All alerts that were written at or after a position: by partition, then in the order of the topic."""
        told = position.alerts
        if all(at >= least for at, least in zip(told, self._forgotten, strict=True)):
            newer = self._still([each for each in self._recent if each[1] >= told[each[0]]])
        else:
            newer = [
                (shop, entry)
                for shop in self._shops.values()
                for entry in shop.alerts.values()
                if entry.offset >= told[shop.partition]
            ]
        return sorted(newer, key=lambda each: (each[0].partition, each[1].offset))

    def latest(self, count: int) -> list[tuple[Shop, Entry]] | None:
        """Those of the last ``count`` records of alerts that nothing newer has replaced; None if so many are not known."""
        if count > len(self._recent):
            return None
        return self._still([self._recent[place] for place in range(-count, 0)])

    def _still(self, records: Iterable[tuple[int, int, str]]) -> list[tuple[Shop, Entry]]:
        found = [(offset, *self.alert(alert_id)) for _, offset, alert_id in records]
        return [(shop, entry) for offset, shop, entry in found if entry.offset == offset]

    def firing_now(self) -> Sequence[tuple[Shop, Entry]]:
        """All alerts that fire, the one that fired first first."""
        return [self.alert(alert_id) for _, alert_id in self.firing.all()]

    def page(self, state: AlertState | None, before: Order | None, count: int) -> list[Entry]:
        """So many alerts of any shop that fired before ``before``, the last to fire first."""
        found: list[Entry] = []
        for _, alert_id in (self.firing if state == "firing" else self.every).before(before):
            _, entry = self.alert(alert_id)
            if state is None or entry.firing == (state == "firing"):
                found.append(entry)
            if len(found) == count:
                break
        return found


def _list(orders: Sorted, old: Entry | None, new: Entry, *, listed: Callable[[Entry], bool]) -> None:
    was, will = old is not None and listed(old), listed(new)
    if old is not None and was and not (will and old.order == new.order):
        orders.remove(old.order)
        was = False
    if will and not was:
        orders.add(new.order)


def one_line(value: bytes) -> bytes:
    """JSON without a break in it, which would end a line of a stream; nearly always as it is."""
    return orjson.dumps(orjson.loads(value)) if b"\n" in value or b"\r" in value else value


def _decoded(decode: Callable[[bytes], Kind], value: bytes) -> Kind:
    try:
        return decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StrayRecordError(str(error)) from None
