"""What happens to one order, from its payment to the last word about a refund?"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from math import log
from random import Random
from typing import Any

from stream.simulate.market import DAY, HOUR, MINUTE, OFFSET, WAREHOUSES, Market, Shop, Stop
from topics.catalogue import InputEvent
from topics.orders import Goods, OrderCancelled, OrderPaid, PromiseChanged
from topics.pickups import PackagePickedUp
from topics.refunds import Fault, RefundKind, RefundRequested, RefundResolved, RefundWithdrawn
from topics.ships import PackageShipped

_ZONE = timezone(OFFSET)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).astimezone(_ZONE)

CARRIERS = ("swift", "heron", "postal")
CATEGORIES = ("clothing", "food", "home", "toys", None)
GOODS: tuple[Goods, ...] = ("physical", "custom", "virtual")
GOODS_SHARES = (94, 3, 3)
PROMISES = {"physical": DAY, "custom": 3 * DAY}
CURRENCY = "CNY"

RETURN_REASONS: tuple[tuple[str, Fault], ...] = (
    ("does_not_fit", "buyer"),
    ("not_as_described", "merchant"),
    ("broken", "carrier"),
    ("quality", "merchant"),
    ("changed_mind", "buyer"),
)


def times_of(market: Market, dice: Random) -> Iterator[tuple[int, InputEvent]]:
    """Every event of the marketplace with its time in milliseconds; the events of one order stand together."""
    for number, (paid, shop) in enumerate(market.payments(dice), 1):
        yield from _Life(f"o{number:06}", shop, paid, market.stop, market.ends, dice).tell()


@dataclass(slots=True)
class _Life:
    """One order; the order of the draws is part of what a seed means."""

    order_id: str
    shop: Shop
    paid: int
    stop: Stop
    ends: int
    dice: Random
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def tell(self) -> Iterator[tuple[int, InputEvent]]:
        goods = self.dice.choices(GOODS, GOODS_SHARES)[0]
        promise = PROMISES.get(goods)
        ship_by = None if promise is None else self.paid + promise
        yield self._order_paid(goods, ship_by)
        if ship_by is None:
            return
        leaves = self._leaves()
        if leaves - self.paid > 3 * HOUR and self._chance(0.03):
            yield self._cancelled(self.paid + self._between(MINUTE, 3 * HOUR))
            return
        if leaves > ship_by and self._chance(0.15):
            yield self._delay_reported(ship_by)
        if leaves > ship_by and self._chance(0.1):
            yield from self._refund("refund_only", "late", "merchant", self._between(ship_by + 1, leaves))
        yield from self._packages(leaves)

    def _leaves(self) -> int:
        """When the goods are handed over: hours after the payment, unless they are forgotten or the warehouse stops."""
        leaves = self.paid + self._about(7 * HOUR, 0.5)
        if self._chance(self.shop.forgets):
            leaves += self._between(DAY, 3 * DAY // 2)
        stop = self.stop
        if self.shop.warehouse == stop.warehouse and stop.begins <= leaves < stop.ends:
            # What has waited longest leaves first, and all of it within a quarter of the time that the stop took.
            leaves = stop.ends + (leaves - stop.begins) // 4
        return leaves

    def _packages(self, leaves: int) -> Iterator[tuple[int, InputEvent]]:
        packages = 2 if self._chance(0.08) else 1
        scanned = leaves
        for number in range(1, packages + 1):
            name, carrier = f"{self.order_id}-p{number}", self.dice.choice(CARRIERS)
            last = number == packages
            at = leaves if last else leaves - self._between(MINUTE, HOUR // 2)
            yield (
                at,
                PackageShipped(
                    **self._envelope(at),
                    package_id=name,
                    carrier=carrier,
                    completes_order=None if last else False,
                ),
            )
            scanned = at + self._scan_delay()
            yield scanned, PackagePickedUp(**self._envelope(scanned), package_id=name, carrier=carrier)
        if self._chance(0.06):
            reason, fault = self.dice.choice(RETURN_REASONS)
            yield from self._refund("return", reason, fault, scanned + self._between(12 * HOUR, 3 * DAY))

    def _scan_delay(self) -> int:
        """Some couriers scan before the shop says that it has shipped, a few forget to for a day."""
        if self._chance(0.05):
            return -self._between(MINUTE, 5 * MINUTE)
        return self._about(4 * HOUR, 0.5) + (DAY if self._chance(0.015) else 0)

    def _refund(
        self, kind: RefundKind, reason: str, fault: Fault, at: int
    ) -> Iterator[tuple[int, InputEvent]]:
        if at >= self.ends:
            return
        name = f"{self.order_id}-{kind}"
        asked = RefundRequested(**self._envelope(at), refund_id=name, kind=kind, reason=reason, fault=fault)
        yield at, asked
        if self._chance(0.1):
            then = at + self._between(HOUR, 6 * HOUR)
            yield then, RefundWithdrawn(**self._envelope(then), refund_id=name)
            return
        then = at + self._about(10 * HOUR, 0.5)
        envelope = self._envelope(then)
        if self._chance(0.85):
            yield then, RefundResolved(**envelope, refund_id=name, outcome="approved")
        else:
            yield then, RefundResolved(**envelope, refund_id=name, outcome="rejected")

    def _order_paid(self, goods: Goods, ship_by: int | None) -> tuple[int, InputEvent]:
        return self.paid, OrderPaid(
            **self._envelope(self.paid),
            ship_by=None if ship_by is None else _moment(ship_by),
            goods=goods,
            ship_from=self.shop.region,
            ship_to=self.dice.choice(list(WAREHOUSES.values())),
            items=self.dice.randint(1, 4),
            amount=self._about(8_000, 0.7),
            currency=CURRENCY,
            category=self.dice.choice(CATEGORIES),
        )

    def _cancelled(self, at: int) -> tuple[int, InputEvent]:
        return at, OrderCancelled(**self._envelope(at), by="buyer", reason="changed_mind")

    def _delay_reported(self, ship_by: int) -> tuple[int, InputEvent]:
        at = ship_by - self._between(MINUTE, 6 * HOUR)
        return at, PromiseChanged(
            **self._envelope(at), ship_by=_moment(ship_by + DAY), reason="delay_report_approved"
        )

    def _envelope(self, at: int) -> dict[str, Any]:
        return {
            "event_id": f"{self.order_id}-{next(self._numbers)}",
            "shop_id": self.shop.shop_id,
            "order_id": self.order_id,
            "occurred_at": _moment(at),
        }

    def _chance(self, share: float) -> bool:
        return self.dice.random() < share

    def _between(self, low: int, high: int) -> int:
        return low + int(self.dice.random() * (high - low))

    def _about(self, median: int, spread: float) -> int:
        """Mostly near ``median``, seldom far above it, never below zero."""
        return int(self.dice.lognormvariate(log(median), spread))


def _moment(at: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at)
