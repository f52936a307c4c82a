"""How is a page told what changes, and how does it go on after a break?  Server-sent events, pulled from the state.

A stream has a position and no queue.  When something of its shop changes it is woken, takes all that lies beyond its position,
sends it, and moves on: the event's id says where to.  A reader that does not read holds up nobody but itself; it is cut off
after a while, comes back with the last id it has seen, and misses no last state of anything.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn, Protocol

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from stream.merchant.api.positions import (
    EveryPosition,
    ShopPosition,
    read_every_position,
    read_shop_position,
)
from stream.merchant.api.shops import Entry, Shop, Shops, Wake
from stream.merchant.api.standing import Standing, trend_bytes
from stream.merchant.api.tokens import Principal

BEAT_S = 15.0
"""Something is sent at least as often: proxies cut off what is silent, and a page knows that it is still connected."""

SEND_S = 20.0
"""A reader that takes nothing for so long is cut off."""

LOOK_S = 1.0
"""So often it is looked whether one of both is due."""

RETRY = b"retry: 2000\n\n"
"""After so many milliseconds a browser connects again."""

SHOWN = 20
"""So many of its last alerts are told to a page that begins, besides all that fire."""

CHUNK = 32 << 10

MEDIA_TYPE = "text/event-stream"

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy that gathers what it passes on would keep it
]


def frame(event: str, data: bytes, position: object | None = None) -> bytes:
    """An event as it is sent; ``data`` has no line break."""
    place = b"" if position is None else b"id: %b\n" % str(position).encode()
    return b"event: %b\n%bdata: %b\n\n" % (event.encode(), place, data)


BEGIN = frame("begin", b"{}")
"""All that is there follows: whatever was told before is to be forgotten, some of it may be no more."""


def alert_frame(entry: Entry, position: object | None) -> bytes:
    """An alert as it is now, or that it is gone."""
    if entry.value is not None:
        return frame("alert", entry.value, position)
    return frame("removed", orjson.dumps({"alert_id": entry.alert_id}), position)


def in_chunks(frames: Iterator[bytes]) -> Iterator[bytes]:
    """Together, up to some size: what is sent costs by the piece."""
    gathered: list[bytes] = []
    size = 0
    for each in frames:
        gathered.append(each)
        size += len(each)
        if size >= CHUNK:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)


class Telling(Protocol):
    """What is to be told: at the beginning, and after each change."""

    shop_id: str | None
    """Of which shop; None: of all."""

    def begin(self) -> Iterator[bytes]:
        """All that is beyond the position that was given, or without one all that is there."""
        ...

    def news(self) -> Iterator[bytes]:
        """What has changed since."""
        ...

    def beat(self) -> bytes:
        """How fresh all of it is."""
        ...


class TellingShop:
    """The events of one shop."""

    def __init__(self, shops: Shops, standing: Standing, shop_id: str, after: str | None) -> None:
        self.shop_id: str | None = shop_id
        self._id = shop_id
        self._shops = shops
        self._standing = standing
        self._position = read_shop_position(after)

    def begin(self) -> Iterator[bytes]:
        """The whole shop, or what it missed; then ``caught_up``."""
        shop = self._shops.find(self._id)
        if shop is not None and self._position is not None and self._shops.follows_on(shop, self._position):
            yield from self._changed(shop, self._position)
        else:
            self._position = None
            yield from self._all(shop) if shop is not None else (BEGIN,)
        yield frame("caught_up", b"{}", self._position)

    def news(self) -> Iterator[bytes]:
        """Of a shop that was unknown before, everything."""
        shop = self._shops.find(self._id)
        if shop is None:
            return
        if self._position is None or self._position.partition != shop.partition:
            yield from self._all(shop)
            yield frame("caught_up", b"{}", self._position)
        else:
            yield from self._changed(shop, self._position)

    def beat(self) -> bytes:
        """The shop's feed."""
        return frame("feed", orjson.dumps(self._standing.feed(self._shops.find(self._id))))

    def _all(self, shop: Shop) -> Iterator[bytes]:
        # Without ids: who has seen a part of it only begins anew.
        self._position = self._shops.position(shop)
        yield BEGIN
        yield frame("trend", trend_bytes(shop))
        if shop.rates is not None:
            yield frame("rates", shop.rates)
        entries = shop.entries()
        for entry in reversed([each for place, each in enumerate(entries) if each.firing or place < SHOWN]):
            yield alert_frame(entry, None)

    def _changed(self, shop: Shop, position: ShopPosition) -> Iterator[bytes]:
        known = self._shops.position(shop)
        for entry in shop.changed(position):
            told = ShopPosition(shop.partition, entry.offset + 1, position.rates)
            yield alert_frame(entry, told)
        if shop.rates_offset >= position.rates:
            yield frame("rates", shop.rates or b"null", known)
        self._position = known


class TellingAll:
    """The alerts of all shops."""

    shop_id: str | None = None

    def __init__(self, shops: Shops, standing: Standing, after: str | None) -> None:
        self._shops = shops
        self._standing = standing
        self._position = read_every_position(after, shops.partitions)
        self._written = shops.written

    def begin(self) -> Iterator[bytes]:
        """All that fire, or what it missed; then ``caught_up``."""
        position, known = self._position, self._shops.position_of_all()
        self._written = self._shops.written
        if position is not None and self._shops.all_follow_on(position):
            yield from self._advancing(position, self._shops.changed(position))
        else:
            yield BEGIN
            for _, entry in self._shops.firing_now():
                yield alert_frame(entry, None)
        self._position = known
        yield frame("caught_up", b"{}", known)

    def news(self) -> Iterator[bytes]:
        """Each alert that was written."""
        position, known = self._position, self._shops.position_of_all()
        count, self._written = self._shops.written - self._written, self._shops.written
        latest = self._shops.latest(count)
        if latest is None and position is not None:
            latest = self._shops.changed(position)
        if position is not None:
            yield from self._advancing(position, latest or [])
        self._position = known

    def beat(self) -> bytes:
        """The feed of all."""
        return frame("feed", orjson.dumps(self._standing.feed_of_all()))

    @staticmethod
    def _advancing(position: EveryPosition, entries: list[tuple[Shop, Entry]]) -> Iterator[bytes]:
        # Within a partition they come in the order of the topic, so that an id passes over nothing that was not sent.
        told = list(position.alerts)
        for shop, entry in entries:
            told[shop.partition] = entry.offset + 1
            yield alert_frame(entry, EveryPosition(tuple(told)))


