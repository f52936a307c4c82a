"""What do the records look like to a machine?  JSON Schemas and an AsyncAPI document, made from the types."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from stream.admin.asyncapi import document
from stream.admin.errors import StaleSchemasError
from stream.admin.record_types import RECORDS, Schema, components, name_of

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SUFFIX = ".schema.json"
ASYNCAPI = "asyncapi.json"
_REFERENCE = "#/$defs/"


def schemas() -> Mapping[str, Schema]:
    """One schema a type of record, by its name; whole, so that it can be used without the others."""
    found = components(_REFERENCE + "{name}")
    return {
        name_of(kind): _with_definitions(found[kind.__name__], found)
        for kinds in RECORDS.values()
        for kind in kinds
    }


def files() -> Mapping[str, str]:
    """All that is generated: file name to text."""
    documents = {name + SUFFIX: {"$schema": DIALECT, **schema} for name, schema in schemas().items()}
    documents[ASYNCAPI] = document()
    return {name: json.dumps(value, indent=2, ensure_ascii=False) + "\n" for name, value in documents.items()}


def write(directory: Path) -> list[str]:
    """Write what is stale, and return the names of it."""
    directory.mkdir(parents=True, exist_ok=True)
    stale = {name: text for name, text in files().items() if _text_of(directory / name) != text}
    for name, text in stale.items():
        (directory / name).write_text(text, "utf-8")
    return list(stale)


def check(directory: Path) -> None:
    """Raises StaleSchemasError where a file is missing, differs, or is generated no longer."""
    wanted = files()
    stale = [str(directory / name) for name, text in wanted.items() if _text_of(directory / name) != text]
    left = [f"{path} (delete it)" for path in directory.glob(f"*{SUFFIX}") if path.name not in wanted]
    if stale or left:
        raise StaleSchemasError([*stale, *left])


def _with_definitions(schema: Schema, found: Mapping[str, Schema]) -> Schema:
    names = set(_references(schema))
    while more := {name for known in names for name in _references(found[known])} - names:
        names |= more
    return {**schema, "$defs": {name: found[name] for name in sorted(names)}} if names else schema


def _references(part: object) -> Iterator[str]:
    """The names of the definitions that it refers to."""
    if isinstance(part, list):
        for value in part:
            yield from _references(value)
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from [value.removeprefix(_REFERENCE)] if key == "$ref" else _references(value)


def _text_of(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        return None
