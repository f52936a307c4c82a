"""Where does a line of a recording go?"""

import json

import pytest

from stream.feed.records import Record, record_of
from topics.catalogue import EVENTS

CANCELLED = {
    "type": "order_cancelled",
    "event_id": "e1",
    "shop_id": "s1",
    "order_id": "o1",
    "occurred_at": "2024-01-01T00:00:00Z",
    "by": "buyer",
    "reason": "r",
}


def test_an_event_goes_to_the_topic_of_its_type_with_its_shop_as_the_key_untouched() -> None:
    line = json.dumps({**CANCELLED, "later": [1]}, indent=None, separators=(" , ", " : ")).encode() + b"\r"
    assert record_of(line) == Record("orders", b"s1", line, None)


@pytest.mark.parametrize(
    ("topic", "kind"),
    [(topic, str(kind.__struct_config__.tag)) for topic, kinds in EVENTS.items() for kind in kinds],
)
def test_a_line_of_a_known_type_goes_to_its_topic_though_it_is_no_event(topic: str, kind: str) -> None:
    record = record_of(json.dumps({"type": kind, "shop_id": "s1"}).encode())
    assert (record.topic, record.key) == (topic, b"s1")
    assert record.complaint is not None
    assert record.complaint.startswith("missing_field: ")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'"text"', "not_an_object"),
        (b"[1]", "not_an_object"),
        (b'{"type": ["order_paid"]}', "unknown_type"),
        (b'{"type": null, "shop_id": 7}', "unknown_type"),
        (b'{"type": "order_lost"}', "unknown_type"),
        (b"\xff", "not_utf8"),
        (b"[" * 100_000, "not_an_object"),
        (b'{"type":' + b"[" * 100_000, "not_json"),
        (b'{"other":' + b"[" * 100_000, "not_json"),
    ],
)
def test_a_line_that_says_nothing_goes_to_orders_without_a_key(line: bytes, reason: str) -> None:
    record = record_of(line)
    assert (record.topic, record.key, record.value) == ("orders", None, line)
    assert record.complaint is not None
    assert record.complaint.startswith(f"{reason}: ")


def test_a_line_of_an_unknown_type_keeps_its_shop_as_the_key() -> None:
    assert record_of(b'{"type": "order_lost", "shop_id": "s\xc3\xa9"}').key == b"s\xc3\xa9"


@pytest.mark.parametrize(("characters", "is_key"), [(256, True), (257, False), (10_000_000, False)])
def test_f2_a_text_that_is_too_long_for_an_id_is_no_key(characters: int, is_key: bool) -> None:  # noqa: FBT001
    line = json.dumps({**CANCELLED, "shop_id": "s" * characters}).encode()
    record = record_of(line)
    assert (record.key is not None, record.complaint is None) == (is_key, is_key)


def test_half_a_surrogate_pair_in_a_shop_is_no_crash() -> None:
    record = record_of(b'{"type": "order_cancelled", "shop_id": "\\ud800"}')
    assert record.topic == "orders"
    assert record.complaint is not None
