"""How is a message posted to a webhook, and what does its answer mean?"""

import asyncio
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from types import TracebackType
from typing import Self

import aiohttp

from stream.merchant.notify.addresses import Network, RefusedAddressError, guarded_sockets
from stream.merchant.notify.outcome import Outcome, Verdict
from stream.merchant.notify.signing import headers
from stream.merchant.notify.subscriptions import Webhook
from topics.notifications import Message
from topics.times import millis

TIMEOUT_S = 20.0
"""Standard Webhooks asks for 15 to 30 s."""
CONNECT_S = 5.0

_BUSY = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
"""Of the 4xx those that are about the receiver's state, not about the message."""


class WebhookSender:
    """Posts to webhooks; to be opened and closed with ``async with``.  ``now`` is real time in milliseconds."""

    def __init__(
        self, now: Callable[[], int], allowed: Sequence[Network] = (), timeout_s: float = TIMEOUT_S
    ) -> None:
        self._now = now
        self._allowed = allowed
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        # No limit here: the desk's places are one.  No cookies, no proxy, no redirection, nothing unpacked.
        connector = aiohttp.TCPConnector(limit=0, socket_factory=guarded_sockets(self._allowed))
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(
                total=self._timeout_s, sock_connect=min(CONNECT_S, self._timeout_s)
            ),
            headers={"User-Agent": "shopwatch", "Content-Type": "application/json"},
            auto_decompress=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def send(self, webhook: Webhook, message: Message) -> Outcome:
        """Post it once; never raises for what a receiver, DNS or the network does."""
        began = self._now()
        try:
            outcome = await self._post(webhook, message)
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            outcome = Outcome(Verdict.FAILED, _why(error))
        return Outcome(outcome.verdict, outcome.why, self._now() - began, outcome.retry_after_ms)

    async def _post(self, webhook: Webhook, message: Message) -> Outcome:
        assert self._session is not None, "it was not opened"  # noqa: S101 - a mistake in the program
        body = message.body.encode()
        signed = headers(webhook.secrets, message.id, self._now() // 1000, body)
        async with self._session.post(
            webhook.url.reveal(), data=body, headers=signed, allow_redirects=False
        ) as answer:
            return verdict(answer.status, answer.headers.get("Retry-After"), self._now())


def verdict(status: int, retry_after: str | None, now: int) -> Outcome:
    """What an answer means; 2xx alone is a delivery.

    A redirection, 408, 429 and 5xx are about the endpoint; other 4xx are about the message.  ``Retry-After`` is honoured with any
    of the former.
    """
    why = f"answered {status}"
    if 200 <= status < 300:
        return Outcome(Verdict.DELIVERED, why)
    if status == HTTPStatus.GONE:
        return Outcome(Verdict.GONE, why)
    if 400 <= status < 500 and status not in _BUSY:
        return Outcome(Verdict.REFUSED, why)
    return Outcome(Verdict.FAILED, why, retry_after_ms=_retry_after_ms(retry_after, now))


def _retry_after_ms(text: str | None, now: int) -> int | None:
    """Seconds, or a date (RFC 9110 10.2.3); what is neither says nothing."""
    if text is None:
        return None
    if text.strip().isdecimal():
        return int(text.strip()[:9]) * 1000
    try:
        at = parsedate_to_datetime(text)
        return max(0, millis(at) - now)
    except (TypeError, ValueError):
        return None


def _why(error: BaseException) -> str:
    """In few words, without the URL, which may be a secret."""
    refused = _refused(error)
    if refused is not None:
        return str(refused)
    if isinstance(error, asyncio.TimeoutError):
        return "did not answer in time"
    if isinstance(error, aiohttp.ClientSSLError):
        return "has no certificate that can be trusted"
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "has a name that is not known"
    return "cannot be reached" if isinstance(error, aiohttp.ClientConnectorError) else type(error).__name__


def _refused(error: BaseException | None) -> RefusedAddressError | None:
    while error is not None and not isinstance(error, RefusedAddressError):
        inner = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else None
        error = inner or error.__cause__ or error.__context__
    return error
