"""How do parcels get to their endpoints, many at once?"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from stream.merchant.notify.chat import ChatSender
from stream.merchant.notify.outbox import Parcel
from stream.merchant.notify.outcome import Outcome
from stream.merchant.notify.subscriptions import Book, Webhook
from stream.merchant.notify.webhook import WebhookSender

Done = Callable[[Parcel, Outcome], None]


@dataclass(slots=True)
class Deliveries:
    """What is under way; how much that may be, the desk's endpoints know."""

    book: Book
    webhooks: WebhookSender
    chats: ChatSender
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def begin(self, parcel: Parcel, done: Done) -> "asyncio.Task[None]":
        """Send it; ``done`` is called with what came of it, and never if the task is cancelled."""
        task = asyncio.create_task(self._deliver(parcel, done))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _deliver(self, parcel: Parcel, done: Done) -> None:
        done(parcel, await self._send(parcel))

    async def _send(self, parcel: Parcel) -> Outcome:
        merchant, endpoint = self.book.endpoints[parcel.endpoint]
        if isinstance(endpoint, Webhook):
            return await self.webhooks.send(endpoint, parcel.messages[0])
        return await self.chats.send(endpoint, parcel.messages, merchant.language)
