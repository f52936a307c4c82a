"""What follows from the facts of one partition?  Facts in, alerts and what must be kept out; pure and deterministic.

`Engine.apply` joins a fact; `Engine.advance` moves the clock and decides, instant by instant, what is due.  Only orders'
records and the states of tiers are kept; what counts is a function of them and the clock.  So what an instant changes is
the difference between what an order contributes at it and at the millisecond before, and what a late fact changes is the
difference between what its order contributes now with it and without it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from stream.engine.alerts import Alert
from stream.engine.facts import KIND_BITS, Order, Paid, decode_order, encode_order, join
from stream.engine.findings import Findings, Pending, Unit
from stream.engine.judging import Judge
from stream.engine.ledger import order_key, read_key, read_order, read_states, state_key
from stream.engine.placing import Placing, Touched
from stream.engine.reading import Event
from stream.engine.shop import Shop
from stream.engine.standing import rates_document
from stream.engine.states import StateRecord, encode_states
from stream.engine.timers import Due, Timers
from stream.engine.verdicts import EVERYTHING, FORGETTING, Verdicts
from stream.engine.windows import Layout
from stream.policy.spec import PolicySet

ORPHANS_KEPT_MS = 400 * 86_400_000
"""Facts of an order that is never paid are kept for so long: longer than input topics and alerts are."""

_PAID = KIND_BITS[Paid]
"""A payment affects every metric."""

SLICE = 256
"""So many orders are rebuilt between two turns of whoever rebuilds."""

EVERY_WINDOW = -1
"""All windows, as bits."""


class Outcome(Enum):
    """What became of an event."""

    JOINED = auto()
    """It is part of what is known."""
    REPEATED = auto()
    """It changes nothing."""
    LATE = auto()
    """It is part of what is known, but the clock had passed it (SEMANTICS T4)."""
    TOO_OLD = auto()
    """It could not be joined to anything (SEMANTICS F5)."""


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
        self._shops: dict[str, Shop] = {}
        self._timers = Timers()
        self._placing = Placing(self._layout, self._timers)
        self._records: dict[bytes, bytes | None] = {}
        self._retractions = 0
        self._keep = max((version.keep for version in policy.versions), default=0)
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
        if clock is not None and at < clock - self._keep - self._layout.longest_ms:
            return Outcome.TOO_OLD
        if self.latest_fact is None or at > self.latest_fact:
            self.latest_fact = at
        shop = self._shop(event.shop_id)
        packed = shop.orders.get(event.order_id)
        order = Order() if packed is None else decode_order(packed)
        if not join(order, event.fact):
            return Outcome.REPEATED
        self._keep_order(shop, event.order_id, encode_order(order))
        if clock is None or at > clock:
            self._timers.revisit(at, (shop.name, event.order_id), KIND_BITS[type(event.fact)])
            return Outcome.JOINED
        before = Order() if packed is None else decode_order(packed)
        self._settle(shop, event.order_id, order, self._verdicts.find(before, clock), clock)
        return Outcome.LATE

    def _shop(self, name: str) -> Shop:
        shop = self._shops.get(name)
        if shop is None:
            shop = self._shops[name] = Shop(name, self._layout.new_shop())
        return shop

    def _keep_order(self, shop: Shop, order_id: str, packed: bytes) -> None:
        shop.orders[order_id] = packed
        self._records[order_key(shop.name, order_id)] = packed

    def end(self) -> int | None:
        """Where a drain ends by itself: the latest fact or deadline (SEMANTICS T5); None if nothing was read."""
        if self.latest_fact is None:
            return None
        deadlines = (
            deadline
            for shop in self._shops.values()
            for packed in shop.orders.values()
            for deadline in self._verdicts.deadlines(decode_order(packed))
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
        return changes

    def _at(self, t: int, due: Due, changes: Changes) -> None:
        """Everything that happens at one instant, then the rules."""
        self.clock = t
        orders = due.orders
        if t in self._publications:
            orders = dict.fromkeys(self._all_orders(), EVERYTHING)
        # Panes first: what is placed now is added to windows as they are now.
        for name, boundary in due.boundaries:
            self._placing.cross(self._shops[name], boundary)
        for (name, order_id), why in orders.items():
            self._revisit(self._shops[name], order_id, t, why)
        for name, windows in due.tiers.items():
            self._placing.touched.add(name, windows)
        if t in self._starts:
            self._start_version(t, changes)
        self._judge_touched(t, changes)

    def _all_orders(self) -> Iterator[tuple[str, str]]:
        return ((shop.name, order_id) for shop in self._shops.values() for order_id in shop.orders)

    def _start_version(self, t: int, changes: Changes) -> None:
        self._judge.turn(t)
        for shop in self._shops.values():
            changes.alerts += self._judge.drop_gone(shop, t)
            self._placing.touched.add(shop.name, EVERY_WINDOW)

    def _judge_touched(self, t: int, changes: Changes) -> None:
        touched = self._placing.touched
        if not touched.windows:
            return
        self._placing.touched = Touched()
        alerts: list[Alert] = []
        for name, windows in touched.windows.items():
            shop = self._shops[name]
            for found in self._judge.judge(shop, windows, touched.corrected.get(name, 0), t):
                if isinstance(found, Alert):
                    alerts.append(found)
                else:
                    self._timers.judge(found, name, windows)
            self._save_states(shop)
        alerts.sort(key=lambda alert: alert.shop_id)
        changes.alerts += alerts
        changes.touched.update(dict.fromkeys(touched.windows))

    def _save_states(self, shop: Shop) -> None:
        if shop.unsaved:
            records = [StateRecord(*key, state) for key, state in shop.states.items()]
            self._records[state_key(shop.name)] = encode_states(records) if records else None
            shop.unsaved = False

    # -- orders

    def _revisit(self, shop: Shop, order_id: str, t: int, why: int) -> None:
        """An instant of an order: what it contributes may differ from what it did the millisecond before."""
        packed = shop.orders.get(order_id)
        if packed is None:
            return
        order = decode_order(packed)
        affected = EVERYTHING if why & (_PAID | FORGETTING) else why
        is_new = order.paid is not None and order.paid.at == t
        before = Findings(t) if is_new else self._verdicts.find(order, t - 1, affected)
        self._settle(shop, order_id, order, before, t, affected)

    def _settle(  # noqa: PLR0913, PLR0917 - an order, and what there was of it
        self, shop: Shop, order_id: str, order: Order, before: Findings, t: int, affected: int = EVERYTHING
    ) -> None:
        """Put what is found at ``t`` in the place of what was found before."""
        found = self._verdicts.find(order, t, affected)
        self._replace(shop, order_id, before.units, found.units, t)
        self._wait(shop, order_id, before.pending, found)
        if not found.pending:
            self._let_go(shop, order_id, order, found, sure=affected == EVERYTHING)

    def _wait(self, shop: Shop, order_id: str, before: Sequence[Pending], found: Findings) -> None:
        """Look at the order again when its deadlines pass, if no fact comes before."""
        key = (shop.name, order_id)
        for deadline, passing in before:
            if (deadline, passing) not in found.pending:
                self._timers.cancel(deadline, key, passing)
        for deadline, passing in found.pending:
            self._timers.revisit(deadline, key, passing)

    def _let_go(self, shop: Shop, order_id: str, order: Order, found: Findings, *, sure: bool) -> None:
        """Forget the order, or look again when it may be forgotten; ``sure`` if all metrics were asked."""
        instant = self._forgettable_at(order, found)
        if instant > found.t or not sure:
            self._timers.revisit(max(instant, found.t + 1), (shop.name, order_id), FORGETTING)
        else:
            del shop.orders[order_id]
            self._records[order_key(shop.name, order_id)] = None

    def _replace(
        self, shop: Shop, order_id: str, before: Sequence[Unit], after: Sequence[Unit], t: int
    ) -> None:
        """What counts of an order is ``after`` from ``t`` on."""
        if before == after:
            return
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
        latest = max(fact.at for fact in order.all())
        if order.paid is None:
            return latest + ORPHANS_KEPT_MS
        reach = self._layout.longest_ms
        no_more_facts = order.paid.at + self._verdicts.keep_of(order) + self._keep + reach + 1
        out_of_windows = max((unit.place for unit in found.units), default=0) + reach
        return max(latest, no_more_facts, out_of_windows, self._last_extension)

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
            shop.orders[order_id] = value

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
        for count, (name, order_id) in enumerate(list(self._all_orders())):
            self._rebuild_order(self._shops[name], order_id)
            if count % SLICE == 0:
                yield
        if clock is not None:
            self._placing.touched.windows.update(dict.fromkeys(self._shops, EVERY_WINDOW))

    def _rebuild_order(self, shop: Shop, order_id: str) -> None:
        order = read_order(order_key(shop.name, order_id), shop.orders[order_id])
        for fact in order.all():
            if self.clock is None or fact.at > self.clock:
                self._timers.revisit(fact.at, (shop.name, order_id), KIND_BITS[type(fact)])
        if self.clock is not None:
            self._settle(shop, order_id, order, Findings(self.clock), self.clock)

    # -- what is asked

    def rates(self, shop_id: str) -> dict[str, object]:
        """How a shop stands at the clock, as the topic ``rates`` carries it."""
        return rates_document(self._shop(shop_id), self._judge, self.clock)

    def shops(self) -> Iterable[str]:
        """All that are known."""
        return list(self._shops)

    def in_trouble(self, shop_id: str) -> bool:
        """Whether a tier of it is pending or firing."""
        shop = self._shops.get(shop_id)
        return shop is not None and bool(shop.states)
