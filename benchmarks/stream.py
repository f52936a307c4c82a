"""Which events are measured with?  Orders and what becomes of them, over many shops, seeded: the same bytes in every run.

A stream comes in two densities.  A *recording* lasts days, as a marketplace does: nearly every event has an instant of its
own, hours pass, panes enter and leave windows.  A *peak* is the same story told in seconds, as many events an instant as at
20,000 events a second: what a worker meets live, where event time goes no faster than the clock.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import NamedTuple

from topics.times import rfc3339

BEGINS = 1_750_000_000_000
HOUR = 3_600_000
EVENTS_AN_ORDER = 3.13
PEAK_A_SECOND = 20_000
GOOD_LATE, BAD_LATE = 0.04, 0.35
BAD_EVERY = 9
"""One shop of so many ships late, so that alerts fire and resolve."""


class Told(NamedTuple):
    """An event as it is sent, and when it happens."""

    at: int
    topic: str
    key: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Stream:
    """About ``events`` events; orders are paid over ``days``, told so many times ``faster``."""

    events: int
    shops: int
    days: float = 4.0
    faster: float = 1.0
    even: bool = False
    """Every shop sells alike; otherwise by Zipf's law."""
    begins: int = BEGINS
    seed: int = 11

    @property
    def orders(self) -> int:
        """How many orders that takes."""
        return max(1, round(self.events / EVENTS_AN_ORDER))

    def told(self) -> list[Told]:
        """In the order of time."""
        found = [event for order in self._orders() for event in order.tell()]
        found.sort(key=lambda event: event.at)
        return found

    def _orders(self) -> Iterator["_Order"]:
        dice, length = Random(self.seed), self.days * 24 * HOUR
        weights = [1.0 if self.even else 1 / rank for rank in range(1, self.shops + 1)]
        shops = dice.choices(range(self.shops), cum_weights=list(accumulate(weights)), k=self.orders)
        for number, shop in enumerate(shops):
            yield _Order(number, shop, dice.random() * length, self.faster, dice, self.begins)


def recording(events: int, shops: int, *, even: bool = False) -> Stream:
    """Four days."""
    return Stream(events, shops, even=even)


def peak(
    events: int, shops: int, *, a_second: int = PEAK_A_SECOND, even: bool = False, begins: int = BEGINS
) -> Stream:
    """The same in seconds: forty days, so that the first and the last orders' stories take a small part of it."""
    lasts_s = 40 * 24 * 3600
    return Stream(events, shops, 40.0, max(1.0, lasts_s * a_second / max(1, events)), even, begins)


@dataclass(slots=True)
class _Order:
    """One order; times are hours of a day, told ``faster``."""

    number: int
    shop: int
    paid: float
    faster: float
    dice: Random
    begins: int = BEGINS

    def tell(self) -> Iterator[Told]:
        chance, hours = self.dice.random, self.dice.uniform
        late = chance() < (BAD_LATE if self.shop % BAD_EVERY == 0 else GOOD_LATE)
        promise, ship = 24 * HOUR, (hours(25, 40) if late else hours(1, 22)) * HOUR
        yield self._told("orders", "order_paid", 0, self._goods(promise))
        if late and chance() < 0.2:
            change = f'"ship_by":"{self._time(promise + 24 * HOUR)}","reason":"delay_report_approved"'
            yield self._told("orders", "promise_changed", 20 * HOUR, change)
        if chance() < 0.02:
            yield self._told("orders", "order_cancelled", HOUR / 2, '"by":"buyer","reason":"changed_mind"')
            return
        package = f'"package_id":"p{self.number}","carrier":"sf"'
        yield self._told("ships", "package_shipped", ship, package)
        if chance() < 0.98:
            yield self._told("pickups", "package_picked_up", ship + hours(1, 20) * HOUR, package)
        if chance() < 0.1:
            yield from self._refund(ship + hours(24, 72) * HOUR)

    def _refund(self, asked: float) -> Iterator[Told]:
        refund = f'"refund_id":"r{self.number}"'
        fields = f'{refund},"kind":"return","reason":"quality","fault":"merchant"'
        yield self._told("refunds", "refund_requested", asked, fields)
        answered = asked + self.dice.uniform(2, 50) * HOUR
        yield self._told("refunds", "refund_resolved", answered, f'{refund},"outcome":"approved"')

    def _goods(self, promise: float) -> str:
        return (
            f'"ship_by":"{self._time(promise)}","goods":"physical","ship_from":"330100","ship_to":"110000",'
            f'"items":2,"amount":12900,"currency":"CNY","category":"home"'
        )

    def _told(self, topic: str, kind: str, after: float, fields: str) -> Told:
        at = self._instant(after)
        shop, order = f"shop-{self.shop:07}", f"order-{self.number:09}"
        value = (
            f'{{"type":"{kind}","event_id":"{kind}-{self.number}","shop_id":"{shop}","order_id":"{order}",'
            f'"occurred_at":"{rfc3339(at)}",{fields}}}'
        )
        return Told(at, topic, shop.encode(), value.encode())

    def _time(self, after: float) -> str:
        return rfc3339(self._instant(after))

    def _instant(self, after: float) -> int:
        return self.begins + int((self.paid + after) / self.faster)


def flooded(told: Sequence[Told]) -> list[Told]:
    """The same events, and before each a record that is none: cut off, no UTF-8, of an unknown type, without its time."""
    dice, found = Random(3), list[Told]()
    for event in told:
        found += (event._replace(value=_broken(event.value, dice)), event)
    return found


def _broken(value: bytes, dice: Random) -> bytes:
    way = dice.randrange(4)
    if way == 0:
        return value[: dice.randrange(1, len(value))]
    if way == 1:
        return b"\xff" + value
    if way == 2:
        return value.replace(b'"type":"', b'"type":"new_', 1)
    return value.replace(b'"occurred_at"', b'"happened_at"', 1)


def payments(orders: int, shops: int, first: int = 0) -> Iterator[Told]:
    """So many open orders, shop by shop in turn, paid one after the other within an hour: none of them is shipped."""
    dice = Random(5)
    for number in range(orders):
        paid = number * HOUR / orders
        order = _Order(first + number, number % shops, paid, 1.0, dice)
        yield next(order.tell())
