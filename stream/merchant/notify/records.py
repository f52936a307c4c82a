"""How are the notifier's records named and written, and what does one of them say?"""

from collections.abc import Callable

import msgspec

from topics.notifications import Command, Hold, Message, Trouble, Watched

Record = Message | Watched | Trouble | Hold | Command

HOLD_KEY = b"h"
COMMAND_KEY = b"c"

_encode = msgspec.json.Encoder(order="deterministic").encode


class UnreadableNotificationError(Exception):
    """A record is damaged, or somebody else's; its text says which and how."""

    def __init__(self, key: bytes, why: str) -> None:
        super().__init__(
            f"a record of notifications, {key.decode('utf-8', 'replace')[:80]!r}, is not what it should be ({why}); "
            "did somebody else write to it?"
        )


def message_key(message: Message) -> bytes:
    """That of a message: a slash in an endpoint's name stands between two words, and none is in an id."""
    return f"m/{message.endpoint}/{message.id}".encode()


def watched_key(alert_id: str) -> bytes:
    """That of an alert that fires."""
    return f"a/{alert_id}".encode()


def trouble_key(endpoint: str) -> bytes:
    """That of an endpoint in trouble."""
    return f"e/{endpoint}".encode()


def endpoint_of(key: bytes) -> str | None:
    """The endpoint that the record with this key is about; None if it is about none."""
    return key[2:].decode("utf-8", "replace") if key[:2] == b"e/" else None


def encode(record: Record) -> bytes:
    """Its value."""
    return _encode(record)


def decode(key: bytes, value: bytes) -> Record:
    """What was written; raises UnreadableNotificationError."""
    kind = _KINDS.get(key[:1])
    if kind is None:
        raise UnreadableNotificationError(key, "nothing has such a key")
    try:
        return kind(value)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableNotificationError(key, str(error)) from error


_KINDS: dict[bytes, Callable[[bytes], Record]] = {
    b"m": msgspec.json.Decoder(Message).decode,
    b"a": msgspec.json.Decoder(Watched).decode,
    b"e": msgspec.json.Decoder(Trouble).decode,
    b"h": msgspec.json.Decoder(Hold).decode,
    b"c": msgspec.json.Decoder(Command).decode,
}
