"""Under which keys does the ledger keep the engine's records?

``o`` and the lengths and bytes of shop and order, ``s`` and the shop: an id may hold any character, so no separator would do.
"""

_LENGTH = 2
"""Bytes for a length: ids have at most 256."""


class UnreadableRecordError(Exception):
    """A record of the ledger is damaged, or from another release."""


def order_key(shop_id: str, order_id: str) -> bytes:
    """Of an order's record."""
    shop = shop_id.encode()
    return b"o" + len(shop).to_bytes(_LENGTH) + shop + order_id.encode()


def state_key(shop_id: str) -> bytes:
    """Of the states of a shop's tiers."""
    return b"s" + shop_id.encode()


def read_key(key: bytes) -> tuple[str, str | None]:
    """Shop and order; None for the states of a shop.  Raises UnreadableRecordError."""
    if key[:1] == b"s":
        return key[1:].decode(), None
    if key[:1] != b"o":
        raise UnreadableRecordError(f"the ledger has a record with the unknown key {key[:40]!r}")
    begin = 1 + _LENGTH
    end = begin + int.from_bytes(key[1:begin])
    return key[begin:end].decode(), key[end:].decode()
