"""Who asks, and may he see it?  By a bearer token, or by the cookie that a browser was given for one.

A browser's stream (``EventSource``) cannot send headers, and what a script can read a foreign script can steal: so a page gives
its token away once, and has a cookie for it that no script sees.  Other sites cannot make use of it: it is sent with
requests of this site only (``SameSite=Strict``), and nothing but the session itself is changed by any request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Path, Request, Response, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer

from stream.merchant.api.problems import no_such_shop, ops_only, unknown_token
from stream.merchant.api.tokens import Principal, Tokens

COOKIE = "shopwatch_session"
COOKIE_S = 30 * 86_400
"""A browser forgets it after so long; the token's own end comes first, if it has one."""

LOCAL = ("localhost", "127.0.0.1", "::1")

bearer = HTTPBearer(auto_error=False, scheme_name="token", description="A token from `shopwatch api token`.")
cookie = APIKeyCookie(
    name=COOKIE,
    auto_error=False,
    scheme_name="session",
    description="The cookie that `POST /v1/session` sets.",
)

Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]
Kept = Annotated[str | None, Security(cookie)]


@dataclass(frozen=True, slots=True)
class Access:
    """Asks the file of tokens."""

    tokens: Tokens
    now_ms: Callable[[], int]

    def by_token(self, credentials: HTTPAuthorizationCredentials | None) -> Principal:
        """Who has sent a token in the header; raises a problem."""
        return self._found(None if credentials is None else credentials.credentials)

    def by_either(self, credentials: HTTPAuthorizationCredentials | None, kept: str | None) -> Principal:
        """The same, or who has the cookie; raises a problem."""
        return self._found(kept if credentials is None else credentials.credentials)

    def _found(self, token: str | None) -> Principal:
        found = None if token is None else self.tokens.find(token, self.now_ms())
        if found is None:
            raise unknown_token()
        return found

    def lost_by(self, principal: Principal) -> bool:
        """Whether what was granted once is so no more."""
        return not self.tokens.holds(principal, self.now_ms())


def asks(access: Access) -> Callable[..., object]:
    """The dependency of all routes that show something: who asks."""

    async def who(request: Request, credentials: Credentials, kept: Kept) -> Principal:
        principal = access.by_either(credentials, kept)
        shop_id = request.path_params.get("shop_id")
        if shop_id is not None and not principal.may_see(unquote(shop_id)):
            raise no_such_shop()
        return principal

    return who


def asks_as_ops(access: Access) -> Callable[..., object]:
    """The dependency of routes that show all shops."""

    async def who(credentials: Credentials, kept: Kept) -> Principal:
        principal = access.by_either(credentials, kept)
        if not principal.ops:
            raise ops_only()
        return principal

    return who


PathShop = Annotated[str, Path(description="The shop's id.")]


async def _decoded(shop_id: PathShop) -> str:
    return unquote(shop_id)


ShopId = Annotated[str, Depends(_decoded)]
"""The shop of the path, which is matched as it was sent: an id may have a slash in it, sent as ``%2F``."""


def remember(response: Response, token: str, host: str | None) -> None:
    """Set the cookie; over plain HTTP it is taken from this machine only."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=COOKIE_S,
        path="/v1",
        secure=host not in LOCAL,
        httponly=True,
        samesite="strict",
    )


def forget(response: Response, host: str | None) -> None:
    """Take it back."""
    response.delete_cookie(COOKIE, path="/v1", secure=host not in LOCAL, httponly=True, samesite="strict")
