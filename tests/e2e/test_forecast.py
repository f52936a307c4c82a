"""Does a tier that looks ahead speak up while there is still time, and fall silent once the orders have shipped?  A worker at work."""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from stream.worker.clock import now_ms
from tests.backtest.asking import Event, cancelled, hours, order, policy
from tests.cli.shell import Shell
from tests.worker.rig import Rig, Running, wait_until
from topics.times import parse_time, rfc3339

pytestmark = pytest.mark.kafka

TIERS = 'alarm = { below = 0.8 }\nsoon = { below = 0.8, forecast = "30m" }'
AHEAD = 0.5
"""Hours, as the policy has it."""

GOOD = [event for number in range(8) for event in order(f"good-{number}", 1, good=True)]
OPEN = {f"open-{number}": 12 + number / 10 for number in range(4)}
"""Orders by the hour at which they are due: 8 of 11 is less than 80 %, 8 of 10 is not; 10 of 12 will do."""
BREACH = OPEN["open-2"]
TEXT = "soon: will fall below 80 % at {at} unless 2 orders ship; 8 of 8 orders were shipped on time in the last 20 hours, 100 %"

Document = dict[str, Any]
Is = Callable[[Document], bool]


def opened() -> list[Event]:
    """The orders that are to be shipped."""
    return [event for name, due in OPEN.items() for event in order(name, due, good=False)]


def shipped(name: str, at: float) -> Event:
    """An order of these, before it is due."""
    return {**order(name, at, good=True)[1], "occurred_at": rfc3339(hours(at))}


def moved(events: Sequence[Event], by_ms: int) -> list[Event]:
    """The same, so much later."""
    return [
        {
            name: rfc3339(parse_time(str(value)) + by_ms) if name in ("occurred_at", "ship_by") else value
            for name, value in event.items()
        }
        for event in events
    ]


class Live:
    """A worker on one partition, and what it is sent; all of that is in ``sent``."""

    def __init__(self, rig: Rig, shell: Shell) -> None:
        self.rig = rig
        self.shell = shell
        self.sent: list[Event] = []
        self.policy = rig.tmp / "ahead.toml"
        self.policy.write_text(policy(TIERS, window="20h"), "utf-8")
        asyncio.run(rig.create(1))

    def start(self, *more: str) -> Running:
        """A worker."""
        options = ("--policy", str(self.policy), "--session-timeout", "6s", *more)
        return self.rig.start("w", "worker", *options, module="stream.cli.main")

    def send(self, *events: Event) -> None:
        """Into the topics that they belong in."""
        topics = {"package_shipped": "ships"}
        asyncio.run(
            self.rig.send(
                (topics.get(str(event["type"]), "orders"), 0, b"S", json.dumps(event).encode())
                for event in events
            )
        )
        self.sent += events

    def seen(self, worker: Running, is_so: Is, *, at: float | None = None, topic: str = "alerts") -> Document:
        """The one document of a topic, once it is so; with ``at`` time goes on up to that hour, by events of no consequence."""
        found: list[Document] = []

        def looked() -> bool:
            if at is not None:
                self.send(cancelled(at))
            found[:] = asyncio.run(self.rig.latest(topic)).values()
            return any(map(is_so, found))

        wait_until(looked, 30, worker.describe)
        (only,) = found
        return only

    def alerts(self) -> list[Document]:
        """All that there are."""
        return list(asyncio.run(self.rig.latest("alerts")).values())

    def replayed(self, until: str) -> list[Document]:
        """What a replay says of all that was sent."""
        recording = self.rig.tmp / "recording.jsonl"
        recording.write_bytes(b"\n".join(json.dumps(event).encode() for event in self.sent))
        done = self.shell("replay", "--policy", self.policy, recording, "--json", "--until", until)
        assert done.code == 0, done.err
        return [json.loads(line) for line in done.lines]


@pytest.fixture
def live(rig: Rig, shell: Shell) -> Live:
    return Live(rig, shell)


def tiers_of(rates: Document) -> list[Document]:
    """Of the one rule."""
    return list(rates["rules"][0]["tiers"])


def test_it_fires_before_the_breach_names_the_orders_and_is_over_when_they_have_shipped(live: Live) -> None:
    def looks_ahead(rates: Document) -> bool:
        return {(tier["state"], tier["breach_at"], tier["to_save"]) for tier in tiers_of(rates)} == {
            ("inactive", rfc3339(hours(BREACH)), 2)
        }

    worker = live.start("--clock", "events")
    live.send(*GOOD, *opened())
    live.seen(worker, looks_ahead, at=BREACH - AHEAD - 0.1, topic="rates")
    assert live.alerts() == []
    fired = live.seen(worker, lambda _: True, at=BREACH - AHEAD + 0.1)
    assert (fired["state"], fired["severity"], fired["fired_at"]) == (
        "firing",
        "soon",
        rfc3339(hours(BREACH - AHEAD)),
    )
    assert TEXT.format(at="2024-01-01 12:12:00+00:00") in fired["message"]
    assert [(each["order_id"], each["verdict"]) for each in fired["evidence"]] == [
        ("open-0", "open"),
        ("open-1", "open"),
    ]
    live.send(shipped("open-0", BREACH - 0.3), shipped("open-1", BREACH - 0.25))
    over = live.seen(worker, is_over, at=BREACH - 0.2)
    assert (over["resolved_at"], over["resolved_because"]) == (rfc3339(hours(BREACH - 0.25)), "recovered")
    live.seen(worker, lambda rates: tiers_of(rates)[0]["bad"] == 2, at=BREACH + 1, topic="rates")
    assert live.alerts() == [over], "nothing fires at the breach that did not come"
    assert live.replayed(rfc3339(hours(BREACH + 1))) == [{**over, "emitted_at": None}]


def test_silence_alone_brings_it_by_the_real_clock(live: Live) -> None:
    """All of it is there before the worker starts, what is shipped being dated ahead: so no event is late, however long a start takes."""
    by_ms = now_ms() + 2_000 - hours(BREACH - AHEAD)
    over_at = hours(BREACH - AHEAD) + 3_000
    ships = [{**shipped(name, 1), "occurred_at": rfc3339(over_at)} for name in ("open-0", "open-1")]
    live.send(*moved([*GOOD, *opened(), *ships], by_ms))
    worker = live.start("--lateness", "1s")
    fired = live.seen(worker, lambda _: True)
    assert fired["fired_at"] == rfc3339(hours(BREACH - AHEAD) + by_ms)
    over = live.seen(worker, is_over)
    assert over["resolved_at"] == rfc3339(over_at + by_ms)
    assert live.replayed(over["resolved_at"]) == [{**over, "emitted_at": None}]


def is_over(alert: Document) -> bool:
    """Whether it has resolved."""
    return bool(alert["state"] == "resolved")
