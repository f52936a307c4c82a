"""How is an event read when nobody asks what all of it says?  Typed and checked as ever, its times left as they are written.

`stream.engine.reading.read_event` has the last word: whatever is not read here, for whatever reason, is read there, or
refused there with the reason.  Nothing may be read here that is refused there.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from topics.catalogue import EVENTS
from topics.orders import OrderCancelled, OrderPaid, PromiseChanged
from topics.pickups import PackagePickedUp
from topics.refunds import RefundRequested, RefundResolved, RefundWithdrawn
from topics.ships import PackageShipped


def _without_times(annotated: Any) -> Any:
    """The type of a field as it is, but text where it is a time."""
    origin = get_origin(annotated)
    if origin is Annotated:
        inner = get_args(annotated)[0]
        return str if inner is datetime else annotated
    if origin in {Union, UnionType}:
        return Union[tuple(map(_without_times, get_args(annotated)))]  # noqa: UP007 - made, not written
    return annotated


def _lean(kind: type[msgspec.Struct]) -> type[msgspec.Struct]:
    fields: list[Any] = []
    for each in msgspec.structs.fields(kind):
        name, what = each.encode_name, _without_times(each.type)
        fields.append((name, what) if each.required else (name, what, each.default))
    config = kind.__struct_config__
    return msgspec.defstruct(
        kind.__name__, fields, kw_only=True, tag=config.tag, tag_field=config.tag_field, gc=False
    )


_LEAN: Mapping[type[Any], type[Any]] = {kind: _lean(kind) for kinds in EVENTS.values() for kind in kinds}

PAID = _LEAN[OrderPaid]
CHANGED = _LEAN[PromiseChanged]
CANCELLED = _LEAN[OrderCancelled]
SHIPPED = _LEAN[PackageShipped]
PICKED_UP = _LEAN[PackagePickedUp]
REQUESTED = _LEAN[RefundRequested]
WITHDRAWN = _LEAN[RefundWithdrawn]
RESOLVED = _LEAN[RefundResolved]

KINDS: tuple[type[Any], ...] = tuple(_LEAN.values())
TOPIC_OF: Mapping[type[Any], str] = {_LEAN[kind]: topic for topic, kinds in EVENTS.items() for kind in kinds}

_IDS: Mapping[type[Any], tuple[str, ...]] = {
    kind: tuple(name for name in kind.__struct_fields__ if name.endswith("_id")) for kind in KINDS
}

decode: Callable[[bytes], Any] = msgspec.json.Decoder(Union[KINDS]).decode  # noqa: UP007 - made, not written
"""One of `KINDS`; raises msgspec.DecodeError."""


def ids_are_ascii(event: Any) -> bool:
    """Whether the contract's limit in bytes is the decoder's in characters."""
    return all(getattr(event, name).isascii() for name in _IDS[type(event)])
