"""Which events does a policy test stand for?  Short stories of orders become event lines of the contract."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

import msgspec

from stream.engine.reading import UnreadableEvent, read_event
from stream.policy.durations import UNITS, milliseconds
from stream.policy.instants import instant
from stream.policy.problems import WrongValueError
from stream.policy.tables import Table
from stream.policy.values import Reader, duration, one_of, shown, text, whole
from topics.times import rfc3339

SHOP = "S"
"""The shop of a test that names none."""

DEFAULTS: Mapping[str, Mapping[str, object]] = {
    "order_paid": {
        "goods": "physical",
        "ship_from": "310000",
        "ship_to": "310000",
        "items": 1,
        "amount": 1000,
        "currency": "CNY",
    },
    "promise_changed": {"reason": "delay_report_approved"},
    "order_cancelled": {"by": "buyer", "reason": "changed_mind"},
    "package_shipped": {"package_id": "p1", "carrier": "carrier"},
    "package_picked_up": {"package_id": "p1", "carrier": "carrier"},
    "refund_requested": {"refund_id": "r1", "kind": "return", "reason": "quality", "fault": "merchant"},
    "refund_withdrawn": {"refund_id": "r1"},
    "refund_resolved": {"refund_id": "r1", "outcome": "approved"},
}
"""What an event says where a test does not; of its times, ``SHIP_WITHIN`` tells."""

SHIP_WITHIN = 2 * UNITS["d"]
"""An order is promised so long after its payment, where a test does not say."""

STORY: Mapping[str, str] = {
    "shipped": "package_shipped",
    "picked_up": "package_picked_up",
    "cancelled": "order_cancelled",
    "requested": "refund_requested",
    "withdrawn": "refund_withdrawn",
    "resolved": "refund_resolved",
}
"""The keys of an order that say when something happened to it, each with the event that it makes."""

FIELDS: Mapping[str, str] = {
    **dict.fromkeys([*DEFAULTS["order_paid"], "category"], "order_paid"),
    **dict.fromkeys(["kind", "reason", "fault"], "refund_requested"),
    "by": "order_cancelled",
    "outcome": "refund_resolved",
}
"""The keys of an order that are fields, each with the event that has it."""

ORDER_KEYS = {"id", "shop", "count", "every", "paid", "ship_by", "promises", *STORY, *FIELDS}
PROMISE_KEYS = {"at", "ship_by", "reason"}
EVENT_KEYS = {"type", "order", "shop", "at"}
_TIMES = {"ship_by"}


@dataclass(frozen=True, slots=True)
class _Happening:
    """An event to be: ``fields`` beside those that all have, times still in milliseconds."""

    type: str
    at: int
    fields: Mapping[str, object]

    def later(self, by: int) -> "_Happening":
        moved = {key: _later(value, by) if key in _TIMES else value for key, value in self.fields.items()}
        return _Happening(self.type, self.at + by, moved)


def _later(at: object, by: int) -> object:
    return at + by if isinstance(at, int) else at


@dataclass(slots=True)
class Script:
    """The events of one test as they come together; ``when`` reads its times."""

    when: Reader[int]
    start: int
    lines: list[bytes] = field(default_factory=list)

    def add(self, table: Table, shop: str, order: str, happening: _Happening) -> None:
        """Something happens to an order; that the contract has no such event, is noted at ``table``."""
        value = {
            "type": happening.type,
            "event_id": f"e{len(self.lines) + 1:06}",
            "shop_id": shop,
            "order_id": order,
            "occurred_at": rfc3339(happening.at),
            **{key: _written(key, value) for key, value in happening.fields.items()},
        }
        line = msgspec.json.encode(value)
        try:
            read_event(None, None, line)
        except UnreadableEvent as error:
            table.note(None, f"{table.label} makes no event: {error}", "write what the contract allows")
        self.lines.append(line)


def _written(key: str, value: object) -> object:
    return rfc3339(value) if key in _TIMES and isinstance(value, int) else value


def time_reader(start: int, zone: tzinfo) -> Reader[int]:
    """How times of a test are read: a duration counts from ``start``, a time is itself (SEMANTICS T6)."""

    def read(value: object) -> int:
        if isinstance(value, datetime):
            return instant(value, zone)
        offset = milliseconds(value) if isinstance(value, str) else None
        if offset is None:
            remedy = 'write how long after the start, such as "48h", or a time such as 2021-10-18T00:00:00'
            raise WrongValueError(f"is {shown(value)}, not a time", remedy)
        return start + offset

    return read


def tell_orders(test: Table, script: Script) -> None:
    """The events of ``orders``: each entry is the story of one order, or of ``count`` of them."""
    for number, table in enumerate(test.listed_tables("orders"), 1):
        table.refuse_others(ORDER_KEYS)
        count = table.take("count", whole(1), 1)
        every = table.take("every", duration, 0)
        name = table.take("id", text, f"o{number}")
        shop = table.take("shop", text, SHOP)
        happenings = list(_story(table, script))
        for index in range(count):
            order = name if count == 1 else f"{name}-{index + 1}"
            for happening in happenings:
                script.add(table, shop, order, happening.later(index * every))


def _story(table: Table, script: Script) -> Iterator[_Happening]:
    """What happens to one order."""
    paid = table.take("paid", script.when, script.start)
    fields = _fields_of(table, "order_paid")
    if fields["goods"] != "virtual" or "ship_by" in table:
        fields["ship_by"] = table.take("ship_by", script.when, paid + SHIP_WITHIN)
    yield _Happening("order_paid", paid, fields)
    for change in table.listed_tables("promises"):
        yield from _promise(change, script)
    for key, event in STORY.items():
        at = table.take(key, script.when)
        if at is not None:
            yield _Happening(event, at, _fields_of(table, event))


def _fields_of(table: Table, event: str) -> dict[str, object]:
    own = [key for key, owner in FIELDS.items() if owner == event and key in table]
    return {**DEFAULTS[event], **_given({key: table.take(key, _plain) for key in own})}


def _given(fields: Mapping[str, object]) -> dict[str, object]:
    """Without those that were wrong, which has been noted: one mistake is told once."""
    return {key: value for key, value in fields.items() if value is not None}


def _promise(table: Table, script: Script) -> Iterator[_Happening]:
    table.refuse_others(PROMISE_KEYS)
    at, ship_by = table.need("at", script.when, '"24h"'), table.need("ship_by", script.when, '"72h"')
    reason = table.take("reason", text, "delay_report_approved")
    if at is not None and ship_by is not None:
        yield _Happening("promise_changed", at, {"ship_by": ship_by, "reason": reason})


def tell_events(test: Table, script: Script) -> None:
    """The events of ``events``: each entry is one event with its fields, for what no story tells."""
    for table in test.listed_tables("events"):
        kind = table.need("type", one_of(DEFAULTS), '"package_shipped"')
        order = table.need("order", text, '"o1"')
        at = table.need("at", script.when, '"48h"')
        shop = table.take("shop", text, SHOP)
        if kind is None or order is None or at is None:
            continue
        own = [key for key in table.values if key not in EVENT_KEYS]
        fields = {key: table.take(key, script.when if key in _TIMES else _plain) for key in own}
        script.add(table, shop, order, _Happening(kind, at, {**DEFAULTS[kind], **_given(fields)}))


def _plain(value: object) -> object:
    """A value of the contract that is no time."""
    if isinstance(value, str | int):
        return value
    raise WrongValueError(f"is {shown(value)}", "write a text, a whole number, true or false")
