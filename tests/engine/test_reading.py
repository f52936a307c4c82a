"""Is every record that is no event refused with the right word, and every event read to the millisecond?"""

import json
from contextlib import suppress
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.engine.facts import Paid, Shipped
from stream.engine.reading import Reason, UnreadableEvent, read_event, topic_of
from topics.times import parse_time

PAID: dict[str, Any] = {
    "type": "order_paid",
    "event_id": "e1",
    "shop_id": "S",
    "order_id": "o1",
    "occurred_at": "2024-01-01T00:00:00Z",
    "ship_by": "2024-01-02T00:00:00Z",
    "goods": "physical",
    "ship_from": "310105",
    "ship_to": "440100",
    "items": 1,
    "amount": 1000,
    "currency": "CNY",
}
SHIPPED: dict[str, Any] = {
    "type": "package_shipped",
    "event_id": "e2",
    "shop_id": "S",
    "order_id": "o1",
    "occurred_at": "2024-01-01T08:00:00+08:00",
    "package_id": "p1",
    "carrier": "c",
}


def value(fields: dict[str, Any], **changes: Any) -> bytes:
    return json.dumps({key: each for key, each in (fields | changes).items() if each is not ...}).encode()


def refused(topic: str | None, key: bytes | None, data: bytes | None) -> str:
    with pytest.raises(UnreadableEvent) as error:
        read_event(topic, key, data)
    assert str(error.value)
    return error.value.reason


CASES: dict[str, list[tuple[str, bytes | None, bytes | None]]] = {
    "no_value": [("orders", b"S", None)],
    "not_utf8": [("orders", b"S", value(PAID).replace(b"CNY", b"\xff"))],
    "not_json": [
        ("orders", b"S", b""),
        ("orders", b"S", value(PAID)[:-3]),
        ("orders", b"S", value(PAID) + b"x"),
        ("orders", b"S", b"\xef\xbb\xbf" + value(PAID)),
        ("orders", b"S", value(PAID, shop_id=...)[:-1] + b', "shop_id": "\\ud800"}'),
        ("orders", b"S", b'{"more": ' + b"[" * 9_999 + b"]" * 9_999 + b", " + value(PAID)[1:]),
    ],
    "not_an_object": [("orders", b"S", b"[]"), ("orders", b"S", b"null"), ("orders", b"S", b"5")],
    "unknown_type": [
        ("orders", b"S", value(PAID, type="order_lost")),
        ("orders", b"S", value(PAID, type=5)),
        ("orders", b"S", value(PAID, type=...)),
    ],
    "wrong_topic": [("orders", b"S", value(SHIPPED)), ("ships", b"S", value(PAID))],
    "missing_field": [
        ("orders", b"S", value(PAID, goods=...)),
        ("orders", b"S", value(PAID, ship_by=...)),
        ("orders", b"S", value(PAID, ship_by=None, goods="custom")),
        ("ships", b"S", value(SHIPPED, package_id=...)),
    ],
    "wrong_field": [
        ("orders", b"S", value(PAID, amount=-1)),
        ("orders", b"S", value(PAID, amount=1.5)),
        ("orders", b"S", value(PAID, amount="1")),
        ("orders", b"S", value(PAID, goods="magic")),
        ("orders", b"S", value(PAID, order_id="")),
        ("orders", b"S", value(PAID, occurred_at="2024-02-30T00:00:00Z")),
        ("orders", b"S", value(PAID, occurred_at="yesterday")),
        ("orders", b"S", value(PAID, occurred_at=1_704_067_200)),
        ("ships", b"S", value(SHIPPED, completes_order="no")),
    ],
    "no_offset": [("orders", b"S", value(PAID, occurred_at="2024-01-01T00:00:00"))],
    "id_too_long": [
        ("orders", b"S", value(PAID, order_id="x" * 257)),
        ("orders", b"S", value(PAID, order_id="x" * 10_000_000)),
        ("orders", b"S", value(PAID, order_id="店" * 86)),
    ],
    "key_not_shop": [("orders", b"T", value(PAID)), ("orders", None, value(PAID))],
}


