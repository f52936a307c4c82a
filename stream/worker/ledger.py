"""What of a partition's state must survive, beside the engine's records?  The clock record.

It is written in every transaction, so it says exactly what that transaction had read and decided.
"""

import msgspec

from stream.engine.ledger import UnreadableRecordError, read_key
from stream.worker.errors import UnreadableLedgerError
from topics.ledger import Clock

CLOCK_KEY = b"clock"
"""Keys of the ledger that begin with ``c`` are the host's, those with ``o`` and ``s`` the engine's."""

CLOCK_FORMAT = 1


class UnreadableClockError(Exception):
    """The clock record is damaged, or from a later release; its text says how."""


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Clock).decode


def encode_clock(clock: Clock) -> bytes:
    """The value of the clock record: JSON, so that an operator can read it."""
    return _encode(clock)


def decode_clock(value: bytes) -> Clock:
    """Read it back.  Raises UnreadableClockError."""
    try:
        clock = _decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableClockError(str(error)) from error
    if clock.format != CLOCK_FORMAT:
        raise UnreadableClockError(f"it has format {clock.format}, this release reads {CLOCK_FORMAT}")
    return clock


def decode_clock_of(partition: int, value: bytes | None) -> Clock | None:
    """That of ``partition``; None if it was deleted.  Raises UnreadableLedgerError."""
    if value is None:
        return None
    try:
        return decode_clock(value)
    except UnreadableClockError as error:
        raise UnreadableLedgerError(partition, described(CLOCK_KEY), str(error)) from error


def described(key: bytes) -> str:
    """What the record with this key is of, for people."""
    if key == CLOCK_KEY:
        return "the clock"
    try:
        shop_id, order_id = read_key(key)
    except UnreadableRecordError:
        return f"a record with the unknown key {shown(key)}"
    return f"the states of shop {shop_id}" if order_id is None else f"order {order_id} of shop {shop_id}"


def shown(key: bytes) -> str:
    """A key as it can be typed: its bytes as hexadecimal digits."""
    return f"0x{key.hex()}"
