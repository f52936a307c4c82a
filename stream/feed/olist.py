"""Which events do the orders of the Olist data set stand for?

A row is one order of one seller.  What the data do not say is filled in the same way for all, and no verdict hangs on it:
who cancelled and when (one hour after payment), the carrier's name, the first scan (the handing over itself).
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NoReturn
from zoneinfo import ZoneInfo

import msgspec

from stream.feed.errors import NotOlistError
from topics.catalogue import InputEvent
from topics.orders import OrderCancelled, OrderPaid
from topics.pickups import PackagePickedUp
from topics.ships import PackageShipped

COLUMNS = (
    "order_id",
    "seller_id",
    "shipping_limit_date",
    "items",
    "price",
    "order_status",
    "order_purchase_timestamp",
    "order_approved_at",
    "order_delivered_carrier_date",
    "seller_state",
    "customer_state",
)
"""Those that are read; others may stand beside them, in any order."""

ZONE = ZoneInfo("America/Sao_Paulo")
SELLER_CHARACTERS = 8
CALLED_OFF = frozenset({"canceled", "unavailable"})
CANCELLED_AFTER = timedelta(hours=1)
CARRIER = "unknown"
CURRENCY = "BRL"
DIGITS = 18
"""Longer numbers are mistakes, and would not fit into the contract's integers."""

_encode = msgspec.json.Encoder().encode


def recording(text: Iterable[str], name: str) -> Sequence[bytes]:
    """The events of a CSV file as lines of a recording, sorted by (``occurred_at``, ``event_id``).

    Raises NotOlistError with the line and the column of the first thing that is wrong; ``name`` is the file's.
    """
    events = [event for row in _rows(text, name) for event in _events(row)]
    events.sort(key=lambda event: (event.occurred_at, event.event_id))
    return [_encode(event) for event in events]


def _events(row: "_Row") -> Iterator[InputEvent]:
    order = f"{row.id('order_id')}:{row.id('seller_id')[:SELLER_CHARACTERS]}"
    shop = row.id("seller_id")
    paid_at = row.time_or_none("order_approved_at") or row.time("order_purchase_timestamp")
    handed_over = row.time_or_none("order_delivered_carrier_date")
    yield OrderPaid(
        event_id=f"{order}:paid",
        shop_id=shop,
        order_id=order,
        occurred_at=paid_at,
        ship_by=row.time("shipping_limit_date"),
        goods="physical",
        ship_from=row.text("seller_state"),
        ship_to=row.text("customer_state"),
        items=row.natural("items"),
        amount=row.cents("price"),
        currency=CURRENCY,
    )
    if handed_over is not None:
        yield PackageShipped(
            event_id=f"{order}:shipped",
            shop_id=shop,
            order_id=order,
            occurred_at=handed_over,
            package_id=order,
            carrier=CARRIER,
        )
        yield PackagePickedUp(
            event_id=f"{order}:picked_up",
            shop_id=shop,
            order_id=order,
            occurred_at=handed_over,
            package_id=order,
            carrier=CARRIER,
        )
    elif row.text("order_status") in CALLED_OFF:
        yield OrderCancelled(
            event_id=f"{order}:cancelled",
            shop_id=shop,
            order_id=order,
            occurred_at=paid_at + CANCELLED_AFTER,
            by="platform",
            reason=row.text("order_status"),
        )


@dataclass(frozen=True, slots=True)
class _Row:
    """One row, whose values are read by their column's name; raises NotOlistError."""

    name: str
    line: int
    values: Mapping[str, str]

    def text(self, column: str) -> str:
        return self.values[column]

    def id(self, column: str) -> str:
        return self.values[column] or self._wrong(column, "an id")

    def time(self, column: str) -> datetime:
        return self.time_or_none(column) or self._wrong(column, "a local time such as 2017-10-06 18:25:19")

    def time_or_none(self, column: str) -> datetime | None:
        value = self.values[column]
        if not value:
            return None
        try:
            # Of a doubled hour the first, a skipped one with the offset before it (SEMANTICS T6): fold=0 means both.
            local = datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=ZONE)
            return local.astimezone(UTC)
        except (ValueError, OverflowError):
            return self._wrong(column, "a local time such as 2017-10-06 18:25:19, or empty")

    def natural(self, column: str) -> int:
        value = self.values[column]
        if not (value.isascii() and value.isdecimal() and len(value) <= DIGITS):
            self._wrong(column, "a whole number")
        return int(value)

    def cents(self, column: str) -> int:
        try:
            cents = int((Decimal(self.values[column]) * 100).to_integral_value(ROUND_HALF_UP))
        except (InvalidOperation, ValueError, OverflowError):  # no number, NaN, Infinity
            cents = -1
        if not 0 <= cents < 10**DIGITS:
            self._wrong(column, "a price such as 72.89")
        return cents

    def _wrong(self, column: str, wanted: str) -> NoReturn:
        raise NotOlistError(
            self.name, self.line, f"column {column} is {self.values[column][:40]!r}, not {wanted}"
        )


def _rows(text: Iterable[str], name: str) -> Iterator[_Row]:
    reader = csv.reader(text, strict=True)
    try:
        header = next(reader, [])
        missing = [column for column in COLUMNS if column not in header]
        if missing:
            raise NotOlistError(
                name, 1, f"no column {', '.join(missing)}; a file of Olist orders has {', '.join(COLUMNS)}"
            )
        for values in filter(None, reader):
            if len(values) != len(header):
                complaint = f"{len(values)} columns, not {len(header)} as in the first line"
                raise NotOlistError(name, reader.line_num, complaint)
            yield _Row(name, reader.line_num, dict(zip(header, values, strict=True)))
    except csv.Error as error:
        raise NotOlistError(name, reader.line_num, f"no CSV: {error}") from None
