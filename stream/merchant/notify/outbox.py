"""Which of the messages that wait may be sent now, and which may not yet?

A line an endpoint: what waits for one never stands before what waits for another.  Within a line the messages of one alert keep
their order, so that no receiver hears of an end before its beginning.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import islice

from msgspec.structs import replace

from stream.merchant.notify.endpoints import Endpoints, Gate
from stream.merchant.notify.quiet import quiet_until
from stream.merchant.notify.subscriptions import Book, Channel
from topics.notifications import Message

Key = tuple[str, str]
"""Endpoint and id."""

MOST_IN_A_DIGEST = 100

Noted = Callable[[Message, bool], None]
"""Told of every message that must be kept as it is now (True), or that is gone (False)."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes to an endpoint at once: one message, or for a channel several, told in one."""

    endpoint: str
    messages: Sequence[Message]


@dataclass(slots=True)
class _Waiting:
    message: Message
    under_way: bool = False
    after: int = 0
    """The end of quiet hours, or when it was last sent: what failed stands behind all that had waited by then."""

    @property
    def at(self) -> int:
        return max(self.message.planned_at, self.message.not_before, self.after)

    @property
    def key(self) -> Key:
        return self.message.endpoint, self.message.id


@dataclass(slots=True)
class _Line:
    """What waits for one endpoint; only the first message of each chain is in ``heads``."""

    heads: list[tuple[int, int, str]] = field(default_factory=list)
    """When, order, id; entries that are no longer true are passed over."""
    chains: dict[str, deque[_Waiting]] = field(default_factory=dict)


