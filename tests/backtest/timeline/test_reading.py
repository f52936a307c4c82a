"""Is a record read or refused as the engine's reader does it, whatever is in it?"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from stream.archive.recorded import Recorded, blocks_of
from stream.backtest.replay import replay
from stream.backtest.timeline.part import made
from stream.backtest.timeline.reading import Collected
from tests.backtest.timeline.recorded import as_lines, told
from tests.backtest.timeline.test_orders import PLAIN
from tests.properties.running import policy_of
from topics.times import parse_time

PAID: Mapping[str, Any] = {
    "type": "order_paid",
    "event_id": "e",
    "shop_id": "S",
    "order_id": "o",
    "occurred_at": "2024-01-01T00:00:00Z",
    "ship_by": "2024-01-02T00:00:00Z",
    "goods": "physical",
    "ship_from": "1",
    "ship_to": "2",
    "items": 1,
    "amount": 1,
    "currency": "CNY",
}


def line(**fields: Any) -> bytes:
    told_ = {key: value for key, value in {**PAID, **fields}.items() if value is not ...}
    return json.dumps(told_, ensure_ascii=False).encode()


ODD = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": b"[]",
    "another type": line(type="order_lost"),
    "no type": line(type=...),
    "a time without an offset": line(occurred_at="2024-01-01T00:00:00"),
    "no time": line(occurred_at="yesterday"),
    "a day that is not": line(ship_by="2023-02-29T00:00:00Z"),
    "a number for a time": line(occurred_at=5),
    "no promise": line(ship_by=...),
    "a null promise": line(ship_by=None),
    "virtual without a promise": line(ship_by=..., goods="virtual"),
    "fine digits": line(occurred_at="2024-01-01T00:00:00.1239999999Z"),
    "a small t": line(occurred_at="2024-01-01t00:00:00z"),
    "a space": line(occurred_at="2024-01-01 00:00:00Z"),
    "an offset without its colon": line(occurred_at="2024-01-01T00:00:00+0800"),
    "four digits": line(occurred_at="2024-01-01T00:00:00.1239Z"),
    "a zero byte behind a time": line(occurred_at="2024-01-01T00:00:00Z\0"),
    "letters that are not ASCII": line(category="生鲜", currency="元"),
    "an id that is not ASCII": line(order_id="订单"),
    "an id of too many bytes": line(order_id="订" * 100),
    "an id of too many letters": line(order_id="o" * 300),
    "an empty id": line(shop_id=""),
    "negative": line(amount=-1),
    "unknown fields": line(gift=True),
    "not UTF-8": line().replace(b'"1"', b'"\xff"'),
    "not UTF-8 where nobody looks": line(gift="x").replace(b'"x"', b'"\xff"'),
    "half of it": line()[:-10],
    "a ship before its order": line(type="package_shipped", package_id="p", carrier="c", ship_by=...),
    "a package of null": line(type="package_shipped", package_id="p", carrier="c", completes_order=None),
}


@pytest.mark.parametrize("name", ODD)
def test_one_line_is_read_or_refused_as_a_replay_does(name: str) -> None:
    lines = [line(order_id="first"), ODD[name], line(order_id="last")]
    found = made(policy_of([PLAIN]), 0, as_lines(lines).blocks(0))
    by_engine = replay(policy_of([PLAIN]), lines)
    assert [each[2:] for each in found.refusals] == [
        (each.line, each.reason, each.detail) for each in by_engine.refused
    ]
    assert (found.events, found.end_ms) == (by_engine.events, by_engine.end_ms)
    assert told(found) == told(made(policy_of([PLAIN]), 0, as_lines(lines).blocks(0), quickly=False))


@pytest.mark.parametrize(
    ("topic", "key", "reason"),
    [
        ("orders", b"S", None),
        ("ships", b"S", "wrong_topic"),
        ("orders", b"T", "key_not_shop"),
        ("orders", None, "key_not_shop"),
    ],
)
def test_a_record_of_kafka_has_to_be_in_its_topic_under_its_shop(
    topic: str, key: bytes | None, reason: str | None
) -> None:
    found = Collected(3).read(blocks_of([Recorded(topic, key, line(), 3, 77, 0)]))
    assert [each[:4] for each in found.refusals] == ([] if reason is None else [(topic, 3, 77, reason)])


@pytest.mark.parametrize(("topic", "lies"), [("orders", "orders, partition 3, offset 77"), (None, "line 77")])
def test_where_an_event_with_a_time_that_is_none_lies_is_told(topic: str | None, lies: str) -> None:
    broken = line(occurred_at="2024-01-01T99:00:00Z")
    (refused,) = Collected(3).read(blocks_of([Recorded(topic, b"S", broken, 3, 77, 0)])).refusals
    assert str(refused).startswith(f"{lies} (wrong_field: ")


def test_a_record_without_a_value_is_refused() -> None:
    (refused,) = Collected(0).read(blocks_of([Recorded("orders", b"S", None, 0, 5, 0)])).refusals
    assert refused.reason == "no_value"


def test_all_refusals_are_counted_and_the_first_are_told() -> None:
    found = Collected(0).read(as_lines([b"x"] * 150).blocks(0))
    assert (found.refused, len(found.refusals)) == (150, 100)


def test_more_events_than_are_kept_at_a_time_are_all_read() -> None:
    lines = [line(order_id=f"o{number}") for number in range(9_000)]
    found = made(policy_of([PLAIN]), 0, as_lines(lines).blocks(0))
    assert (found.events, len(found.part.rows["m"].at), found.by_hand) == (9_000, 9_000, 0)


@pytest.mark.parametrize("name", ODD)
def test_up_to_an_instant_it_is_as_if_nothing_later_had_been_recorded(name: str) -> None:
    later = [
        line(order_id="later", occurred_at=time)
        for time in ("2024-01-01T00:00:00.001Z", "2024-01-01 00:00:00.001Z", "2024-01-01T08:00:01+08:00")
    ]
    lines = [line(order_id="first"), ODD[name]]
    policy, last = policy_of([PLAIN]), parse_time("2024-01-01T00:00:00Z")
    kept = [each for each in lines if b".1239" not in each]
    found = made(policy, 0, as_lines([*lines, *later]).blocks(0), last)
    assert told(found) == told(made(policy, 0, as_lines(kept).blocks(0), last))