@dataclass(slots=True, eq=False)
class Stream:
    """One that is open; times are those of the event loop."""

    principal: Principal
    task: "asyncio.Task[object]"
    sent_at: float
    """When something was sent last, or began to be."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    sending: bool = False
    over: bool = False
    cut: bool = False

    def end(self) -> None:
        """It is to end; whoever reads it may come back."""
        self.over = True
        self.changed.set()

    def cut_off(self) -> None:
        """Whoever reads it takes nothing."""
        self.cut = True
        self.task.cancel()


@dataclass(slots=True)
class Streams:
    """All that are open: at most ``most``, and ``most_each`` of one token.  `run` is to run beside them."""

    shops: Shops
    most: int = 20_000
    most_each: int = 200
    beat_s: float = BEAT_S
    send_s: float = SEND_S
    opened: int = 0
    cut_off: int = 0
    """How many were cut off since they did not read."""
    _open: set[Stream] = field(default_factory=set)
    _by_token: dict[str, int] = field(default_factory=dict)
    _closing: bool = False

    def __len__(self) -> int:
        return len(self._open)

    async def run(self) -> NoReturn:
        """Have beats sent, and cut off who does not read.  One clock for all: a timer each would cost more than what is sent."""
        loop, pause = asyncio.get_running_loop(), min(LOOK_S, self.beat_s / 5, self.send_s / 5)
        while True:
            await asyncio.sleep(pause)
            self._look(loop.time())

    def _look(self, now: float) -> None:
        for stream in list(self._open):
            if not stream.sending:
                if now - stream.sent_at > self.beat_s:
                    stream.changed.set()
            elif now - stream.sent_at > self.send_s and not stream.cut:
                self.cut_off += 1
                stream.cut_off()

    def full(self, principal: Principal) -> bool:
        """Whether one more is too many."""
        each = self._by_token.get(principal.digest, 0)
        return self._closing or len(self._open) >= self.most or each >= self.most_each

    def add(self, stream: Stream) -> None:
        """It is open."""
        self._open.add(stream)
        digest = stream.principal.digest
        self._by_token[digest] = self._by_token.get(digest, 0) + 1
        self.opened += 1

    def remove(self, stream: Stream) -> None:
        """It is open no more."""
        self._open.discard(stream)
        digest = stream.principal.digest
        left = self._by_token.get(digest, 0) - 1
        if left > 0:
            self._by_token[digest] = left
        else:
            self._by_token.pop(digest, None)

    def end_those(self, may_not: Callable[[Principal], bool]) -> None:
        """Whose token holds no longer."""
        for stream in [stream for stream in self._open if may_not(stream.principal)]:
            stream.end()

    def end_all(self) -> None:
        """The process ends; no further ones are opened."""
        self._closing = True
        for stream in self._open:
            stream.end()


class EventStream(Response):
    """The response that goes on until its reader leaves, is cut off, or is told to come back."""

    media_type = MEDIA_TYPE

    def __init__(self, streams: Streams, telling: Telling, principal: Principal) -> None:
        super().__init__()
        self._streams = streams
        self._telling = telling
        self._principal = principal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        streams, task = self._streams, asyncio.current_task()
        if task is None:
            raise RuntimeError("a response is sent by a task")
        stream = Stream(self._principal, task, asyncio.get_running_loop().time())
        leaving = asyncio.ensure_future(_leaves(receive, stream))
        self._watch(stream.changed.set)
        streams.add(stream)
        try:
            await self._tell(stream, send)
        except asyncio.CancelledError:
            if not stream.cut:
                raise
            # What lies in its buffer would be kept for as long as it does not read: the connection is broken off.
            abort = scope.get("state", {}).get("abort")
            if abort is not None:
                abort()
        finally:
            leaving.cancel()
            streams.shops.unwatch(self._telling.shop_id, stream.changed.set)
            streams.remove(stream)

    def _watch(self, wake: Wake) -> None:
        if self._telling.shop_id is None:
            self._streams.shops.watch_all(wake)
        else:
            self._streams.shops.watch(self._telling.shop_id, wake)

    async def _tell(self, stream: Stream, send: Send) -> None:
        telling, clock = self._telling, asyncio.get_running_loop().time

        async def sent(part: bytes, *, more: bool = True) -> None:
            stream.sent_at, stream.sending = clock(), True
            await send({"type": "http.response.body", "body": part, "more_body": more})
            stream.sending = False

        await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS]})
        await sent(RETRY + telling.beat())
        for part in in_chunks(telling.begin()):
            await sent(part)
        while True:
            await stream.changed.wait()
            if stream.over:  # whose token was taken away learns nothing more
                break
            stream.changed.clear()
            await sent(b"".join(telling.news()) or telling.beat())
        await sent(b"", more=False)


async def _leaves(receive: Receive, stream: Stream) -> None:
    """Until the reader does."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()