@pytest.mark.parametrize(
    ("reason", "topic", "key", "data"),
    [(reason, *case) for reason, cases in CASES.items() for case in cases],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_is_no_event_is_refused_with_its_reason(
    reason: str, topic: str, key: bytes | None, data: bytes | None
) -> None:
    assert refused(topic, key, data) == reason


def test_every_reason_has_its_case() -> None:
    assert set(CASES) == set(get_args(Reason))


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_no_bytes_do_anything_but_to_be_read_or_refused(data: bytes) -> None:
    with suppress(UnreadableEvent):
        read_event(None, None, data)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01T23:59:59.9999999Z",
        "2024-01-01T23:59:59.999999999999Z",
        "2024-01-01T23:59:59.999Z",
        "2024-01-01T23:59:59.9Z",
        "2024-01-01t23:59:59z",
        "2024-01-01 23:59:59Z",
        "2024-01-01T23:59:59+08:00",
        "2024-01-01T23:59:59.1234-11:30",
        "1969-12-31T23:59:59.9999999Z",
        "0001-01-01T00:00:00+14:00",
    ],
)
def test_finer_digits_are_cut_and_offsets_are_part_of_the_time_t1(text: str) -> None:
    event = read_event("orders", b"S", value(PAID, occurred_at=text, ship_by=text))
    assert isinstance(event.fact, Paid)
    assert (event.occurred_at, event.fact.at, event.fact.ship_by) == (parse_time(text),) * 3


ENVELOPE = {"event_id": "e1", "shop_id": "S", "order_id": "o1", "occurred_at": "2024-01-01T00:00:00.123Z"}
REFUND = {"refund_id": "f1"}


@pytest.mark.parametrize(
    ("topic", "kind", "own"),
    [
        (
            "orders",
            "order_paid",
            {name: each for name, each in PAID.items() if name not in {"type", *ENVELOPE}},
        ),
        ("orders", "promise_changed", {"ship_by": "2024-01-03T00:00:00.9Z", "reason": "platform"}),
        ("orders", "order_cancelled", {"by": "buyer", "reason": "too slow"}),
        ("ships", "package_shipped", {"package_id": "p1", "carrier": "c", "completes_order": False}),
        ("pickups", "package_picked_up", {"package_id": "p1", "carrier": "c"}),
        ("refunds", "refund_requested", REFUND | {"kind": "return", "reason": "broken", "fault": "buyer"}),
        ("refunds", "refund_withdrawn", REFUND),
        ("refunds", "refund_resolved", REFUND | {"outcome": "approved"}),
    ],
)
def test_a_fact_tells_all_that_its_event_does(topic: str, kind: str, own: dict[str, Any]) -> None:
    event = read_event(topic, b"S", value(ENVELOPE | own, type=kind))
    told = {"at": ENVELOPE["occurred_at"], "event_id": "e1"} | own
    times = {name: parse_time(told[name]) for name in ("at", "ship_by") if name in told}
    assert {name: each for name, each in event.fact.told().items() if each is not None} == told | times
    assert (event.shop_id, event.order_id, event.occurred_at) == ("S", "o1", times["at"])


@pytest.mark.parametrize("points", range(8))
def test_finer_digits_are_found_behind_however_many_points(points: int) -> None:
    event = read_event(
        "orders", b"S", value({"more": "." * points} | PAID, occurred_at="2024-01-01T23:59:59.9999999Z")
    )
    assert event.occurred_at == parse_time("2024-01-01T23:59:59.999Z")


def test_finer_digits_in_a_text_stay_as_they_are() -> None:
    event = read_event("orders", b"S", value(PAID, category="12:00:00.1234567"))
    assert isinstance(event.fact, Paid)
    assert event.fact.category == "12:00:00.1234567"


def test_an_id_of_256_bytes_is_read_f2() -> None:
    assert read_event("orders", b"S", value(PAID, order_id="店" * 85 + "x")).order_id == "店" * 85 + "x"


def test_virtual_goods_may_come_without_a_promise_f4() -> None:
    event = read_event("orders", b"S", value(PAID, ship_by=..., goods="virtual"))
    assert isinstance(event.fact, Paid)
    assert event.fact.ship_by is None


def test_a_package_completes_the_order_unless_it_says_no_f3() -> None:
    said = [
        read_event("ships", b"S", value(SHIPPED, completes_order=each)).fact for each in (..., True, False)
    ]
    assert [fact.completes_order for fact in said if isinstance(fact, Shipped)] == [None, True, False]


def test_unknown_fields_are_ignored_and_a_recording_needs_no_topic() -> None:
    event = read_event(None, None, value(SHIPPED, colour="blue"))
    assert (event.shop_id, event.order_id, topic_of(event)) == ("S", "o1", "ships")
