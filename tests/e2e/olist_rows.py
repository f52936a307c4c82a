"""Rows of the Olist kind: made up, and what each of them means, told a second time and apart from the product's reader."""

import csv
import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from stream.feed.olist import COLUMNS

Row = Mapping[str, str]
SHOPS = 6
ORDERS = 700
FORMAT = "%Y-%m-%d %H:%M:%S"


def made_up(seed: int = 3) -> Iterator[dict[str, str]]:
    """Orders of a few shops over half a year that includes the hour that Sao Paulo had twice; one shop is often late."""
    dice = random.Random(seed)
    for number in range(ORDERS):
        shop = min(int(dice.expovariate(0.5)), SHOPS - 1)
        bought = datetime(2017, 10, 1) + timedelta(minutes=dice.randrange(60 * 24 * 180))  # noqa: DTZ001 - as in the file
        limit = bought + timedelta(days=dice.randint(2, 6))
        handed = bought + timedelta(hours=dice.randint(10, 220 if shop == 1 else 110))
        status = dice.choices(
            ["delivered", "shipped", "canceled", "unavailable", "invoiced"], [80, 10, 4, 3, 3]
        )[0]
        gone = status in {"delivered", "shipped"} or (status == "canceled" and dice.random() < 0.3)
        yield {
            "order_id": f"{number:032x}",
            "seller_id": f"{shop:032x}"[::-1],
            "shipping_limit_date": limit.strftime(FORMAT),
            "items": "1",
            "price": "10.5",
            "order_status": status,
            "order_purchase_timestamp": bought.strftime(FORMAT),
            "order_approved_at": ""
            if dice.random() < 0.1
            else (bought + timedelta(hours=1)).strftime(FORMAT),
            "order_delivered_carrier_date": handed.strftime(FORMAT) if gone else "",
            "seller_state": "SP",
            "customer_state": "RJ",
        }


def write(rows: Iterable[Row], path: Path) -> Path:
    """A file of them."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def meant(row: Row) -> Iterator[dict[str, Any]]:
    """The events that a row stands for, as far as an order's punctuality goes."""
    order = f"{row['order_id']}:{row['seller_id'][:8]}"
    paid = _time(row["order_approved_at"] or row["order_purchase_timestamp"])
    known = {"shop_id": row["seller_id"], "order_id": order}
    goods = {"goods": "physical", "ship_from": row["seller_state"], "ship_to": row["customer_state"]}
    counts = {"items": int(row["items"]), "amount": 0, "currency": "BRL"}
    ship_by = _text(_time(row["shipping_limit_date"]))
    yield _event("order_paid", known, paid, ship_by=ship_by, **goods, **counts)
    carrier = row["order_delivered_carrier_date"]
    if carrier:
        yield _event("package_shipped", known, _time(carrier), package_id=order, carrier="unknown")
        yield _event("package_picked_up", known, _time(carrier), package_id=order, carrier="unknown")
    elif row["order_status"] in ("canceled", "unavailable"):
        yield _event("order_cancelled", known, paid + timedelta(hours=1), by="platform", reason="any")


def _event(kind: str, known: Row, at: datetime, **fields: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "event_id": f"{known['order_id']}-{kind}",
        **known,
        "occurred_at": _text(at),
        **fields,
    }


def _time(local: str) -> datetime:
    return datetime.strptime(local, FORMAT).replace(tzinfo=ZoneInfo("America/Sao_Paulo")).astimezone(UTC)


def _text(at: datetime) -> str:
    return at.isoformat()
