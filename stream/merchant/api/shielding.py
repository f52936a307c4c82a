"""What holds for every response?  Headers that a browser protects its user by, and no stack trace for anybody."""

from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stream.merchant.api.problems import problem
from stream.ops.logs import Say

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Everything comes from here, nothing stands inline, and nobody frames it."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Shield:
    """Around the application; ``say`` is told of what nobody thought of, which must not be silent."""

    def __init__(self, app: ASGIApp, say: Say) -> None:
        self._app = app
        self._say = say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, sent = False, _as_sent(scope)

        async def shielded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        try:
            await self._app(sent, receive, shielded)
        except Exception as error:  # noqa: BLE001 - whatever it is, others are served on
            what = f"unexpected {type(error).__name__} at {scope['method']} {_route(sent)}: {error}"
            self._say(what, "warning")
            if not started:
                answer = problem(
                    HTTPStatus.INTERNAL_SERVER_ERROR, "this is a mistake in shopwatch, and has been logged"
                )
                await answer(scope, receive, shielded)


def _as_sent(scope: Scope) -> Scope:
    """Paths are matched as they were sent, and their parts decoded afterwards: a shop's id may have a slash in it."""
    raw = scope.get("raw_path")
    return scope if raw is None else {**scope, "path": raw.decode("ascii", "replace")}


def _route(scope: Scope) -> str:
    route = scope.get("route")
    return str(getattr(route, "path", "somewhere"))
