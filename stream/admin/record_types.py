"""Which types of records do others write and read, and how does a type look as a JSON Schema?"""

import inspect
from collections.abc import Mapping
from typing import Any, cast

import msgspec

from topics.alerts import Alert
from topics.catalogue import EVENTS
from topics.orders import OrderPaid
from topics.policies import PolicyRecord
from topics.rates import Rates

Schema = dict[str, Any]

RECORDS: Mapping[str, tuple[type[msgspec.Struct], ...]] = {
    **EVENTS,
    "alerts": (Alert,),
    "rates": (Rates,),
    "policies": (PolicyRecord,),
}
"""By topic.  The ledger is the worker's own, and dead letters are bytes as they came."""

ONLY_VIRTUAL_WITHOUT_SHIP_BY: Schema = {
    "if": {"properties": {"goods": {"const": "virtual"}}, "required": ["goods"]},
    "else": {"properties": {"ship_by": {"type": "string"}}, "required": ["ship_by"]},
}
"""What no type can say (SEMANTICS F4)."""


def name_of(kind: type[msgspec.Struct]) -> str:
    """What a record of it is called: an event by its ``type``."""
    tag = kind.__struct_config__.tag
    return str(tag) if tag is not None else kind.__name__.lower().removesuffix("record")


def components(template: str) -> Mapping[str, Schema]:
    """The schema of every type of record, and of what they refer to, by the type's name; ``template`` makes references."""
    kinds = [kind for kinds in RECORDS.values() for kind in kinds]
    _, found = msgspec.json.schema_components(kinds, ref_template=template)
    found[OrderPaid.__name__].update(ONLY_VIRTUAL_WITHOUT_SHIP_BY)
    return {name: cast("Schema", _plain(schema)) for name, schema in found.items()}


def _plain(part: object) -> object:
    """Docstrings without their indentation and their marks for code."""
    if isinstance(part, dict):
        return {key: _text(value) if key == "description" else _plain(value) for key, value in part.items()}
    return [_plain(value) for value in part] if isinstance(part, list) else part


def _text(value: object) -> object:
    if not isinstance(value, str):  # a field may be called description, too
        return _plain(value)
    paragraphs = inspect.cleandoc(value).replace("``", "`").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
