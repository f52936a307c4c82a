"""The API as it is served, on a port of this machine, fed by the test in Kafka's place: what Kafka does is tested with Kafka."""

import asyncio
import http.client
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any, Self, TypeVar

import msgspec

from stream.merchant.api.access import Access
from stream.merchant.api.app import Parts, make_app
from stream.merchant.api.documents import Clock
from stream.merchant.api.following import Health
from stream.merchant.api.page import read_files
from stream.merchant.api.serving import listen, make_server, serve
from stream.merchant.api.shops import Shops
from stream.merchant.api.streams import Streams
from stream.merchant.api.tokens import Tokens, digest_of, line_of
from stream.ops.logs import Level
from topics.alerts import Alert
from topics.rates import Rates

PARTITIONS = 3
NOW = 1_795_000_000_000
PATIENCE_S = 10.0

MINE, OPS, OTHERS = "sw_mine", "sw_ops", "sw_others"
Made = TypeVar("Made")


def tokens_file(path: Path) -> Tokens:
    """Of a merchant with two shops, one with another, and ops."""
    lines = [
        line_of(digest_of(MINE), ["s1", "a/b c"], ops=False, name="Ann"),
        line_of(digest_of(OTHERS), ["s2"], ops=False, name=None),
        line_of(digest_of(OPS), [], ops=True, name="ops"),
    ]
    path.write_text("\n".join(lines), "utf-8")
    made = Tokens(path)
    made.read()
    return made


@dataclass
class Log:
    """What the topics' partitions hold, as a feed of records."""

    shops: Shops
    ends: dict[tuple[str, int], int] = field(default_factory=dict)

    def _next(self, topic: str, partition: int) -> int:
        offset = self.ends.get((topic, partition), 0)
        self.ends[topic, partition] = offset + 1
        return offset

    def alert(self, document: Alert, partition: int = 1) -> None:
        """Written anew."""
        value = msgspec.json.encode(document)
        self.shops.take_alert(partition, self._next("alerts", partition), document.alert_id.encode(), value)

    def gone(self, alert_id: str, partition: int = 1) -> None:
        """A tombstone."""
        self.shops.take_alert(partition, self._next("alerts", partition), alert_id.encode(), None)

    def rates(self, document: Rates, partition: int = 1) -> None:
        """Written anew."""
        value = msgspec.json.encode(document)
        self.shops.take_rates(partition, self._next("rates", partition), document.shop_id.encode(), value)


def until(true: Callable[[], bool], patience_s: float = PATIENCE_S) -> None:
    """Look every 10 ms."""
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def ask(port: int, path: str, token: str | None = MINE, method: str = "GET", **headers: str) -> "Answer":
    """One request to this machine; ``headers`` by their names with underscores."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        told["Authorization"] = f"Bearer {token}"
    try:
        connection.request(method, path, headers=told)
        found = connection.getresponse()
        return Answer(found.status, dict(found.headers.items()), found.read())
    finally:
        connection.close()


class Served:
    """Until the end of its ``with``."""

    def __init__(
        self,
        directory: Path,
        *,
        most: int = 20,
        beat_s: float = 15.0,
        send_s: float = 20.0,
        clock: Clock = "real",
    ) -> None:
        self._clock = clock
        self.said: list[str] = []
        self.tokens = tokens_file(directory / "tokens.toml")
        self.shops = Shops(PARTITIONS)
        self.log = Log(self.shops)
        self.health = Health(ready=True)
        self.streams = Streams(self.shops, most=most, most_each=most, beat_s=beat_s, send_s=send_s)
        self.access = Access(self.tokens, lambda: NOW)
        self.port = 0
        self._listening = listen("127.0.0.1", 0)
        self._over = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._run)

    def _hear(self, text: str, level: Level = "info", /) -> None:
        self.said.append(text)

    @property
    def address(self) -> str:
        """Its URL, without a slash."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.port = self._listening.getsockname()[1]
        self._listening.listen()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self.streams.end_all)
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        parts = Parts(
            self.shops, self.health, self.access, self.streams, self._clock, read_files(), self._hear
        )
        beside = asyncio.ensure_future(self.streams.run())
        await serve(make_server(make_app(parts), self.streams.most), self._listening, self._over)
        beside.cancel()

    def do(self, change: Callable[[], Made]) -> Made:
        """In the server's own thread, as all that it knows is changed; then whoever follows is woken."""

        async def changing() -> Made:
            made = change()
            self.shops.wake_touched()
            return made

        return asyncio.run_coroutine_threadsafe(changing(), self._loop).result(PATIENCE_S)

    def ask(self, path: str, token: str | None = MINE, method: str = "GET", **headers: str) -> "Answer":
        """One request."""
        return ask(self.port, path, token, method, **headers)

    def follow(self, path: str, token: str = MINE, last: str | None = None) -> "Follower":
        """Open a stream."""
        return Follower(self.port, path, token, last)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Event:
    """Of a stream."""

    name: str
    data: Any
    id: str | None


class Follower:
    """Reads a stream, until the end of its ``with``."""

    def __init__(self, port: int, path: str, token: str, last: str | None) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        if last is not None:
            headers["Last-Event-ID"] = last
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=3 * PATIENCE_S)
        self._connection.request("GET", path, headers=headers)
        self.response = self._connection.getresponse()
        self.last = last

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.response.close()
        self._connection.close()

    def events(self) -> Iterator[Event]:
        """As they come, until the stream ends."""
        lines: list[str] = []
        for raw in self.response:
            line = raw.decode().rstrip("\n")
            if line:
                lines.append(line)
                continue
            found = parsed(lines)
            lines = []
            if found is not None:
                self.last = found.id or self.last
                yield found

    def until(self, name: str) -> list[Event]:
        """Up to and with the next event of this name."""
        found = []
        for event in self.events():
            found.append(event)
            if event.name == name:
                return found
        raise AssertionError(f"the stream ended before {name}: {found}")


def parsed(lines: list[str]) -> Event | None:
    """One event of its lines; None where they have no data."""
    fields = dict(line.split(": ", 1) for line in lines)
    if "data" not in fields:
        return None
    return Event(fields["event"], json.loads(fields["data"]), fields.get("id"))
