"""What do the orders of the Olist data set become?"""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from stream.engine.reading import read_event
from stream.feed.errors import NotOlistError, UnreadableFileError
from stream.feed.files import opened
from stream.feed.olist import COLUMNS, recording

ROW = {
    "order_id": "0123456789abcdef",
    "seller_id": "fedcba9876543210",
    "shipping_limit_date": "2017-06-10 12:00:00",
    "items": "2",
    "price": "72.89",
    "order_status": "delivered",
    "order_purchase_timestamp": "2017-06-01 08:00:00",
    "order_approved_at": "2017-06-01 09:30:00",
    "order_delivered_carrier_date": "2017-06-05 18:00:00",
    "seller_state": "MG",
    "customer_state": "RR",
}
ORDER = "0123456789abcdef:fedcba98"


def table(*rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def events(*rows: dict[str, str]) -> list[dict[str, Any]]:
    lines = recording(io.StringIO(table(*rows)), "orders.csv")
    for line in lines:
        read_event(None, None, line)
    return [json.loads(line) for line in lines]


def test_an_order_handed_over_is_paid_shipped_and_picked_up() -> None:
    common = {"shop_id": "fedcba9876543210", "order_id": ORDER}
    handed_over = {**common, "occurred_at": "2017-06-05T21:00:00Z", "package_id": ORDER, "carrier": "unknown"}
    assert events(ROW) == [
        {
            **common,
            "type": "order_paid",
            "event_id": f"{ORDER}:paid",
            "occurred_at": "2017-06-01T12:30:00Z",
            "ship_by": "2017-06-10T15:00:00Z",
            "goods": "physical",
            "ship_from": "MG",
            "ship_to": "RR",
            "items": 2,
            "amount": 7289,
            "currency": "BRL",
        },
        {**handed_over, "type": "package_picked_up", "event_id": f"{ORDER}:picked_up"},
        {**handed_over, "type": "package_shipped", "event_id": f"{ORDER}:shipped"},
    ]


def test_an_order_that_was_never_approved_is_paid_when_it_was_bought() -> None:
    paid, *_ = events({**ROW, "order_approved_at": ""})
    assert paid["occurred_at"] == "2017-06-01T11:00:00Z"


@pytest.mark.parametrize("status", ["canceled", "unavailable"])
def test_one_called_off_before_it_reached_a_carrier_is_cancelled_an_hour_after_payment(status: str) -> None:
    paid, cancelled = events({**ROW, "order_status": status, "order_delivered_carrier_date": ""})
    assert paid["occurred_at"] == "2017-06-01T12:30:00Z"
    assert cancelled["type"] == "order_cancelled"
    assert cancelled["occurred_at"] == "2017-06-01T13:30:00Z"
    assert cancelled["reason"] == status


def test_one_called_off_after_it_reached_a_carrier_is_not_cancelled() -> None:
    types = [event["type"] for event in events({**ROW, "order_status": "canceled"})]
    assert types == ["order_paid", "package_picked_up", "package_shipped"]


@pytest.mark.parametrize("status", ["shipped", "invoiced", "processing", "approved", "delivered"])
def test_any_other_that_reached_no_carrier_is_paid_and_no_more(status: str) -> None:
    (paid,) = events({**ROW, "order_status": status, "order_delivered_carrier_date": ""})
    assert paid["type"] == "order_paid"


@pytest.mark.parametrize(
    ("local", "instant"),
    [
        ("2017-10-14 23:59:59", "2017-10-15T02:59:59Z"),
        ("2017-10-15 00:30:00", "2017-10-15T03:30:00Z"),  # skipped: the offset before it
        ("2017-10-15 01:00:00", "2017-10-15T03:00:00Z"),
        ("2018-02-17 22:59:59", "2018-02-18T00:59:59Z"),
        ("2018-02-17 23:30:00", "2018-02-18T01:30:00Z"),  # doubled: the first
        ("2018-02-18 00:00:00", "2018-02-18T03:00:00Z"),
    ],
)
def test_t6_times_are_local_and_of_a_doubled_hour_the_first_is_meant(local: str, instant: str) -> None:
    (paid,) = events({**ROW, "order_approved_at": local, "order_delivered_carrier_date": ""})
    assert paid["occurred_at"] == instant


def test_events_of_all_rows_are_sorted_by_time_and_id() -> None:
    later = {
        **ROW,
        "order_id": "b",
        "order_approved_at": "2017-06-05 18:00:00",
        "order_delivered_carrier_date": "",
    }
    earlier = {**later, "order_id": "a", "order_approved_at": "2017-05-01 00:00:00"}
    found = events(later, ROW, earlier)
    assert [event["event_id"] for event in found] == [
        "a:fedcba98:paid",
        f"{ORDER}:paid",
        f"{ORDER}:picked_up",
        f"{ORDER}:shipped",
        "b:fedcba98:paid",
    ]


@pytest.mark.parametrize(
    ("price", "amount"), [("0.1", 10), ("19.99", 1999), ("1100.0", 110_000), ("0.285", 29)]
)
def test_prices_become_centavos_without_a_detour_over_floats(price: str, amount: int) -> None:
    paid, *_ = events({**ROW, "price": price})
    assert paid["amount"] == amount


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("order_id", ""),
        ("seller_id", ""),
        ("shipping_limit_date", ""),
        ("shipping_limit_date", "10/06/2017"),
        ("order_approved_at", "2017-06-01T09:30:00+00:00"),
        ("order_delivered_carrier_date", "2017-06-31 00:00:00"),
        ("items", "-1"),
        ("items", "two"),
        ("items", "9" * 30),
        ("price", ""),
        ("price", "-0.01"),
        ("price", "NaN"),
        ("price", "Infinity"),
        ("price", "1e30"),
    ],
)
def test_a_wrong_value_is_named_with_file_line_and_column(column: str, value: str) -> None:
    with pytest.raises(NotOlistError) as caught:
        recording(io.StringIO(table(ROW, {**ROW, column: value})), "orders.csv")
    assert str(caught.value).startswith(f"orders.csv:3: column {column} is {value!r}")


def test_where_both_times_of_payment_are_missing_the_purchase_is_named() -> None:
    with pytest.raises(NotOlistError, match="2: column order_purchase_timestamp is ''"):
        events({**ROW, "order_approved_at": "", "order_purchase_timestamp": ""})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "orders.csv:1: no column order_id, "),
        (table(columns=COLUMNS[:4]), "orders.csv:1: no column price, "),
        (table().replace(",", ";"), "orders.csv:1: no column order_id, "),
        (table() + "a,b\n", "orders.csv:2: 2 columns, not 11"),
        (table(ROW) + 'a,"b', "orders.csv:3: no CSV: "),
    ],
)
def test_a_file_that_is_no_such_csv_is_refused_with_its_line(text: str, complaint: str) -> None:
    with pytest.raises(NotOlistError) as caught:
        recording(io.StringIO(text), "orders.csv")
    assert str(caught.value).startswith(complaint)


def test_other_columns_another_order_of_them_and_empty_lines_do_no_harm() -> None:
    row = {"review_score": "5", **dict(reversed(ROW.items()))}
    text = table(row, columns=tuple(row)) + "\n"
    assert recording(io.StringIO(text), "orders.csv") == recording(io.StringIO(table(ROW)), "orders.csv")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(table({**ROW, "seller_state": "São Paulo"}).encode("latin-1"))
    with (
        pytest.raises(UnreadableFileError, match=r"orders\.csv"),
        opened(path) as source,
        source.text() as text,
    ):
        recording(text, source.name)
