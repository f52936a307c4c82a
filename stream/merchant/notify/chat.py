"""How are chats and mailboxes written to?  By Apprise, in threads of its own, for it blocks.

Apprise takes hundreds of kinds of URLs, some of which go wherever one likes; those here go to one company's servers, or are mail.
"""

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import apprise

from stream.merchant.notify import wording
from stream.merchant.notify.outcome import Outcome, Verdict
from stream.merchant.notify.subscriptions import Channel, Language
from topics.notifications import Message

SERVICES = frozenset(
    {
        "wecombot",
        "feishu",
        "lark",
        "dingtalk",
        "slack",
        "workflows",
        "msteams",
        "tgram",
        "discord",
        "mailto",
        "mailtos",
    }
)
THREADS = 256
"""More than there are places for those in trouble: the others never wait for a thread that one of them holds."""
PATIENCE_S = 60.0
"""Apprise has time limits of its own, of some seconds; a mail server may be slower."""


def quiet_apprise() -> None:
    """Its log would show URLs, which are secrets."""
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)


def is_usable(url: str, more_services: Collection[str] = ()) -> bool:
    """Whether Apprise can write to it, and it is of a service that is known to go where it says."""
    quiet_apprise()
    if urlsplit(url).scheme.lower() not in SERVICES | set(more_services):
        return False
    return apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None


class ChatSender:
    """Writes to channels; to be opened and closed with ``async with``.  ``now`` is real time in milliseconds."""

    def __init__(self, now: Callable[[], int]) -> None:
        quiet_apprise()
        self._now = now
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="chat")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def send(self, channel: Channel, messages: Sequence[Message], language: Language) -> Outcome:
        """Write once, several messages as one; never raises for what a service does."""
        began = self._now()
        title, text = _told(messages, language)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE_S):
                done = await loop.run_in_executor(self._threads, _write, channel.url.reveal(), title, text)
        except TimeoutError:
            return Outcome(Verdict.FAILED, "did not answer in time", self._now() - began)
        verdict = Verdict.DELIVERED if done else Verdict.FAILED
        return Outcome(verdict, "" if done else "did not take it", self._now() - began)


def _told(messages: Sequence[Message], language: Language) -> tuple[str, str]:
    if len(messages) == 1:
        return messages[0].title, messages[0].body
    return wording.digest([message.title for message in messages], language)


def _write(url: str, title: str, text: str) -> bool:
    try:
        service = apprise.Apprise()
        return bool(
            service.add(url) and service.notify(body=text, title=title, body_format=apprise.NotifyFormat.TEXT)
        )
    except Exception:  # noqa: BLE001 - a plug-in's mistake is this channel's trouble, not everybody's
        return False
