"""What would be if no further fact came?  By trying: every instant ahead, and every number of orders shipped (P1-P3)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tests.oracle.facts import Fact, order_at, read_fact
from tests.oracle.policies import Metric, Policy, read_policy
from tests.oracle.times import written
from tests.oracle.units import Situation
from tests.oracle.watch import Document, Seat, ShopWatch, _seats

HOUR = 3_600_000
MOST_NAMED = 50


class Due(NamedTuple):
    """An open order, by when it is due."""

    due: int
    order_id: str


class ForesightOracle:
    """One shop at ``t_ms``, of which ``facts`` are known; those after it are not there."""

    def __init__(self, policy: Policy, facts: Iterable[Fact], shop_id: str, t_ms: int) -> None:
        self._policy = policy
        self._shop_id = shop_id
        self._facts = [fact for fact in facts if fact.at <= t_ms]
        self._t = t_ms
        version = self._policy.version_at(t_ms)
        metrics = version.metrics if version else {}
        self._promises = {name: each for name, each in metrics.items() if each.kind == "on_time_ship"}
        self._seats = [seat for seat in _seats(version) if seat.rule.metric in self._promises]
        self._all_seats = _seats(version)

    @classmethod
    def read(
        cls, policy_texts: Sequence[str], events: Sequence[Mapping[str, Any]], shop_id: str, t_ms: int
    ) -> "ForesightOracle":
        """The shop of whose and others' ``events`` all may be given."""
        facts = [fact for fact in map(read_fact, events) if fact.shop_id == shop_id]
        return cls(read_policy(policy_texts), facts, shop_id, t_ms)

    def tiers(self) -> dict[tuple[str, str], Document]:
        """P1 and P2 of every tier on shipping in time."""
        return {seat.name: self._told(seat) for seat in self._seats}

    def at_risk(self) -> list[Document]:
        """P3 of every metric on shipping in time that a rule looks at, in the order of the rules."""
        looked_at = [name for seat in self._all_seats for name in _metrics(seat) if name in self._promises]
        names = list(dict.fromkeys(looked_at))
        return [self._of_metric(name, min(MOST_NAMED, 4 * MOST_NAMED // len(names))) for name in names]

    def _of_metric(self, name: str, most: int) -> Document:
        open_orders = self.open_orders(name)

        def within(hours: int) -> int:
            return sum(each.due <= self._t + hours * HOUR for each in open_orders)

        return {
            "metric": name,
            "open": len(open_orders),
            "within_1h": within(1),
            "within_6h": within(6),
            "within_24h": within(24),
            "due_next": [
                {"order_id": each.order_id, "due": written(each.due)} for each in open_orders[:most]
            ],
        }

    def open_orders(self, metric: str) -> list[Due]:
        """Paid, not shipped, not set aside, not yet due; first those due first, ties by order id."""
        found = []
        for order_id in {fact.order_id for fact in self._facts}:
            due = self._open_until([fact for fact in self._facts if fact.order_id == order_id], metric)
            if due is not None:
                found.append(Due(due, order_id))
        return sorted(found)

    def _open_until(self, facts: Sequence[Fact], name: str) -> int | None:
        """When an order is due, if it is open."""
        paid = min((f for f in facts if f.type == "order_paid"), key=lambda fact: fact.key, default=None)
        version = self._policy.version_at(paid.at) if paid else None
        metric: Metric | None = version.metrics.get(name) if version else None
        order = order_at(facts, self._t, version.keep) if version else None
        if metric is None or order is None or order.paid.fields["goods"] not in metric.goods:
            return None
        situation = Situation(order, metric, self._policy.published(self._t), self._t)
        if situation.promise is None or order.shipped_at is not None:
            return None
        due = situation.extended(situation.promise, situation.anchors(shipped=None))
        return None if due <= self._t or situation.set_aside(due, None) else due

    def _told(self, seat: Seat) -> Document:
        breach_at = self.breach_at(seat)
        if breach_at is None:
            return {"breach_at": None, "to_save": 0}
        return {"breach_at": written(breach_at), "to_save": self.to_save(seat)}

    def breach_at(self, seat: Seat) -> int | None:
        """P1."""
        open_orders = self.open_orders(seat.rule.metric or "")
        if not open_orders or self._watch(())._sight_now(seat, self._t).breach:
            return None
        return self._first_breach(seat, self._watch(()), open_orders[-1].due)

    def to_save(self, seat: Seat) -> int | None:
        """P2, of a tier that will be in breach."""
        open_orders = self.open_orders(seat.rule.metric or "")
        for count in range(1, len(open_orders) + 1):
            if self._first_breach(seat, self._watch(open_orders[:count]), open_orders[-1].due) is None:
                return count
        return None

    def _watch(self, shipped: Sequence[Due]) -> ShopWatch:
        """The shop with nothing but the facts up to now, and these orders shipped at once."""
        watch = ShopWatch(self._policy, self._shop_id)
        watch.learn([*self._facts, *(self._shipping(each.order_id) for each in shipped)])
        return watch

    def _shipping(self, order_id: str) -> Fact:
        fields = {"package_id": "one that there is not yet", "carrier": "c"}
        return Fact("package_shipped", "e", self._shop_id, order_id, self._t, fields)

    def _first_breach(self, seat: Seat, watch: ShopWatch, last: int) -> int | None:
        for at in self._ahead(watch, last):
            watch._seen.clear()
            now = self._seat_at(seat, at)
            if now is not None and watch._sight_now(now, at).breach:
                return at
        return None

    def _ahead(self, watch: ShopWatch, last: int) -> Iterator[int]:
        """All instants after now at which anything may change, and the very next."""
        instants = {self._t + 1, *watch._instants()}
        return iter(sorted(at for at in instants if self._t < at <= last))

    def _seat_at(self, seat: Seat, at: int) -> Seat | None:
        """The tier as it goes on in the version in force then, if it is on shipping in time still."""
        version = self._policy.version_at(at)
        for each in _seats(version):
            if version and each.name == seat.name and each.rule.metric:
                kind = version.metrics[each.rule.metric].kind
                return each if kind == "on_time_ship" else None
        return None


def _metrics(seat: Seat) -> list[str]:
    parts = seat.rule.score.parts if seat.rule.score else ()
    return [seat.rule.metric] if seat.rule.metric else [part.metric for part in parts]
