"""Which field types and envelope do all events share?

Every event is one flat JSON object that carries its own ``type``.  Times are RFC 3339 with an offset (SEMANTICS T1);
identifiers are 1 to 256 bytes of UTF-8 (SEMANTICS F1, F2: ``max_length`` counts characters, the reader checks the bytes).
The order in which the fields of an event stand is part of the contract: it breaks ties between repeats (SEMANTICS F2).
"""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

MAX_ID_BYTES = 256
MAX_INTEGER = 2**63 - 1

Id = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_ID_BYTES,
        description="Not empty, and at most 256 bytes of UTF-8, which may be fewer characters.",
    ),
]
Text = Annotated[str, Meta(max_length=1024)]
Time = Annotated[
    datetime, Meta(tz=True, description="RFC 3339 with an offset; digits finer than milliseconds are cut.")
]
Natural = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]


class Event(Struct, frozen=True, kw_only=True, tag_field="type", omit_defaults=True):
    """What every input event says: which event, of which order of which shop, and when it happened.

    An optional field that is not given is not written (``null`` means the same to a reader).
    """

    event_id: Id
    shop_id: Id
    order_id: Id
    occurred_at: Time
