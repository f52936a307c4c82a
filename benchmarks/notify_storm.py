"""Does a storm of alerts reach slow, failing and dead receivers without a loss?  ``python -m benchmarks.notify_storm``

10,000 alerts within a minute, each of another episode, to 200 receivers: most are well, some are slow, some fail one time in
five, some do not answer at all until the storm is over.  Halfway the notifier is killed and started again.  Then everything
that was told is compared with everything that should have been: one id at least once, with one body, whatever its receiver did.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aiohttp import web
from aiokafka import AIOKafkaProducer

from benchmarks.children import PAGE, Child, child
from benchmarks.kafka import PARTITIONS, SETTINGS, Kafka
from stream.broker import Broker
from topics.times import rfc3339

KINDS = {"well": 140, "slow": 20, "failing": 20, "dead": 20}
SLOW_S = 2.5
FAILING_SHARE = 0.2
PATIENCE_S = 900.0
LOOK_S = 0.5
TELL_S = 10.0
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # noqa: S105 - of nobody
HOLDS_OFF = '[hold]\ndelay = "off"\nlag = "off"\nsilence = "off"\nmass_share = "off"\n'
COUNTS = {"good": 7, "bad": 3, "counted": 10, "rate": 0.7, "threshold": 0.8, "headroom": -5, "score": None}


@dataclass(slots=True)
class Receivers:
    """All receivers, on one port; a shop's path says of which kind it is."""

    revived: asyncio.Event = field(default_factory=asyncio.Event)
    got: dict[str, list[float]] = field(default_factory=dict)
    """When an id was taken, once for each time."""
    bodies: dict[str, set[int]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    dice: random.Random = field(default_factory=lambda: random.Random(1))

    async def answer(self, request: web.Request) -> web.Response:
        """By its kind."""
        kind, id_ = request.match_info["kind"], request.headers["webhook-id"]
        body = await request.read()
        self.bodies.setdefault(id_, set()).add(hash(body))
        self.asked[kind] += 1
        if kind == "dead" and not self.revived.is_set():
            await self.revived.wait()
            return web.Response(status=500)
        if kind == "slow":
            await asyncio.sleep(SLOW_S)
        if kind == "failing" and self.dice.random() < FAILING_SHARE:
            return web.Response(status=503)
        self.got.setdefault(id_, []).append(time.time())  # noqa: TID251 - compared with when the alert was written
        return web.Response(status=204)


def merchants() -> Iterator[tuple[str, str]]:
    """Shop and kind of each."""
    for kind, count in KINDS.items():
        for number in range(count):
            yield f"{kind}-{number}", kind


def subscriptions(port: int) -> str:
    """A webhook each."""
    tables = [
        f'[merchants.{shop}]\nshops = ["{shop}"]\n'
        f'webhooks.w = {{ url = "http://127.0.0.1:{port}/{kind}/{shop}", secrets = ["{SECRET}"] }}\n'
        for shop, kind in merchants()
    ]
    return "\n".join([HOLDS_OFF, *tables])


def alert(number: int, shop: str, now: float) -> Mapping[str, Any]:
    """One that fires, with as much evidence as there may be."""
    at = rfc3339(int(now * 1000))
    why = "to be shipped by 2026-11-27 10:00:00+08:00, not shipped yet"
    return {
        "alert_id": f"a{number}", "shop_id": shop, "policy": "storm", "policy_version": "1", "rule": f"r{number}",
        "severity": "warning", "metric": "on_time", "window": "30d", "state": "firing", "fired_at": at,
        "resolved_at": None, "resolved_because": None, "at_fire": COUNTS, "latest": COUNTS,
        "evidence": [{"order_id": f"o{number}-{order}", "verdict": "late", "why": why} for order in range(20)],
        "message": "late_shipping is warning: 7 of 10 orders were shipped on time in the last 30 days, 70 %; the line is 80 %.",
        "emitted_at": at,
    }  # fmt: skip


async def storm(kafka: Kafka, prefix: str, alerts: int, seconds: float) -> Mapping[str, tuple[str, float]]:
    """Write the alerts at an even pace; of each the kind of its receiver, and when it was written."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address, acks="all", linger_ms=5)
    await producer.start()
    written: dict[str, tuple[str, float]] = {}
    shops, began = list(merchants()), time.monotonic()
    try:
        for number in range(alerts):
            await asyncio.sleep(max(0.0, began + number * seconds / alerts - time.monotonic()))
            (shop, kind), now = shops[number % len(shops)], time.time()  # noqa: TID251 - as a worker says it
            written[f"a{number}.firing.0"] = kind, now
            value = json.dumps(alert(number, shop, now)).encode()
            await producer.send(
                prefix + "alerts", value, f"a{number}".encode(), number % len(shops) % PARTITIONS
            )
    finally:
        await producer.stop()
    return written


@dataclass(slots=True)
class Notifier:
    """The notifier's process, and how much memory it had at most."""

    arguments: Sequence[str]
    logs: Path
    stack: ExitStack
    process: Child | None = None
    most_bytes: int = 0

    def start(self) -> None:
        """Anew."""
        self.process = self.stack.enter_context(child("notify", self.arguments, self.logs, engine="plain"))

    def kill(self) -> None:
        """As nobody would."""
        assert self.process is not None  # noqa: S101 - it was started
        self.process.process.kill()
        self.process.process.wait()

    def look(self) -> None:
        """How much memory it has now; raises ChildDiedError."""
        assert self.process is not None  # noqa: S101 - it was started
        self.process.must_live()
        with contextlib.suppress(OSError):
            pages = Path(f"/proc/{self.process.process.pid}/statm").read_text("ascii").split()[1]
            self.most_bytes = max(self.most_bytes, int(pages) * PAGE)


async def run(kafka: Kafka, logs: Path, alerts: int, seconds: float) -> None:
    """The storm, and what came of it."""
    receivers = Receivers()
    app = web.Application()
    app.router.add_post("/{kind}/{shop}", receivers.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=4096)
    await site.start()
    try:
        async with kafka.topics() as prefix:
            path = logs / "subscriptions.toml"
            port = runner.addresses[0][1]
            path.write_text(subscriptions(port), "utf-8")
            arguments = (
                "-m", "stream.cli.main", "notify", "--subscriptions", str(path), "--bootstrap", kafka.address,
                "--topic-prefix", prefix, "--group", f"{prefix}n", "--from-beginning", "--session-timeout", "6s",
                "--allow-http", "--allow-network", "127.0.0.0/8",
            )  # fmt: skip
            with ExitStack() as stack:
                await measure(kafka, prefix, receivers, Notifier(arguments, logs, stack), alerts, seconds)
    finally:
        await runner.cleanup()


async def measure(  # noqa: PLR0913, PLR0917 - all that there is
    kafka: Kafka, prefix: str, receivers: Receivers, notifier: Notifier, alerts: int, seconds: float
) -> None:
    """One storm."""
    notifier.start()
    began = time.monotonic()
    storming = asyncio.create_task(storm(kafka, prefix, alerts, seconds))
    await asyncio.sleep(seconds / 2)
    notifier.kill()
    killed_s = time.monotonic() - began
    notifier.start()
    while not storming.done():
        notifier.look()
        await asyncio.sleep(LOOK_S)
    written = storming.result()
    say(
        f"{len(written)} alerts written in {time.monotonic() - began:.0f} s, the notifier killed after {killed_s:.0f} s"
    )
    kinds = {id_: kind for id_, (kind, _) in written.items()}
    await until_all(receivers, {id_: kind for id_, kind in kinds.items() if kind != "dead"}, notifier)
    say(f"all but those of dead receivers told after {time.monotonic() - began:.0f} s")
    receivers.revived.set()
    await until_all(receivers, kinds, notifier)
    say(f"all told after {time.monotonic() - began:.0f} s")
    report(receivers, written, notifier.most_bytes)


async def until_all(receivers: Receivers, wanted: Mapping[str, str], notifier: Notifier) -> None:
    """Until each id was taken, or patience has ended; now and then it is told how many of which kind are still to come."""
    began, told = time.monotonic(), 0.0
    while missing := [id_ for id_ in wanted if id_ not in receivers.got]:
        waited = time.monotonic() - began
        if waited > PATIENCE_S:
            return
        if waited >= told:
            told += TELL_S
            say(f"  still to come: {dict(Counter(wanted[id_] for id_ in missing))}")
        notifier.look()
        await asyncio.sleep(LOOK_S)


def report(receivers: Receivers, written: Mapping[str, tuple[str, float]], most_bytes: int) -> None:
    """What was measured; ends with 1 where anything was lost, or said in two ways."""
    lost = [id_ for id_ in written if id_ not in receivers.got]
    two_ways = [id_ for id_, bodies in receivers.bodies.items() if len(bodies) > 1]
    print("receivers   alerts   lost  taken more than once  requests   p50 s   p99 s   max s")  # noqa: T201 - its output
    for kind in KINDS:
        mine = {id_: at for id_, (of, at) in written.items() if of == kind}
        waits = sorted(receivers.got[id_][0] - at for id_, at in mine.items() if id_ in receivers.got)
        again = sum(1 for id_ in mine if len(receivers.got.get(id_, ())) > 1)
        gone = sum(1 for id_ in mine if id_ not in receivers.got)
        p50, p99, most = (waits[min(len(waits) - 1, int(len(waits) * share))] for share in (0.5, 0.99, 1.0))
        print(  # noqa: T201 - its output
            f"{kind:9} {len(mine):8} {gone:6} {again:21} {receivers.asked[kind]:9} {p50:7.2f} {p99:7.2f} {most:7.2f}"
        )
    print(f"ids with more than one body: {len(two_ways)}; memory of the notifier: {most_bytes / 1e6:.0f} MB")  # noqa: T201 - its output
    if lost or two_ways:
        sys.exit(1)


def say(text: str) -> None:
    """How far it is."""
    sys.stderr.write(f"{text}\n")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from a command line."""
    logging.getLogger("aiokafka").setLevel(
        logging.CRITICAL + 1
    )  # of a broker that has just made topics it says a lot
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notify_storm", description=__doc__)
    parser.add_argument("--alerts", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60.0, help="within which they are written")
    chosen = parser.parse_args(arguments)
    with TemporaryDirectory(prefix="shopwatch-storm-") as place:
        logs = Path(place, "logs")
        logs.mkdir()
        with Broker(Path(place, "kafka"), settings=SETTINGS, progress=say) as broker:
            asyncio.run(run(Kafka(broker.address), logs, chosen.alerts, chosen.seconds))


if __name__ == "__main__":
    main()
