"""Which paths are there, and who answers them?"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, FastAPI, Header, Query, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp

from stream.merchant.api import access as by
from stream.merchant.api.access import Access, Credentials, ShopId
from stream.merchant.api.documents import Clock, SessionInfo
from stream.merchant.api.following import Health
from stream.merchant.api.openapi import answers, describe, events
from stream.merchant.api.page import Files, add_page
from stream.merchant.api.problems import (
    bad_parameter,
    handle_problems,
    no_such_shop,
    not_ready,
    too_many_streams,
)
from stream.merchant.api.shielding import Shield
from stream.merchant.api.shops import Entry, Order, Shop, Shops
from stream.merchant.api.standing import Standing, page_of
from stream.merchant.api.streams import EventStream, Streams, Telling, TellingAll, TellingShop
from stream.merchant.api.tokens import Principal
from stream.ops.logs import Say
from topics.alerts import AlertState

MOST = 200
"""Alerts on a page."""

Count = Annotated[int, Query(ge=1, le=MOST, description="So many at most.")]
State = Annotated[AlertState | None, Query(description="Only those in this state.")]
Cursor = Annotated[str | None, Query(max_length=2_000, description="`next` of the page before this one.")]
After = Annotated[
    str | None,
    Query(
        max_length=10_000,
        description="The id of an event, or a `position`: what came after it is sent first.",
    ),
]
LastEventId = Annotated[
    str | None,
    Header(
        max_length=10_000, description="The same, as a browser sends it that connects again; it counts more."
    ),
]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is made of."""

    shops: Shops
    health: Health
    access: Access
    streams: Streams
    clock: Clock
    files: Files
    say: Say


def make_app(parts: Parts) -> ASGIApp:
    """The whole of it."""
    app = FastAPI(title="shopwatch", docs_url=None, redoc_url=None, openapi_url="/openapi.json")
    handle_problems(app)
    _add_health(app, parts)
    app.include_router(_sessions(parts))
    app.include_router(_shops(parts))
    app.include_router(_everything(parts))
    describe(app)
    add_page(app, parts.files)
    return Shield(app, parts.say)


def _add_health(app: FastAPI, parts: Parts) -> None:
    @app.get("/livez", include_in_schema=False)
    async def livez() -> Response:
        return PlainTextResponse("alive\n")

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        why_not = parts.health.why_not()
        return PlainTextResponse(f"{why_not or 'ready'}\n", 503 if why_not else 200)


def _sessions(parts: Parts) -> APIRouter:
    router = APIRouter(prefix="/v1/session", tags=["session"])
    Who = Annotated[Principal, Depends(by.asks(parts.access))]  # noqa: N806 - a type

    def told(principal: Principal) -> Response:
        info = SessionInfo(name=principal.name, shops=principal.shops, ops=principal.ops, clock=parts.clock)
        return Response(msgspec.json.encode(info), media_type="application/json")

    @router.get("", operation_id="session", responses=answers(SessionInfo, 401))
    async def session(principal: Who) -> Response:
        """Who asks, and which shops he may see."""
        return told(principal)

    @router.post("", operation_id="openSession", responses=answers(SessionInfo, 401))
    async def open_session(request: Request, credentials: Credentials) -> Response:
        """Have a cookie for a token, which is sent in the header; for browsers.  Scripts cannot read it, other sites not use it."""
        response = told(parts.access.by_token(credentials))
        by.remember(response, credentials.credentials if credentials else "", request.url.hostname)
        return response

    @router.delete("", status_code=204, operation_id="closeSession")
    async def close_session(request: Request) -> Response:
        """Give the cookie back."""
        response = Response(status_code=204)
        by.forget(response, request.url.hostname)
        return response

    return router


def _ready(health: Health) -> Callable[[], object]:
    async def ready() -> None:
        """Half of what is known would be a lie."""
        if not health.ready:
            raise not_ready()

    return ready


