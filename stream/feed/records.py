"""To which topic does a line of a recording go, with which key, and is it an event at all?"""

from dataclasses import dataclass
from typing import Any

import msgspec

from stream.engine.reading import UnreadableEvent, read_event
from topics.catalogue import EVENTS, INPUTS
from topics.fields import MAX_ID_BYTES

ELSEWHERE = INPUTS[0]
"""Where a line goes whose type says nothing: some topic must keep it, so that it comes to light as a dead letter."""

_TOPIC_OF = {event.__struct_config__.tag: topic for topic, events in EVENTS.items() for event in events}


class _Address(msgspec.Struct):
    """As much of a value as is needed to send it, of whatever kind."""

    type: Any = None
    shop_id: Any = None


_address = msgspec.json.Decoder(_Address).decode
_NOWHERE = _Address()


@dataclass(frozen=True, slots=True)
class Record:
    """A record to be sent; ``value`` is the line, untouched."""

    topic: str
    """By its name in the contract."""
    key: bytes | None
    value: bytes
    complaint: str | None
    """Why it is no event; None: it is one."""


def record_of(line: bytes) -> Record:
    """What becomes of a line: by its ``type`` and ``shop_id`` where it has them, whether it is an event or not."""
    try:
        address = _address(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        address = _NOWHERE
    known = address.type if isinstance(address.type, str) else None
    return Record(_TOPIC_OF.get(known, ELSEWHERE), _key(address.shop_id), line, _complaint(line))


def _key(shop_id: object) -> bytes | None:
    """The shop's bytes; a text too long for an id is no shop, and as a key would make the record twice as long."""
    if not isinstance(shop_id, str):
        return None
    key = shop_id.encode("utf-8", "replace")
    return key if len(key) <= MAX_ID_BYTES else None


def _complaint(line: bytes) -> str | None:
    try:
        read_event(None, None, line)
    except UnreadableEvent as error:
        return f"{error.reason}: {error}"
    return None
