"""What happens to one order, from its payment to the last word about a refund?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from math import log
from random import Random
from typing import Any

from stream.simulate.incidents import Tally
from stream.simulate.market import Market
from stream.simulate.scenario import Scenario
from stream.simulate.shops import CARRIERS, DAY, HOUR, MINUTE, OFFSET, WAREHOUSES, Shop
from topics.catalogue import InputEvent
from topics.orders import Goods, OrderCancelled, OrderPaid, PromiseChanged
from topics.pickups import PackagePickedUp
from topics.refunds import Fault, RefundKind, RefundRequested, RefundResolved, RefundWithdrawn
from topics.ships import PackageShipped

_ZONE = timezone(OFFSET)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).astimezone(_ZONE)

CATEGORIES = ("clothing", "food", "home", "toys", None)
DESTINATIONS = tuple(WAREHOUSES.values())
PROMISES: dict[Goods, int] = {"physical": DAY, "custom": 2 * DAY}
VIRTUAL = 0.03
CUSTOM = 0.03
CURRENCY = "CNY"

SCANNED_WITHIN = DAY
"""What carriers promise; a package that is never scanned has failed by then."""
ANSWERED_WITHIN = 2 * DAY
"""What desks for refunds promise."""

COME_BACK = 0.04
ASK_FOR_MONEY = 0.03

RETURN_REASONS: tuple[tuple[str, Fault], ...] = (
    ("does_not_fit", "buyer"),
    ("not_as_described", "merchant"),
    ("broken", "carrier"),
    ("quality", "merchant"),
    ("changed_mind", "buyer"),
)

Told = tuple[int, InputEvent]
"""An event with its time in milliseconds."""


def lives(market: Market, dice: Random, tally: Tally) -> Iterator[tuple[int, Iterator[Told]]]:
    """Each order: when it is paid, and all its events; in the order of payment.

    No event of it lies before its payment.  ``tally`` counts what scenarios spoil.
    """
    befallen: dict[str, tuple[Scenario, ...]] = {}
    for number, (paid, shop) in enumerate(market.payments(dice), 1):
        scenarios = befallen.get(shop.shop_id)
        if scenarios is None:
            scenarios = befallen[shop.shop_id] = market.befalls(shop)
        yield paid, _Life(f"o{number:06}", shop, paid, market, scenarios, dice, tally).tell()


@dataclass(slots=True)
class _Life:
    """One order; the order of the draws is part of what a seed means."""

    order_id: str
    shop: Shop
    paid: int
    market: Market
    scenarios: tuple[Scenario, ...]
    dice: Random
    tally: Tally
    _events: int = 0
    _refunds: int = 0

    def tell(self) -> Iterator[Told]:
        goods = self._goods()
        promise = PROMISES.get(goods)
        ship_by = None if promise is None else self.paid + promise
        yield self._order_paid(goods, ship_by)
        if ship_by is None:
            return
        leaves, held_up_by = self._leaves()
        if leaves - self.paid > 3 * HOUR and self._chance(self.market.habits.cancelled):
            yield self._cancelled(self.paid + self._between(MINUTE, 3 * HOUR))
            return
        if leaves > ship_by:
            yield from self._late(ship_by, leaves, held_up_by)
        yield from self._packages(leaves)

    def _goods(self) -> Goods:
        lot = self.dice.random()
        return "virtual" if lot < VIRTUAL else "custom" if lot < VIRTUAL + CUSTOM else "physical"

    def _leaves(self) -> tuple[int, list[Scenario]]:
        """When the goods are handed over, hours after the payment unless they are forgotten; and what holds them up."""
        leaves, held_up_by = self.paid + self._about(7 * HOUR, 0.5), []
        if self._chance(self.shop.forgets):
            leaves += self._between(DAY, 3 * DAY // 2)
        for scenario in self.scenarios:
            later = scenario.leaves(self.paid, leaves)
            if later > leaves:
                leaves = later
                held_up_by.append(scenario)
        return leaves, held_up_by

    def _late(self, ship_by: int, leaves: int, held_up_by: list[Scenario]) -> Iterator[Told]:
        """Shops report delays by a day; where one report was too short, another may follow."""
        reports, promise = self.market.habits.delay_reports, ship_by
        for scenario in held_up_by:
            reports = reports if scenario.delay_reports is None else scenario.delay_reports
        while leaves > promise and self._chance(reports):
            yield self._delay_reported(promise)
            promise += DAY
        if leaves > promise:
            for scenario in held_up_by:
                self.tally.spoiled(scenario, self.shop.shop_id, leaves)
        if self._chance(0.1):
            yield from self._refund("refund_only", "late", "merchant", self._between(ship_by + 1, leaves))

    def _packages(self, leaves: int) -> Iterator[Told]:
        packages = 2 if self._chance(self.market.habits.split) else 1
        arrives = leaves
        for number in range(1, packages + 1):
            last = number == packages
            at = leaves if last else max(self.paid, leaves - self._between(MINUTE, HOUR // 2))
            arrives = at + self._scan_delay()
            yield from self._package(f"{self.order_id}-p{number}", at, max(self.paid, arrives), last=last)
        yield from self._wanted_back(arrives)

    def _package(self, name: str, at: int, scanned: int, *, last: bool) -> Iterator[Told]:
        carrier = CARRIERS[int(self.dice.random() * len(CARRIERS))]
        shipped = self._envelope(at)
        completes = None if last else False
        yield at, PackageShipped(**shipped, package_id=name, carrier=carrier, completes_order=completes)
        found: int | None = scanned
        for scenario in self.scenarios:
            if found is None:
                break
            found = self._scanned(scenario, carrier, at, found)
        if found is not None:
            yield found, PackagePickedUp(**self._envelope(found), package_id=name, carrier=carrier)

    def _scanned(self, scenario: Scenario, carrier: str, shipped: int, scanned: int) -> int | None:
        found, limit = scenario.scanned(carrier, shipped, scanned, self.dice), shipped + SCANNED_WITHIN
        if found is None or limit < found != scanned:
            self.tally.spoiled(scenario, self.shop.shop_id, limit if found is None else found)
        return found

    def _scan_delay(self) -> int:
        """Some couriers scan before the shop says that it has shipped, a few forget to for a day."""
        if self._chance(0.05):
            return -self._between(MINUTE, 5 * MINUTE)
        return self._about(4 * HOUR, 0.5) + (DAY if self._chance(0.005) else 0)

    def _wanted_back(self, arrives: int) -> Iterator[Told]:
        """What buyers say who have unpacked it: most of them nothing."""
        asked = arrives + self._between(12 * HOUR, 3 * DAY)
        if self._chance(COME_BACK):
            reason, fault = self.dice.choice(RETURN_REASONS)
            yield from self._refund("return", reason, fault, asked)
            return
        for scenario in self.scenarios:
            if scenario.comes_back(self.paid, self.dice) and asked < self.market.ends:
                self.tally.spoiled(scenario, self.shop.shop_id, asked)
                yield from self._refund("return", "quality", "merchant", asked)
                return
        if self._chance(ASK_FOR_MONEY):
            yield from self._refund("refund_only", "item_missing", "merchant", asked)

    def _refund(self, kind: RefundKind, reason: str, fault: Fault, at: int) -> Iterator[Told]:
        if at >= self.market.ends:
            return
        self._refunds += 1
        name = f"{self.order_id}-r{self._refunds}"
        asked = RefundRequested(**self._envelope(at), refund_id=name, kind=kind, reason=reason, fault=fault)
        yield at, asked
        if self._chance(0.1):
            then = at + self._between(HOUR, 6 * HOUR)
            yield then, RefundWithdrawn(**self._envelope(then), refund_id=name)
            return
        then = self._answered(at, at + self._about(10 * HOUR, 0.5))
        envelope = self._envelope(then)
        if self._chance(0.85):
            yield then, RefundResolved(**envelope, refund_id=name, outcome="approved")
        else:
            yield then, RefundResolved(**envelope, refund_id=name, outcome="rejected")

    def _answered(self, asked: int, answered: int) -> int:
        for scenario in self.scenarios:
            later = scenario.answered(asked, answered, self.dice)
            if later > max(answered, asked + ANSWERED_WITHIN):
                self.tally.spoiled(scenario, self.shop.shop_id, later)
            answered = later
        return answered

    def _order_paid(self, goods: Goods, ship_by: int | None) -> Told:
        return self.paid, OrderPaid(
            **self._envelope(self.paid),
            ship_by=None if ship_by is None else _moment(ship_by),
            goods=goods,
            ship_from=self.shop.region,
            ship_to=DESTINATIONS[int(self.dice.random() * len(DESTINATIONS))],
            items=1 + int(self.dice.random() * 4),
            amount=self._about(8_000, 0.7),
            currency=CURRENCY,
            category=CATEGORIES[int(self.dice.random() * len(CATEGORIES))],
        )

    def _cancelled(self, at: int) -> Told:
        return at, OrderCancelled(**self._envelope(at), by="buyer", reason="changed_mind")

    def _delay_reported(self, ship_by: int) -> Told:
        at = ship_by - self._between(MINUTE, 6 * HOUR)
        return at, PromiseChanged(
            **self._envelope(at), ship_by=_moment(ship_by + DAY), reason="delay_report_approved"
        )

    def _envelope(self, at: int) -> dict[str, Any]:
        self._events += 1
        return {
            "event_id": f"{self.order_id}-{self._events}",
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