@dataclass(slots=True)
class Outbox:
    """The messages of one partition; ``noted`` hears what must be remembered of them."""

    book: Book
    endpoints: Endpoints
    noted: Noted
    _waiting: dict[Key, _Waiting] = field(default_factory=dict)
    _lines: dict[str, _Line] = field(default_factory=dict)
    _ready: dict[str, None] = field(default_factory=dict)
    """Endpoints that are to be looked at; the others wait for a time, or for something to end."""
    _starved: dict[bool, dict[str, None]] = field(default_factory=lambda: {False: {}, True: {}})
    """Those that found no place, among the many (False) or the few of those in trouble (True)."""
    _times: list[tuple[int, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[Message]:
        return (waiting.message for waiting in self._waiting.values())

    def __contains__(self, key: Key) -> bool:
        return key in self._waiting

    def add(self, message: Message) -> None:
        """One more, which is kept by now or will be."""
        waiting = _Waiting(message)
        self._waiting[waiting.key] = waiting
        line = self._lines.setdefault(message.endpoint, _Line())
        chain = line.chains.setdefault(self._chain(message), deque())
        chain.append(waiting)
        if len(chain) == 1:
            self._to_the_heads(waiting)

    def message(self, key: Key) -> Message | None:
        """That which waits under ``key``."""
        waiting = self._waiting.get(key)
        return None if waiting is None else waiting.message

    def remove(self, key: Key) -> None:
        """It need not be sent any more, or has been."""
        waiting = self._waiting.pop(key)
        line = self._lines[key[0]]
        name = self._chain(waiting.message)
        chain = line.chains[name]
        was_head = chain[0] is waiting
        chain.remove(waiting)
        if not chain:
            del line.chains[name]
        elif was_head:
            self._to_the_heads(chain[0])
        if not line.chains:
            del self._lines[key[0]]
        self.noted(waiting.message, False)

    def put_back(self, key: Key, message: Message) -> None:
        """It was under way, and is to be sent again, as ``message`` says."""
        waiting = self._waiting[key]
        if message != waiting.message:
            waiting.message = message
            self.noted(message, True)
        waiting.under_way = False
        self._to_the_heads(waiting)

    def look_at(self, endpoint: str) -> None:
        """Something has changed for what waits for it."""
        if endpoint in self._lines:
            self._ready[endpoint] = None

    def look_at_all(self) -> None:
        """Something has changed for all."""
        self._ready.update(dict.fromkeys(self._lines))

    def pick(self, now: int, may: Callable[[str], bool]) -> list[Parcel]:
        """Take what may be sent now; ``may``: whether an endpoint's messages may go at all.

        What is taken for the first time is noted as attempted, so that it is known before it is done.
        """
        while self._times and self._times[0][0] <= now:
            self.look_at(heappop(self._times)[1])
        for troubled, starved in self._starved.items():
            for endpoint in list(islice(starved, self.endpoints.room(troubled=troubled))):
                del starved[endpoint]
                self.look_at(endpoint)
        found: list[Parcel] = []
        ready, self._ready = self._ready, {}
        for endpoint in ready:
            if endpoint in self._lines and may(endpoint):
                found.extend(self._pick_of(endpoint, now))
        return found

    def next_at(self) -> int | None:
        """When `pick` may find more, if nothing happens."""
        return self._times[0][0] if self._times else None

    def _pick_of(self, endpoint: str, now: int) -> Iterator[Parcel]:
        while True:
            gate = self.endpoints.gate(endpoint, now)
            if gate is Gate.LATER:
                heappush(self._times, (self.endpoints.health(endpoint).not_before, endpoint))
            elif gate is Gate.FULL:
                self._starved[self.endpoints.health(endpoint).troubled][endpoint] = None
            if gate is not Gate.OPEN:
                return
            taken = self._take(endpoint, now)
            if not taken:
                return
            self.endpoints.begin(endpoint)
            yield Parcel(endpoint, [self._begin(waiting, now) for waiting in taken])

    def _take(self, endpoint: str, now: int) -> list[_Waiting]:
        _, kind = self.book.endpoints[endpoint]
        if isinstance(kind, Channel):
            return self._take_for_channel(kind, now)
        first = self._first(endpoint, now)
        return [] if first is None else [first]

    def _take_for_channel(self, channel: Channel, now: int) -> list[_Waiting]:
        """One by one as long as there are tokens enough; else what waits is told in one."""
        due: list[_Waiting] = []
        while len(due) < MOST_IN_A_DIGEST and (waiting := self._first(channel.name, now)) is not None:
            due.append(waiting)
        if not due:
            return []
        bucket = self.endpoints.health(channel.name).bucket
        gathered_at = min(waiting.message.planned_at for waiting in due) + channel.digest_ms
        assert bucket is not None  # noqa: S101 - channels have one
        tokens = bucket.left(now)
        at = max(gathered_at, now if tokens else bucket.next_at(now))
        if at > now and not (tokens and len(due) == MOST_IN_A_DIGEST):
            self._give_back(due)
            heappush(self._times, (at, channel.name))
            return []
        if len(due) <= tokens and not channel.digest_ms:
            self._give_back(due[1:])
            due = due[:1]
        bucket.take(now)
        return due

    def _give_back(self, taken: Sequence[_Waiting]) -> None:
        for waiting in taken:
            waiting.under_way = False
            self._to_the_heads(waiting)

    def _first(self, endpoint: str, now: int) -> _Waiting | None:
        """Take the first that may be sent; of those that may not yet, the time is kept."""
        merchant, _ = self.book.endpoints[endpoint]
        heads = self._lines[endpoint].heads
        while heads:
            at, order, name = heads[0]
            waiting = self._waiting.get((endpoint, name))
            stale = waiting is None or waiting.under_way or (waiting.at, waiting.message.order) != (at, order)
            if waiting is None or stale:
                heappop(heads)
                continue
            if at > now:
                heappush(self._times, (at, endpoint))
                return None
            heappop(heads)
            waiting.after = quiet_until(merchant, waiting.message.severity, now)
            if waiting.after <= now:
                waiting.under_way = True
                return waiting
            heappush(heads, (waiting.at, order, name))
        return None

    def _begin(self, waiting: _Waiting, now: int) -> Message:
        if waiting.message.attempted_at is None:
            waiting.message = replace(waiting.message, attempted_at=now)
            self.noted(waiting.message, True)
        return waiting.message

    def _to_the_heads(self, waiting: _Waiting) -> None:
        endpoint = waiting.message.endpoint
        heappush(self._lines[endpoint].heads, (waiting.at, waiting.message.order, waiting.message.id))
        self._ready[endpoint] = None

    def _chain(self, message: Message) -> str:
        """A channel gets one thing at a time, in order; only a webhook's messages could overtake each other."""
        _, kind = self.book.endpoints[message.endpoint]
        return message.id if isinstance(kind, Channel) or message.alert_id is None else message.alert_id
