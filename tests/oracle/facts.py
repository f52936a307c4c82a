"""What is known of an order at an instant?  (SEMANTICS T1, F1-F5)"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.oracle.times import instant

# The fields of the contract in its order, behind which F2 compares repeats.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "order_paid": ("ship_by", "goods", "ship_from", "ship_to", "items", "amount", "currency", "category"),
    "promise_changed": ("ship_by", "reason"),
    "order_cancelled": ("by", "reason"),
    "package_shipped": ("package_id", "carrier", "completes_order"),
    "package_picked_up": ("package_id", "carrier"),
    "refund_requested": ("refund_id", "kind", "reason", "fault"),
    "refund_withdrawn": ("refund_id",),
    "refund_resolved": ("refund_id", "outcome"),
}
_KEPT_OF_A_KIND = 100


@dataclass(frozen=True)
class Fact:
    """One event; its times are instants."""

    type: str
    event_id: str
    shop_id: str
    order_id: str
    at: int
    fields: Mapping[str, Any]

    @property
    def key(self) -> tuple[object, ...]:
        """What repeats are ordered by (F2): a missing field first, false before true, texts as UTF-8."""
        values = [self.fields.get(name) for name in FIELDS[self.type]]
        comparable = [value.encode() if isinstance(value, str) else value for value in values]
        return self.at, self.event_id.encode(), *[() if v is None else (v,) for v in comparable]


def read_fact(event: Mapping[str, Any]) -> Fact:
    """The event as a fact."""
    fields = {name: event[name] for name in FIELDS[event["type"]] if event.get(name) is not None}
    if "ship_by" in fields:
        fields["ship_by"] = instant(fields["ship_by"])
    at = instant(event["occurred_at"])
    return Fact(event["type"], event["event_id"], event["shop_id"], event["order_id"], at, fields)


@dataclass(frozen=True)
class Package:
    """A package that was shipped, or scanned, or both."""

    package_id: str
    shipped: Fact | None
    scanned: Fact | None


@dataclass(frozen=True)
class Refund:
    """A request to give money back, and what became of it."""

    refund_id: str
    requested: Fact | None
    withdrawn: Fact | None
    resolved: Fact | None

    def withdrawn_by(self, t: int) -> bool:
        """Whether it is withdrawn, and that no later than ``t``."""
        return self.withdrawn is not None and self.withdrawn.at <= t


@dataclass(frozen=True)
class Order:
    """What is known of an order that was paid, repeats removed."""

    paid: Fact
    changes: tuple[Fact, ...]
    cancelled: Fact | None
    packages: tuple[Package, ...]
    refunds: tuple[Refund, ...]

    @property
    def ship_by(self) -> int | None:
        """What was promised at payment (F4)."""
        promised: int | None = self.paid.fields.get("ship_by")
        return promised

    @property
    def shipped_at(self) -> int | None:
        """The first shipping that completes the order (F3)."""
        shippings = [package.shipped for package in self.packages if package.shipped]
        return min((each.at for each in shippings if each.fields.get("completes_order", True)), default=None)


def payment(facts: Sequence[Fact], t: int) -> Fact | None:
    """The payment of the order that ``facts`` are of, as known at ``t``."""
    return _least([fact for fact in facts if fact.type == "order_paid" and fact.at <= t])


def order_at(facts: Sequence[Fact], t: int, keep: int) -> Order | None:
    """The order that ``facts`` are of, as known at ``t``; None while it is not paid (F4)."""
    paid = payment(facts, t)
    if paid is None:
        return None
    known = [fact for fact in facts if fact.at <= t and fact.at <= paid.at + keep]
    changes = _things([fact for fact in known if fact.type == "promise_changed"], "event_id")
    packages = _things([fact for fact in known if "package_id" in fact.fields], "package_id")
    refunds = _things([fact for fact in known if "refund_id" in fact.fields], "refund_id")
    return Order(
        paid=paid,
        changes=tuple(change for _, of in changes if (change := _least(of))),
        cancelled=_first(known, "order_cancelled"),
        packages=tuple(
            Package(name, _first(of, "package_shipped"), _first(of, "package_picked_up"))
            for name, of in packages
        ),
        refunds=tuple(
            Refund(
                name,
                _first(of, "refund_requested"),
                _first(of, "refund_withdrawn"),
                _first(of, "refund_resolved"),
            )
            for name, of in refunds
        ),
    )


def _least(facts: Sequence[Fact]) -> Fact | None:
    return min(facts, key=lambda fact: fact.key, default=None)


def _first(facts: Sequence[Fact], kind: str) -> Fact | None:
    return _least([fact for fact in facts if fact.type == kind])


def _things(facts: Sequence[Fact], name: str) -> list[tuple[str, list[Fact]]]:
    """The facts of each thing, things in the order of their least fact, and of them the 100 least (F2)."""
    things: dict[str, list[Fact]] = {}
    for fact in sorted(facts, key=lambda fact: (fact.at, fact.event_id.encode())):
        things.setdefault(fact.event_id if name == "event_id" else fact.fields[name], []).append(fact)
    return list(things.items())[:_KEPT_OF_A_KIND]
