"""What the engine would have left of a few facts in ledger and topics, as the stories are told from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import orjson

from stream.engine.alerts import document
from stream.engine.engine import Engine
from stream.engine.ledger import read_key, read_order, read_states
from stream.engine.order import Order
from stream.engine.reading import Event
from stream.engine.states import StateRecord
from stream.merchant.explain.known import Known
from stream.policy.spec import PolicySet
from tests.engine.story import hours
from topics.alerts import Alert
from topics.rates import Rates


def known(policy: PolicySet, events: Iterable[Event], *turns: float | tuple[float, Iterable[Event]]) -> Known:
    """Shop S after these events and, at each of ``turns``, a clock in hours, and what was read after it."""
    engine, left = Engine(policy), Left()
    _read(engine, events)
    for turn in turns:
        at, more = turn if isinstance(turn, tuple) else (turn, ())
        left.take(engine, hours(at))
        _read(engine, more)
    left.take(engine, engine.clock)
    return _known(policy, engine, left, "S")


def drained(policy: PolicySet, events: Iterable[Event], shop: str) -> Known:
    """A shop after all of these events, of many shops, at the end that they have by themselves."""
    engine, left = Engine(policy), Left()
    _read(engine, events)
    left.take(engine, engine.end())
    return _known(policy, engine, left, shop)


@dataclass
class Left:
    """Records of the ledger, and alerts."""

    ledger: dict[bytes, bytes | None] = field(default_factory=dict)
    alerts: dict[str, dict[str, object]] = field(default_factory=dict)

    def take(self, engine: Engine, t: int | None) -> None:
        """What an advance of the clock brings."""
        changes = engine.advance(t)
        self.ledger |= changes.records
        self.alerts |= {alert.alert_id: document(alert, None) for alert in changes.alerts}


def _known(policy: PolicySet, engine: Engine, left: Left, shop: str) -> Known:
    found = {name: _as_read(alert) for name, alert in left.alerts.items()}
    documents = {name: alert for name, alert in found.items() if alert["shop_id"] == shop}
    rates = _as_read(engine.rates(shop))
    ledger = {key: value for key, value in left.ledger.items() if read_key(key)[0] == shop}
    orders = _orders(ledger)
    told = sorted(documents.values(), key=lambda each: (each["fired_at"], each["alert_id"]), reverse=True)
    return Known(
        shop=shop,
        policy=policy,
        clock=engine.clock,
        rates=None if engine.clock is None else msgspec.convert(rates, Rates),
        alerts=[msgspec.convert(each, Alert) for each in told],
        states=_states(ledger),
        orders=orders,
        known_orders=len(orders),
        alert_documents=documents,
        rates_document=rates,
    )


def _read(engine: Engine, events: Iterable[Event]) -> None:
    for event in events:
        engine.apply(event)


def _as_read(document: Mapping[str, object]) -> dict[str, Any]:
    """Of a topic."""
    read: dict[str, Any] = orjson.loads(orjson.dumps(document))
    return read


def _orders(ledger: Mapping[bytes, bytes | None]) -> Mapping[str, Order]:
    return {
        name: read_order(key, value)
        for key, value in ledger.items()
        if value is not None and (name := read_key(key)[1]) is not None
    }


def _states(ledger: Mapping[bytes, bytes | None]) -> list[StateRecord]:
    return [
        record
        for key, value in ledger.items()
        if value is not None and read_key(key)[1] is None
        for record in read_states(key, value)
    ]
