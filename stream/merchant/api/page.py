"""Where do the page's files come from?  From the package, read once; they are few and small."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated

from fastapi import FastAPI, Header
from starlette.responses import Response

KINDS = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "webmanifest": "application/manifest+json",
}
INDEX = "index.html"

IfNoneMatch = Annotated[str | None, Header()]


@dataclass(frozen=True, slots=True)
class File:
    """One of them, and what a browser knows it by."""

    content: bytes
    kind: str
    tag: str


Files = Mapping[str, File]


def read_files() -> Files:
    """All of them, by their names."""
    found = {}
    for each in files("stream.merchant").joinpath("page").iterdir():
        kind = KINDS.get(each.name.rpartition(".")[2])
        if kind is not None:
            content = each.read_bytes()
            found[each.name] = File(content, kind, f'"{hashlib.sha256(content).hexdigest()[:16]}"')
    return found


def add_page(app: FastAPI, found: Files) -> None:
    """``/`` is the page, ``/page/...`` what it is made of."""
    for name, file in found.items():
        _add(app, "/" if name == INDEX else f"/page/{name}", file)


def _add(app: FastAPI, path: str, file: File) -> None:
    async def answer(if_none_match: IfNoneMatch = None) -> Response:
        headers = {"etag": file.tag, "cache-control": "no-cache", "content-type": file.kind}
        if if_none_match == file.tag:
            return Response(status_code=304, headers=headers)
        return Response(file.content, headers=headers)

    app.get(path, include_in_schema=False)(answer)
