"""How many pages does one API process serve, and how much does it keep?  ``python -m benchmarks.api_pages``; Linux.

Pages are connections of another process that read server-sent events: each must have seen every alert of its shop in the
end.  Besides them some connect and never read: they must be cut off.  Then as many shops as are asked for are written to the
topics, and a fresh process reads them.  Kafka, who writes and who reads are on the same machine as what is measured.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from benchmarks.children import Child, child
from benchmarks.kafka import PARTITIONS, SETTINGS, Kafka, Placed, write
from stream.broker import Broker
from stream.broker.ports import free_port
from stream.merchant.api.tokens import digest_of, line_of
from stream.worker.partitioner import belongs_by

CONNECTING = 200
"""So many connections are opened at once."""

PATIENCE_S = 400.0
SLOW_S = 40.0
"""A reader that takes nothing is cut off after 20 s, once what the kernel keeps for it is full."""

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Load:
    """What is asked of it."""

    pages: int
    shops: int
    updates: int
    """A second; half of them alerts, half rates."""
    seconds: int
    slow: int
    """Pages that never read."""
    many: int
    """Shops of the second part."""


def shop_name(number: int) -> str:
    """Of a shop."""
    return f"shop-{number:06}"


def rates_of(shop: str, number: int) -> Mapping[str, Any]:
    """A document such as the seed policy makes, with the foresight of a shop that has open orders."""
    counts = {
        "good": 900 - number % 50,
        "bad": 40 + number % 50,
        "counted": 940,
        "headroom": 12,
        "score": None,
    }
    tier = {"severity": "warning", "threshold": 0.85, "state": "inactive", "rate": 0.95, **counts}
    tiers = [tier, {**tier, "severity": "demotion", "threshold": 0.8}]
    names = ("late_shipping", "pickup_anomalies", "returns", "slow_after_sales", "poor_service")
    due = [
        {"order_id": f"o{number % 1000}{each:04}", "due": "2025-03-06T10:45:00.000Z"} for each in range(10)
    ]
    risk = {
        "metric": "on_time",
        "open": 60,
        "within_1h": 2,
        "within_6h": 9,
        "within_24h": 31,
        "due_next": due,
    }
    return {
        "shop_id": shop,
        "as_of": f"2025-03-06T10:{number // 60 % 60:02}:{number % 60:02}.000Z",
        "policy_version": "1",
        "rules": [
            {"rule": name, "metric": "on_time", "window": "3d", "tiers": tiers[: 1 + (place == 0)]}
            for place, name in enumerate(names)
        ],
        "at_risk": [risk],
    }


def alert_of(shop: str, alert_id: str) -> Mapping[str, Any]:
    """One that fires, with five orders of evidence."""
    counts = {"good": 44, "bad": 12, "counted": 56, "rate": 0.785714, "threshold": 0.8, "headroom": -4}
    why = "to be shipped by 2025-03-07 20:11:50.394+08:00, shipped at 2025-03-08 02:30:30.630+08:00"
    return {
        "alert_id": alert_id,
        "shop_id": shop,
        "policy": "seed",
        "policy_version": "1",
        "rule": "late_shipping",
        "severity": "demotion",
        "metric": "on_time",
        "window": "3d",
        "state": "firing",
        "fired_at": "2025-03-06T10:00:00.000Z",
        "resolved_at": None,
        "resolved_because": None,
        "at_fire": counts,
        "latest": counts,
        "evidence": [{"order_id": f"o{number:06}", "verdict": "late", "why": why} for number in range(5)],
        "message": "late_shipping is demotion: 44 of 56 orders were shipped on time in the last 3 days, 78.57 %.",
        "emitted_at": "2025-03-06T10:00:00.400Z",
    }


def token_of(shop: str) -> str:
    """A token that needs no keeping."""
    return f"sw_{shop}"


# The pages, in a process of their own


@dataclass
class Page(asyncio.Protocol):
    """One connection: counts the alerts that it sees after it has caught up."""

    shop: str
    seen: "Counter[str]"
    delays: list[float]
    ready: "asyncio.Future[None]"
    left: bytes = b""
    lost: bool = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        asked = f"GET /v1/shops/{self.shop}/events HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {token_of(self.shop)}\r\n\r\n"
        transport.write(asked.encode())  # type: ignore[attr-defined]  # of a connection it is one that can

    def data_received(self, data: bytes) -> None:
        """Take whole events only."""
        *events, self.left = (self.left + data).split(b"\n\n")
        for event in events:
            if b"event: caught_up" in event and not self.ready.done():
                self.ready.set_result(None)
            place = event.find(b'"alert_id":"')
            if place >= 0:
                self._take(event[place + 12 : event.index(b'"', place + 12)].decode())

    def _take(self, alert_id: str) -> None:
        self.seen[alert_id] += 1
        sent = float(alert_id.rpartition("@")[2])
        self.delays.append(time.monotonic() - sent)

    def connection_lost(self, error: Exception | None) -> None:
        """It shall not be."""
        self.lost = True
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"a page was refused ({error})"))


def pages_main(port: int, load: Load, told: Connection) -> None:
    """The process: says ``ready``, and when told how many alerts a shop has had, what has been seen."""
    asyncio.run(_pages(port, load, told))


async def _pages(port: int, load: Load, told: Connection) -> None:
    loop = asyncio.get_running_loop()
    pages = [
        Page(shop_name(number % load.shops), Counter(), [], loop.create_future())
        for number in range(load.pages)
    ]
    for begin in range(0, len(pages), CONNECTING):
        some = pages[begin : begin + CONNECTING]
        await asyncio.gather(
            *(loop.create_connection(partial(_same, page), "127.0.0.1", port) for page in some)
        )
        await asyncio.wait_for(asyncio.gather(*(page.ready for page in some)), PATIENCE_S)
    told.send("ready")
    while not told.poll():  # noqa: ASYNC110 - the other process is no task of ours
        await asyncio.sleep(0.05)
    wanted: Mapping[str, int] = told.recv()
    deadline = loop.time() + PATIENCE_S
    while loop.time() < deadline and _missing(pages, wanted):  # noqa: ASYNC110 - nor does anything tell this
        await asyncio.sleep(0.2)
    delays = sorted(delay for page in pages for delay in page.delays)
    told.send(
        {
            "missing": _missing(pages, wanted),
            "lost": sum(page.lost for page in pages),
            "delivered": len(delays),
            "p50_ms": delays[len(delays) // 2] * 1000 if delays else 0.0,
            "p99_ms": delays[len(delays) * 99 // 100] * 1000 if delays else 0.0,
        }
    )


def _same(page: Page) -> Page:
    return page


def _missing(pages: Sequence[Page], wanted: Mapping[str, int]) -> int:
    return sum(max(0, wanted.get(page.shop, 0) - len(page.seen)) for page in pages)


# The measurement


def resident(api: Child) -> int:
    """Bytes in memory."""
    fields = Path(f"/proc/{api.process.pid}/statm").read_text("ascii").split()
    return int(fields[1]) * resource.getpagesize()


@asynccontextmanager
async def served(
    address: str, prefix: str, logs: Path, tokens: Path
) -> AsyncIterator[tuple[Child, int, float]]:
    """`shopwatch api`; the child, its port, and how many seconds it took until it was ready."""
    port, began = free_port(), time.monotonic()
    options = ("--tokens", str(tokens), "--http", f"127.0.0.1:{port}")
    where = ("--bootstrap", address, "--topic-prefix", prefix)
    with child("api", ("-m", "stream.cli.main", "api", *options, *where), logs) as api:
        while "ready: " not in api.log.read_text("utf-8"):
            api.must_live()
            await asyncio.sleep(0.05)
        yield api, port, time.monotonic() - began


def stalled(port: int, count: int) -> list[socket.socket]:
    """Connections that ask for the alerts of all shops, and never read."""
    made = []
    for _ in range(count):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", port))
        connection.sendall(b"GET /v1/events HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer sw_ops\r\n\r\n")
        made.append(connection)
    return made


async def update(address: str, prefix: str, load: Load) -> tuple[Mapping[str, int], float]:
    """Write at the pace that is asked for; how many alerts each shop has had, and the pace that it was."""
    belongs, sent = belongs_by("murmur2", PARTITIONS), Counter[str]()
    producer = AIOKafkaProducer(bootstrap_servers=address, linger_ms=5)
    await producer.start()
    began, total, step = time.monotonic(), load.updates * load.seconds, max(1, load.updates // 20)
    try:
        for begin in range(0, total, step):
            for number in range(begin, min(begin + step, total)):
                shop = shop_name((number // 2) % load.shops)
                place = belongs(shop.encode()) or 0
                if number % 2:
                    alert_id = f"{shop}-{number}@{time.monotonic():.6f}"
                    sent[shop] += 1
                    key, value, topic = alert_id, orjson.dumps(alert_of(shop, alert_id)), "alerts"
                else:
                    key, value, topic = shop, orjson.dumps(rates_of(shop, number)), "rates"
                await producer.send(prefix + topic, value, key.encode(), place)
            await asyncio.sleep(max(0.0, began + (begin + step) / load.updates - time.monotonic()))
        await producer.flush()
    finally:
        await producer.stop()
    return sent, total / (time.monotonic() - began)


async def pages(kafka: Kafka, load: Load, logs: Path) -> None:
    """The first part."""
    tokens = logs / "tokens.toml"
    lines = [
        line_of(digest_of(token_of(shop_name(n))), [shop_name(n)], ops=False, name=None)
        for n in range(load.shops)
    ]
    tokens.write_text("\n".join([*lines, line_of(digest_of("sw_ops"), [], ops=True, name=None)]), "utf-8")
    async with kafka.topics() as prefix, served(kafka.address, prefix, logs, tokens) as (api, port, _):
        empty = resident(api)
        ours, theirs = multiprocessing.Pipe()
        reading = multiprocessing.get_context("spawn").Process(target=pages_main, args=(port, load, theirs))
        reading.start()
        await asyncio.to_thread(ours.recv)
        connected, cpu, slow = resident(api), api.cpu_s(), stalled(port, load.slow)
        sent, pace = await update(kafka.address, prefix, load)
        began, cpu, worst = cpu, api.cpu_s() - cpu, resident(api)
        ours.send(sent)
        seen = await asyncio.to_thread(ours.recv)
        reading.join()
        whole = api.cpu_s() - began
        cut_off = await asyncio.to_thread(_cut_off, port, load.slow)
        for connection in slow:
            connection.close()
        said(
            pages=load.pages,
            shops=load.shops,
            updates_a_second=round(pace),
            alerts=sum(sent.values()),
            alerts_seen_by_pages=seen["delivered"],
            alerts_missed=seen["missing"],
            pages_lost=seen["lost"],
            p50_ms=round(seen["p50_ms"]),
            p99_ms=round(seen["p99_ms"]),
            cpu_share=round(cpu / load.seconds, 2),
            cpu_us_a_delivery=round(whole / max(1, seen["delivered"]) * 1e6),
            empty_mb=empty // MEGABYTE,
            connected_mb=connected // MEGABYTE,
            kb_a_page=round((connected - empty) / load.pages / 1024, 1),
            after_updates_mb=worst // MEGABYTE,
            slow_readers=load.slow,
            slow_readers_cut_off=cut_off,
        )


def _cut_off(port: int, wanted: int) -> int:
    """How many it says that it has cut off, once that is all."""
    deadline = time.monotonic() + SLOW_S
    while True:
        found = _number(port, "shopwatch_api_streams_cut_off_total")
        if found >= wanted or time.monotonic() > deadline:
            return found
        time.sleep(0.5)


def _number(port: int, name: str) -> int:
    with socket.create_connection(("127.0.0.1", port), 10) as asking:
        asking.sendall(
            b"GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer sw_ops\r\n\r\n"
        )
        text = b"".join(iter(lambda: asking.recv(65_536), b"")).decode()
    return next(int(float(line.split()[1])) for line in text.splitlines() if line.startswith(f"{name} "))


async def many(kafka: Kafka, load: Load, logs: Path) -> None:
    """The second part: each shop with its rates and one alert."""
    tokens = logs / "tokens.toml"
    tokens.write_text(line_of(digest_of("sw_ops"), [], ops=True, name=None), "utf-8")
    async with kafka.topics() as prefix:
        await _fill(kafka.address, prefix, load.many)
        async with served(kafka.address, prefix, logs, tokens) as (api, port, took):
            shops = _number(port, "shopwatch_api_shops")
            said(
                shops=shops,
                alerts=_number(port, "shopwatch_api_alerts"),
                bytes_of_rates=len(orjson.dumps(rates_of(shop_name(0), 0))),
                bytes_of_an_alert=len(orjson.dumps(alert_of(shop_name(0), "a@0"))),
                ready_s=round(took, 1),
                resident_mb=resident(api) // MEGABYTE,
                kb_a_shop=round(resident(api) / max(shops, 1) / 1024, 1),
            )


async def _fill(address: str, prefix: str, shops: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all", max_batch_size=512 * 1024)
    await producer.start()
    try:
        for begin in range(0, shops, 5_000):
            await write(producer, prefix, _rows(map(shop_name, range(begin, min(begin + 5_000, shops)))))
    finally:
        await producer.stop()


def _rows(shops: Iterable[str]) -> Placed:
    belongs = belongs_by("murmur2", PARTITIONS)
    found: dict[tuple[str, int], list[tuple[bytes, bytes | None]]] = {}
    for shop in shops:
        place, alert_id = belongs(shop.encode()) or 0, f"{shop}-0@0"
        found.setdefault(("rates", place), []).append((shop.encode(), orjson.dumps(rates_of(shop, 0))))
        alert = orjson.dumps(alert_of(shop, alert_id))
        found.setdefault(("alerts", place), []).append((alert_id.encode(), alert))
    return found


def said(**figures: float) -> None:
    """A line of JSON."""
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from a command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.api_pages", description=__doc__)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--shops", type=int, default=2_000, help="that the pages show")
    parser.add_argument("--updates", type=int, default=1_000, help="a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--slow", type=int, default=50, help="pages that never read")
    parser.add_argument("--many", type=int, default=100_000, help="shops of the second part; 0: leave it out")
    load = Load(**vars(parser.parse_args(arguments)))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with TemporaryDirectory(prefix="shopwatch-bench-") as place:
        logs = Path(place, "logs")
        logs.mkdir()
        with Broker(Path(place, "kafka"), settings=SETTINGS, heap="1g") as broker:
            kafka = Kafka(broker.address)
            if load.pages:
                asyncio.run(pages(kafka, load, logs))
            if load.many:
                asyncio.run(many(kafka, load, logs))


if __name__ == "__main__":
    main()
