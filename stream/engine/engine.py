"""What follows from the facts of one partition?  Facts in, alerts and what must be kept out; pure and deterministic.

`Engine.apply` joins a fact; `Engine.advance` moves the clock and decides, instant by instant, what is due.  Only orders'
records and the states of tiers are kept; what counts is a function of them and the clock.  So what an instant changes is
the difference between what an order contributes at it and at the millisecond before, and what a late fact changes is the
difference between what its order contributes now with it and without it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from stream.engine.alerts import Alert
from stream.engine.facts import KIND_BITS, Fact, Paid
from stream.engine.findings import Findings, Pending, Unit
from stream.engine.foresight import Forecast
from stream.engine.judging import Judge, Judged
from stream.engine.keeping import Kept
from stream.engine.ledger import orders_prefix, read_key, read_order, read_states, state_key
from stream.engine.order import Order, decode_order
from stream.engine.placing import Placing
from stream.engine.reading import Event
from stream.engine.shop import Shop
from stream.engine.standing import rates_document
from stream.engine.states import StateRecord, encode_states
from stream.engine.timers import Asked, Due, Timers
from stream.engine.verdicts import ANY_FACT, EVERYTHING, FORGETTING, Verdicts
from stream.engine.view import FOR_EVER
from stream.engine.windows import Layout
from stream.policy.spec import PolicySet

ORPHANS_KEPT_MS: Final = 400 * 86_400_000
"""Facts of an order that is never paid are kept for so long: longer than input topics and alerts are."""

_PAID: Final = KIND_BITS[Paid]
"""A payment affects every metric."""

HOUR_MS: Final = 3_600_000

SLICE: Final = 256
"""So many orders are rebuilt between two turns of whoever rebuilds."""

EVERY_WINDOW: Final = -1
"""All windows, as bits."""


Outcome = Literal["joined", "repeated", "late", "too_old"]
"""What became of an event: it is part of what is known; it changes nothing; it is part of what is known, but the clock had
passed it (SEMANTICS T4); it could not be joined to anything (F5).  Texts, since every event has one, and it is counted."""


@dataclass(slots=True)
class Changes:
    """What an advance of the clock has brought."""

    alerts: list[Alert] = field(default_factory=list)
    """Fired and resolved, in the order of time."""
    records: dict[bytes, bytes | None] = field(default_factory=dict)
    """To be kept, by key; None: to be deleted."""
    touched: dict[str, None] = field(default_factory=dict)
    """Shops whose rates may have changed."""
    retractions: int = 0
    """Verdicts already counted that a later fact, or an exemption, overturned."""


class Engine:
    """The engine of one partition under ``policy``; ``clock`` is the instant up to which everything is decided."""

    def __init__(self, policy: PolicySet) -> None:
        self.clock: int | None = None
        self.latest_fact: int | None = None
        self._verdicts = Verdicts(policy)
        self._layout = Layout(policy)
        self._judge = Judge(self._verdicts, self._layout)
        self._forecasting = self._judge.forecast_windows
        """Windows, as bits, whose tiers look ahead: they are judged whenever what is ahead changes."""
        self._shops: dict[str, Shop] = {}
        self._timers = Timers()
        self._placing = Placing(self._layout, self._timers)
        self._records: dict[bytes, bytes | None] = {}
        self._retractions = 0
        self._stirred: set[str] = set()
        """Shops whose open orders have changed since that was handed out."""
        self._promises = sum(self._verdicts.passing_of(name) for name in self._verdicts.promises)
        self._least_keep = min((version.keep for version in policy.versions), default=0)
        keep = max((version.keep for version in policy.versions), default=0)
        self._reach = keep + self._layout.longest_ms
        """How far behind the clock a fact can still change anything (SEMANTICS F5)."""
        self._starts = {version.effective_from for version in policy.versions}
        published = {each.published_at for each in policy.exemptions}
        self._publications = {at for at in published if at is not None}
        extending = [each.published_at or 0 for each in policy.exemptions if each.effect == "extend"]
        self._last_extension = max(extending, default=0)
        for t in self._starts | self._publications:
            self._timers.turn(t)

    # -- facts

    def apply(self, event: Event) -> Outcome:
        """Join a fact to its order; whatever follows from it is found by the next `advance`."""
        at, clock = event.occurred_at, self.clock
        if clock is not None and at < clock - self._reach:
            return "too_old"
        if self.latest_fact is None or at > self.latest_fact:
            self.latest_fact = at
        shop = self._shop(event.shop_id)
        kept = shop.orders.get(event.order_id)
        if kept is None:
            kept = shop.orders[event.order_id] = Kept(shop.name, event.order_id)
        packed = kept.packed
        if not kept.join(event.fact):
            return "repeated"
        self._records[shop.orders_prefix + kept.order_id.encode()] = kept.packed
        if clock is None or at > clock:
            self._timers.revisit(at, kept, KIND_BITS[type(event.fact)])
            return "joined"
        before, order = Order() if packed is None else decode_order(packed), kept.order()
        self._settle(shop, kept, order, self._verdicts.find(before, clock), self._verdicts.find(order, clock))
        return "late"

    def _shop(self, name: str) -> Shop:
        shop = self._shops.get(name)
        if shop is None:
            shop = self._shops[name] = Shop(name, orders_prefix(name), self._layout.new_shop())
        return shop

    def end(self) -> int | None:
        """Where a drain ends by itself: the latest fact or deadline (SEMANTICS T5); None if nothing was read."""
        if self.latest_fact is None:
            return None
        deadlines = (
            deadline
            for shop in self._shops.values()
            for kept in shop.orders.values()
            for deadline in self._verdicts.deadlines(kept.order())
        )
        return max(self.latest_fact, max(deadlines, default=self.latest_fact))

    # -- the clock

    def advance(self, watermark: int | None) -> Changes:
        """Decide what is due up to ``watermark``, included, and hand out what must be kept.

        None decides nothing; a watermark behind the clock decides what late facts have changed.
        """
        changes = Changes()
        if watermark is not None:
            if self.clock is not None:
                self._judge_touched(self.clock, changes)
            for t, due in self._timers.until(watermark):
                self._at(t, due, changes)
            self.clock = watermark if self.clock is None else max(self.clock, watermark)
        changes.records, self._records = self._records, {}
        changes.retractions, self._retractions = self._retractions, 0
        for shop in self._stirred:
            changes.touched[shop] = None
        self._stirred.clear()
        return changes

    def _at(self, t: int, due: Due, changes: Changes) -> None:
        """Everything that happens at one instant, then the rules."""
        self.clock = t
        orders = due.orders
        if t in self._publications:
            orders = [Asked(kept, ANY_FACT) for kept in self._all_orders()]
        # Panes first: what is placed now is added to windows as they are now.
        for name, boundary in due.boundaries:
            self._placing.cross(self._shops[name], boundary)
        for asked in orders:
            if asked.bits > 0:
                self._revisit(asked.kept, t, asked.bits)
        for name, windows in due.tiers.items():
            self._placing.touch(self._shops[name], windows)
        if t in self._starts:
            self._start_version(t, changes)
        self._judge_touched(t, changes)

    def _all_orders(self) -> Iterator[Kept]:
        return (kept for shop in self._shops.values() for kept in shop.orders.values())

    def _start_version(self, t: int, changes: Changes) -> None:
        self._judge.turn(t)
        for shop in self._shops.values():
            changes.alerts += self._judge.drop_gone(shop, t)
            self._placing.touch(shop, EVERY_WINDOW)

    def _judge_touched(self, t: int, changes: Changes) -> None:
        shops = self._placing.take_touched()
        if not shops:
            return
        found = Judged()
        for shop in shops:
            windows, corrected = shop.touched, shop.corrected
            shop.touched = shop.corrected = 0
            self._judge.judge(shop, windows, corrected, t, found)
            for instant in found.timers:
                self._timers.judge(instant, shop.name, windows)
            found.timers.clear()
            if shop.unsaved:
                self._save_states(shop)
            changes.touched[shop.name] = None
        if found.alerts:
            changes.alerts += sorted(found.alerts, key=_shop_of)

    def _save_states(self, shop: Shop) -> None:
        records = [StateRecord(*key, state) for key, state in shop.states.items()]
        self._records[state_key(shop.name)] = encode_states(records) if records else None
        shop.unsaved = False

    # -- orders

    def _revisit(self, kept: Kept, t: int, why: int) -> None:
        """An instant of an order: what it contributes may differ from what it did the millisecond before."""
        if kept.packed is None:
            return
        shop, order = self._shops[kept.shop], kept.order()
        affected = EVERYTHING if why & (_PAID | FORGETTING) else why
        before, found = self._verdicts.change(order, t, affected)
        self._settle(shop, kept, order, before, found, sure=affected == EVERYTHING)

    def _settle(  # noqa: PLR0913 - an order, and what is found in it
        self, shop: Shop, kept: Kept, order: Order, before: Findings, found: Findings, *, sure: bool = True
    ) -> None:
        """Put what is ``found`` in the place of what was found ``before``; ``sure`` if all metrics were asked."""
        self._replace(shop, kept.order_id, before.units, found.units, found.t)
        self._wait(shop, kept, order, before.pending, found.pending)
        if not found.pending:
            self._let_go(shop, kept, order, found, sure=sure)

    def _wait(
        self, shop: Shop, kept: Kept, order: Order, before: list[Pending], pending: list[Pending]
    ) -> None:
        """Look at the order again when its deadlines pass, if no fact comes before."""
        for each in before:
            if each not in pending:
                self._timers.cancel(each.deadline, kept, each.passing)
                if each.passing & self._promises:
                    self._close(shop, kept.order_id, each)
        for each in pending:
            if each not in before:
                self._timers.revisit(each.deadline, kept, each.passing)
                if each.passing & self._promises:
                    self._open(shop, kept.order_id, order, each)

    def _open(self, shop: Shop, order_id: str, order: Order, pending: Pending) -> None:
        """The order waits for its promise, and foresight will ask for it."""
        there = shop.open.get(pending.passing)
        if there is None:
            there = shop.open[pending.passing] = {}
        there[order_id] = pending.deadline
        if order.paid is not None and pending.deadline > order.paid.at + self._least_keep:
            shop.long_promised.add(order_id)
        self._stir(shop)

    def _close(self, shop: Shop, order_id: str, pending: Pending) -> None:
        """The order does not wait any more."""
        del shop.open[pending.passing][order_id]
        self._stir(shop)

    def _stir(self, shop: Shop) -> None:
        self._stirred.add(shop.name)
        self._look_ahead(shop)

    def _look_ahead(self, shop: Shop) -> None:
        """Judge the tiers that do."""
        if self._forecasting:
            self._placing.touch(shop, self._forecasting)

    def _let_go(self, shop: Shop, kept: Kept, order: Order, found: Findings, *, sure: bool) -> None:
        """Forget the order, or look again when it may be forgotten."""
        instant = self._forgettable_at(order, found)
        if instant > found.t or not sure:
            self._timers.revisit(_full_hour(max(instant, found.t + 1)), kept, FORGETTING)
        else:
            del shop.orders[kept.order_id]
            kept.forget()
            shop.long_promised.discard(kept.order_id)
            self._records[shop.orders_prefix + kept.order_id.encode()] = None

    def _replace(self, shop: Shop, order_id: str, before: list[Unit], after: list[Unit], t: int) -> None:
        """What counts of an order is ``after`` from ``t`` on."""
        if before == after:
            return
        # Its pane may be still to enter a window: then nothing counts otherwise now, but something will.
        self._look_ahead(shop)
        for unit in before:
            if unit not in after:
                self._placing.retract(shop, order_id, unit, t)
                # A mark is no correction: the order counted without it, and now it counts with it (U3).
                if unit.bad or self._verdicts.kind_of(unit.metric) != "return":
                    self._retractions += 1
        for unit in after:
            if unit not in before:
                self._placing.add(shop, order_id, unit, t)

    def _forgettable_at(self, order: Order, found: Findings) -> int:
        """From when on no fact or exemption that may still come can make a unit of ``order`` count (SEMANTICS F5)."""
        if order.paid is None:
            return _latest(order) + ORPHANS_KEPT_MS
        no_more_facts = order.paid.at + self._verdicts.keep_of(order) + self._reach + 1
        instant = max(max(_latest(order), no_more_facts), self._last_extension)  # noqa: PLW3301 - of two each, which mypyc knows
        for unit in found.units:
            instant = max(instant, unit.place + self._layout.longest_ms)
        return instant

    # -- recovery

    def restore(self, key: bytes, value: bytes | None) -> None:
        """Take back one record of the ledger; the last of a key counts.  Raises UnreadableRecordError."""
        shop_id, order_id = read_key(key)
        shop = self._shop(shop_id)
        if order_id is None:
            records = () if value is None else read_states(key, value)
            shop.states = {(record.rule, record.severity): record.state for record in records}
        elif value is None:
            shop.orders.pop(order_id, None)
        else:
            shop.orders[order_id] = Kept(shop_id, order_id, value)

    def rebuild(self, clock: int | None, latest_fact: int | None) -> Iterator[None]:
        """Make of what was restored a state at ``clock``, in slices; yields between them.

        All rules are judged again at the clock by the next `advance`, which finds what it has found before, unless a late
        fact had been joined since, or the policy is another.  Raises UnreadableRecordError.
        """
        self.clock, self.latest_fact = clock, latest_fact
        if clock is not None:
            for _ in self._timers.until(clock):
                pass  # versions that have started, and exemptions that are published
            self._judge.turn(clock)
        for count, kept in enumerate(list(self._all_orders())):
            self._rebuild_order(self._shops[kept.shop], kept)
            if count % SLICE == 0:
                yield
        if clock is not None:
            for shop in self._shops.values():
                self._placing.touch(shop, EVERY_WINDOW)

    def _rebuild_order(self, shop: Shop, kept: Kept) -> None:
        packed, clock = kept.packed, self.clock
        if packed is None:
            return
        order = read_order((kept.shop, kept.order_id), packed)
        if clock is None or _latest(order) > clock:
            for fact in order.all():
                if clock is None or fact.at > clock:
                    self._timers.revisit(fact.at, kept, KIND_BITS[type(fact)])
        if clock is not None:
            self._settle(shop, kept, order, Findings(clock), self._verdicts.find(order, clock))

    # -- what is asked

    def rates(self, shop_id: str, *, foresight: bool = True) -> dict[str, object]:
        """How a shop stands at the clock, as the topic ``rates`` carries it; without ``foresight`` nothing of what is ahead."""
        shop = self._shop(shop_id)
        ahead = foresight and self.clock is not None
        forecast = (
            Forecast(self._judge.foresight, shop, self.clock) if ahead and self.clock is not None else None
        )
        return rates_document(shop, self._judge, self.clock, forecast)

    def shops(self) -> Iterable[str]:
        """All that are known."""
        return list(self._shops)

    def in_trouble(self, shop_id: str) -> bool:
        """Whether a tier of it is pending or firing."""
        shop = self._shops.get(shop_id)
        return shop is not None and bool(shop.states)


def _full_hour(t: int) -> int:
    """The next one: orders are forgotten hour by hour, so that they share their timers."""
    return -(-t // HOUR_MS) * HOUR_MS


def _shop_of(alert: Alert) -> str:
    return alert.shop_id


def _latest(order: Order) -> int:
    """The time of its newest fact; what there may be several of lies in the order of time."""
    latest = order.paid.at if order.paid is not None else -FOR_EVER
    if order.cancelled is not None:
        latest = max(latest, order.cancelled.at)
    several: tuple[tuple[Fact, ...], ...] = (
        order.changed, order.shipped, order.picked_up, order.requested, order.withdrawn, order.resolved,
    )  # fmt: skip
    for facts in several:
        if facts:
            latest = max(latest, facts[-1].at)
    return latest