def _shops(parts: Parts) -> APIRouter:
    who = Depends(by.asks(parts.access))
    Who = Annotated[Principal, who]  # noqa: N806 - a type
    # Who asks is looked at first: nobody learns from a stranger's question whether all has been read.
    router = APIRouter(
        prefix="/v1/shops/{shop_id}", tags=["shops"], dependencies=[who, Depends(_ready(parts.health))]
    )
    standing = Standing(parts.shops, parts.health)

    def found(principal: Principal, shop_id: str) -> Shop | None:
        """One's own shop is there before anything is known of it."""
        shop = parts.shops.find(shop_id)
        if shop is None and principal.ops:
            raise no_such_shop()
        return shop

    @router.get("", operation_id="shop", responses=answers("ShopStanding", 401, 404, 503))
    async def shop(shop_id: ShopId, principal: Who) -> Response:
        """How a shop stands: every rate with its window, thresholds, headroom and forecast, and how it has moved."""
        return _json(standing.shop(shop_id, found(principal, shop_id)))

    @router.get("/alerts", operation_id="shopAlerts", responses=answers("AlertPage", 401, 404, 422, 503))
    async def alerts(
        shop_id: ShopId, principal: Who, state: State = None, limit: Count = 50, after: Cursor = None
    ) -> Response:
        """The alerts of a shop, the one that fired last first."""
        before, known = _read_cursor(after), found(principal, shop_id)
        entries = [
            entry
            for entry in (known.entries() if known else [])
            if (before is None or entry.order < before)
            and (state is None or entry.firing == (state == "firing"))
        ]
        return _json(page_of(entries[: limit + 1], limit, _cursor))

    @router.get(
        "/orders/at-risk", operation_id="ordersAtRisk", responses=answers("OrdersAtRisk", 401, 404, 503)
    )
    async def at_risk(shop_id: ShopId, principal: Who) -> Response:
        """The open orders of a shop that are due next: those to ship now."""
        return _json(standing.orders_at_risk(shop_id, found(principal, shop_id)))

    @router.get("/events", operation_id="shopEvents", responses=events(401, 404, 503))
    async def stream(
        shop_id: ShopId, principal: Who, after: After = None, last_event_id: LastEventId = None
    ) -> Response:
        """What changes of a shop, as server-sent events.

        After `begin`, `trend`, `rates` and `alert` are the shop as it is, else what `after` has not seen; then comes `caught_up`, then whatever changes.
        `removed` is an alert that is there no more, `feed` says how fresh all of it is, at least every 15 s.
        """
        found(principal, shop_id)
        telling = TellingShop(parts.shops, standing, shop_id, last_event_id or after)
        return _stream(parts, telling, principal)

    return router


def _everything(parts: Parts) -> APIRouter:
    who = Depends(by.asks_as_ops(parts.access))
    Who = Annotated[Principal, who]  # noqa: N806 - a type
    router = APIRouter(prefix="/v1", tags=["ops"], dependencies=[who, Depends(_ready(parts.health))])
    standing = Standing(parts.shops, parts.health)

    @router.get("/alerts", operation_id="alerts", responses=answers("AlertPage", 401, 403, 422, 503))
    async def alerts(state: State = None, limit: Count = 50, after: Cursor = None) -> Response:
        """The alerts of all shops, the one that fired last first."""
        return _json(page_of(parts.shops.page(state, _read_cursor(after), limit + 1), limit, _cursor))

    @router.get("/events", operation_id="events", responses=events(401, 403, 503))
    async def stream(principal: Who, after: After = None, last_event_id: LastEventId = None) -> Response:
        """The alerts of all shops as server-sent events: all that fire, or what `after` has not seen; then whatever changes."""
        return _stream(parts, TellingAll(parts.shops, standing, last_event_id or after), principal)

    return router


def _stream(parts: Parts, telling: Telling, principal: Principal) -> Response:
    if parts.streams.full(principal):
        raise too_many_streams()
    return EventStream(parts.streams, telling, principal)


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def _cursor(entry: Entry) -> str:
    return base64.urlsafe_b64encode(f"{entry.fired_at} {entry.alert_id}".encode()).decode().rstrip("=")


def _read_cursor(text: str | None) -> Order | None:
    if text is None:
        return None
    try:
        decoded = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode()
        at, _, alert_id = decoded.partition(" ")
        return int(at), alert_id
    except (binascii.Error, ValueError):
        raise bad_parameter("after", "it is not the `next` of a page") from None
