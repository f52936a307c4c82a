"""What does the API say of itself?  OpenAPI, of which every body is made from the type that is sent."""

import inspect
from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import FastAPI

from stream.merchant.api import documents
from stream.merchant.api.examples import EXAMPLES, STREAM

Responses = dict[int | str, dict[str, Any]]
Schema = dict[str, Any]

BODIES = (
    documents.ShopStanding,
    documents.AlertPage,
    documents.OrdersAtRisk,
    documents.SessionInfo,
    documents.Problem,
)
REFERENCE = "#/components/schemas/{name}"

ABOUT = """What merchants see of their shops: rates against their lines, alerts with the orders behind them, what to ship next.

A token opens some shops, or all of them (ops).  Times are RFC 3339 in UTC; rates lie between 0 and 1.  Whatever is wrong is
told as `application/problem+json`."""

WRONG = {
    401: "There is no token, or one that opens nothing.",
    403: "The token opens single shops only.",
    404: "There is no such shop, or it is somebody else's: the answer is the same.",
    422: "A parameter is not what it should be.",
    503: "The topics are still being read, or too many streams are open; try again later.",
}


def answers(body: str | type[msgspec.Struct], *wrong: int) -> Responses:
    """What a route answers: a body of this type, or one of these problems."""
    name = body if isinstance(body, str) else body.__name__
    said: dict[str, Any] = {"schema": {"$ref": REFERENCE.format(name=name)}}
    if name in EXAMPLES:
        said["example"] = EXAMPLES[name]
    return {200: {"description": "As asked for.", "content": {"application/json": said}}, **fails(*wrong)}


def events(*wrong: int) -> Responses:
    """A stream, or one of these problems."""
    said = {"schema": {"type": "string"}, "example": STREAM}
    return {
        200: {"description": "A stream that does not end.", "content": {"text/event-stream": said}},
        **fails(*wrong),
    }


def fails(*wrong: int) -> Responses:
    """Problems, by their status."""
    return {
        status: {
            "description": WRONG[status],
            "content": {"application/problem+json": {"schema": {"$ref": REFERENCE.format(name="Problem")}}},
        }
        for status in wrong
    }


def describe(app: FastAPI) -> None:
    """Of the routes that ``app`` has by now; from here on that is what it says."""
    app.description = ABOUT
    made = app.openapi()
    app.openapi = lambda: made  # type: ignore[method-assign]  # as FastAPI's documentation has it
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas.update(components())
    for path in made["paths"].values():
        for operation in path.values():
            _put_right(operation)


def components() -> Mapping[str, Schema]:
    """The schemas of all bodies, and of what they refer to."""
    _, found = msgspec.json.schema_components(BODIES, ref_template=REFERENCE)
    return {name: _plain(schema) for name, schema in found.items()}


def _put_right(operation: Schema) -> None:
    """What FastAPI adds for its own answers, of which we give none."""
    answered = operation["responses"]
    body = answered.get("422", {}).get("content", {})
    if "application/json" in body:
        if any(parameter["in"] != "path" for parameter in operation.get("parameters", ())):
            answered["422"] = fails(422)[422]
        else:
            del answered["422"]
    empty = answered.get("200", {}).get("content", {})
    if "text/event-stream" in empty:
        empty.pop("application/json", None)


def _plain(part: Any) -> Any:
    """Docstrings without their indentation and their marks for code."""
    if isinstance(part, list):
        return [_plain(value) for value in part]
    if not isinstance(part, dict):
        return part
    return {key: _text(value) if key == "description" else _plain(value) for key, value in part.items()}


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        return _plain(value)
    paragraphs = inspect.cleandoc(value).replace("``", "`").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
