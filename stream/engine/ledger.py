"""Under which keys does the ledger keep the engine's records, and what do these say?

``o`` and the lengths and bytes of shop and order, ``s`` and the shop: an id may hold any character, so no separator would do.
"""

from collections.abc import Sequence

import msgspec

from stream.engine.order import Order, check_record, decode_order
from stream.engine.packing import DamagedError
from stream.engine.states import StateRecord, decode_states

_LENGTH = 2
"""Bytes for a length: ids have at most 256."""


class UnreadableRecordError(Exception):
    """A record of the ledger, that with this ``key``, is damaged or from another release; its text says how."""

    def __init__(self, key: bytes, why: str) -> None:
        super().__init__(why)
        self.key = key


def order_key(shop_id: str, order_id: str) -> bytes:
    """Of an order's record."""
    return orders_prefix(shop_id) + order_id.encode()


def orders_prefix(shop_id: str) -> bytes:
    """What the keys of all orders of a shop begin with."""
    shop = shop_id.encode()
    return b"o" + len(shop).to_bytes(_LENGTH) + shop


def state_key(shop_id: str) -> bytes:
    """Of the states of a shop's tiers."""
    return b"s" + shop_id.encode()


def read_key(key: bytes) -> tuple[str, str | None]:
    """Shop and order; None for the states of a shop.  Raises UnreadableRecordError."""
    try:
        if key[:1] == b"s":
            return key[1:].decode(), None
        begin = 1 + _LENGTH
        end = begin + int.from_bytes(key[1:begin])
        if key[:1] == b"o" and begin <= end <= len(key):
            return key[begin:end].decode(), key[end:].decode()
    except UnicodeDecodeError:
        pass
    raise UnreadableRecordError(key, f"the ledger has a record with the unknown key {key[:40]!r}")


def read_order(key: bytes | tuple[str, str], value: bytes) -> Order:
    """An order's record, by its key, or by shop and order.  Raises UnreadableRecordError."""
    try:
        check_record(value)
        return decode_order(value)
    except (msgspec.DecodeError, UnicodeDecodeError, DamagedError) as error:
        raise UnreadableRecordError(key if isinstance(key, bytes) else order_key(*key), str(error)) from error


def read_states(key: bytes, value: bytes) -> Sequence[StateRecord]:
    """The states of a shop's tiers.  Raises UnreadableRecordError."""
    try:
        return decode_states(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableRecordError(key, str(error)) from error
