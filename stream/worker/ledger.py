"""What of a partition's state must survive, beside the engine's records?  The clock record.

It is written in every transaction, so it says exactly what that transaction had read and decided.
"""

import msgspec

from topics.ledger import Clock

CLOCK_KEY = b"clock"
"""Keys of the ledger that begin with ``c`` are the host's, those with ``o`` and ``s`` the engine's."""

CLOCK_FORMAT = 1


class UnreadableClockError(Exception):
    """The clock record is damaged, or from a later release."""


_encode = msgspec.json.Encoder(order="deterministic").encode
_decode = msgspec.json.Decoder(Clock).decode


def encode_clock(clock: Clock) -> bytes:
    """The value of the clock record: JSON, so that an operator can read it."""
    return _encode(clock)


def decode_clock(value: bytes) -> Clock:
    """Read it back.  Raises UnreadableClockError."""
    try:
        clock = _decode(value)
    except msgspec.DecodeError as error:
        raise UnreadableClockError(f"the ledger's clock record cannot be read: {error}") from error
    if clock.format != CLOCK_FORMAT:
        raise UnreadableClockError(
            f"the ledger's clock record has format {clock.format}, this release reads {CLOCK_FORMAT}"
        )
    return clock
