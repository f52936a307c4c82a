"""`shopwatch notify` on a real Kafka, with receivers on loopback."""

import asyncio
import json
import os
import signal
import urllib.request
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from stream.broker.ports import free_port
from stream.worker.clock import now_ms
from tests.cli.shell import Shell
from tests.cli.test_alerts import put
from tests.merchant.notify.receiver import Answer, Got, Receiver
from tests.merchant.notify.stories import HOUR, SECRET, document, resolved
from tests.worker.rig import Rig, Running, wait_until

pytestmark = pytest.mark.kafka

HOLDS_OFF = '[hold]\ndelay = "off"\nlag = "off"\nsilence = "off"\nmass_share = "off"\n'
DELIVERED = 'shopwatch_notify_attempts_total{channel="webhook",result="delivered"} 2.0'
LOCAL = ("--allow-http", "--allow-network", "127.0.0.0/8")


def subscriptions(receiver: Receiver, merchants: Mapping[str, str], more: str = HOLDS_OFF) -> str:
    """Each merchant has the shop of its name, and a webhook at this path."""
    tables = [
        f'[merchants.{name}]\nshops = ["{name}"]\n'
        f'[merchants.{name}.webhooks.erp]\nurl = "{receiver.url(path)}"\nsecrets = ["{SECRET}"]\n'
        for name, path in merchants.items()
    ]
    return "\n".join([more, *tables])


def start(rig: Rig, text: str, name: str = "notify", http: str | None = None) -> Running:
    """A notifier that tells of all alerts that there are."""
    serving = ("--http", http) if http else ()
    path = rig.tmp / "subscriptions.toml"
    path.write_text(text)
    return rig.start(
        name,
        "notify",
        "--subscriptions",
        str(path),
        "--from-beginning",
        "--session-timeout",
        "2s",
        *serving,
        *LOCAL,
        module="stream.cli.main",
    )


def asked(port: int, path: str) -> str:
    """What it serves."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return str(answer.read().decode())


def news(name: str, shop: str, **more: object) -> dict[str, Any]:
    """An alert that was written now."""
    return document(name, shop, emitted_at=datetime.now(UTC).isoformat(), **more)  # noqa: TID251 - a real one


@pytest.fixture
def made(rig: Rig, shell: Shell) -> Shell:
    """The command line, with topics."""
    assert shell("topics", "create", "--partitions", "2").code == 0
    return shell


def test_an_alert_and_its_end_reach_a_webhook_that_checks_the_signature(
    rig: Rig, made: Shell, receiver: Receiver
) -> None:
    port = free_port()
    running = start(rig, subscriptions(receiver, {"s1": "/s1", "s2": "/s2"}), http=f"127.0.0.1:{port}")
    put(rig, "alerts", [(0, "a1", news("a1", "s1"))])
    wait_until(lambda: len(receiver.got) == 1, 30, running.describe)
    put(
        rig,
        "alerts",
        [(0, "x", {"alert_id": 7}), (0, "y", news("a\nb", "s1")), (1, "a2", news("a2", "nobody"))],
    )
    put(rig, "alerts", [(0, "a1", resolved(news("a1", "s1"), "corrected"))])
    wait_until(lambda: len(receiver.got) == 2, 10, running.describe)
    told = [Webhook(SECRET).verify(got.body, dict(got.headers)) for got in receiver.got]
    assert [got.id for got in receiver.got] == ["a1.firing.0", "a1.resolved.0"]
    assert [each["type"] for each in told] == ["alert.firing", "alert.resolved"]
    assert [each["data"]["corrected"] for each in told] == [False, True]
    wait_until(lambda: asked(port, "/metrics").count(DELIVERED) == 1, 10, running.describe)
    assert asked(port, "/readyz") == "2 partitions\n"
    running.signal(signal.SIGTERM)
    assert running.wait() == 0, running.describe()
    assert running.output().startswith("shopwatch notify: stopped: 2 delivered, 0 failed attempts")
    assert SECRET not in running.describe()
    assert [line.partition(" is no alert")[0] for line in running.errors] == [
        f"shopwatch notify: {rig.prefix}alerts/0 at offset {offset}" for offset in (2, 3)
    ]


def killing(running: list[Running]) -> Any:
    """A receiver that has the message, but whose answer nobody hears."""

    def answer(_got: Got) -> Answer:
        os.kill(running[0].process.pid, signal.SIGKILL)
        running[0].process.wait()
        return 204, {}

    return answer


def test_a_notifier_that_is_killed_after_sending_sends_the_same_again_and_then_no_more(
    rig: Rig, made: Shell, receiver: Receiver
) -> None:
    text = subscriptions(receiver, {"s1": "/s1", "s2": "/s2", "s3": "/dead"})
    receiver.answers["/dead"] = lambda _: (503, {"Retry-After": "3600"})
    running: list[Running] = []
    receiver.answers["/s1"] = killing(running)
    running.append(start(rig, text, "first"))
    put(rig, "alerts", [(0, "a3", news("a3", "s3"))])
    wait_until(lambda: len(receiver.at("/dead")) == 1, 30, running[0].describe)
    # What came of the one that failed must be known before the other ends it all.
    wait_until(lambda: b"e/s3/erp" in kept(rig), 20, running[0].describe)
    put(rig, "alerts", [(0, "a1", news("a1", "s1"))])
    wait_until(lambda: running[0].process.poll() is not None, 20, running[0].describe)

    del receiver.answers["/s1"]
    put(rig, "notifications", [(0, "c", {"action": "hold", "at": 1, "why": "we look"})])
    put(rig, "alerts", [(1, "a2", news("a2", "s2")), (0, "a1", resolved(news("a1", "s1")))])
    second = start(rig, text, "second")
    wait_until(
        lambda: {b"m/s1/erp/a1.resolved.0", b"m/s2/erp/a2.firing.0"} <= set(kept(rig)), 30, second.describe
    )
    assert set(kept(rig)[b"h"]["reasons"]) == {"operator"}
    assert len(receiver.at("/s1")) == 1, "what an operator said while nobody ran holds, too"
    assert made("notify", "release").code == 0
    wait_until(lambda: len(receiver.at("/s1")) == 3 and len(receiver.at("/s2")) == 1, 20, second.describe)
    again, first, over = receiver.at("/s1")
    assert (first.id, first.body) == (again.id, again.body) == ("a1.firing.0", first.body)
    assert over.id == "a1.resolved.0"
    assert len(receiver.at("/dead")) == 1, "an endpoint's wish to be left alone survives"
    second.signal(signal.SIGTERM)
    assert second.wait() == 0, second.describe()
    status = json.loads(made("notify", "status", "--json").out)
    assert (status["held"], status["waiting"], status["firing"]) == ({}, {"s3/erp": 1}, 2)


def kept(rig: Rig) -> dict[bytes, Any]:
    """What the notifier has kept."""
    return asyncio.run(rig.latest("notifications"))


@pytest.mark.long
def test_notifiers_that_come_and_go_deliver_everything_once(
    rig: Rig, made: Shell, receiver: Receiver
) -> None:
    text = subscriptions(receiver, {"s0": "/in0", "s1": "/in1"})
    sent: list[str] = []

    def more(count: int) -> None:
        names = [f"a{number}" for number in range(len(sent), len(sent) + count)]
        put(
            rig,
            "alerts",
            [
                (number % 2, name, news(name, f"s{number % 2}", rule=name))
                for number, name in enumerate(names)
            ],
        )
        sent.extend(f"{name}.firing.0" for name in names)

    def all_there() -> bool:
        return {got.id for got in receiver.got} == set(sent)

    first = start(rig, text, "first")
    more(20)
    wait_until(all_there, 30, first.describe)
    second = start(rig, text, "second")
    for _ in range(20):
        more(4)
    wait_until(all_there, 30, second.describe)
    first.signal(signal.SIGTERM)
    for _ in range(10):
        more(4)
    assert first.wait() == 0, first.describe()
    wait_until(all_there, 30, second.describe)
    second.signal(signal.SIGTERM)
    assert second.wait() == 0, second.describe()
    assert sorted(got.id for got in receiver.got) == sorted(sent), (
        "nothing twice, where everybody left in order"
    )
    assert (first.errors, second.errors) == ([], [])


def test_what_is_wrong_holds_everything_until_an_operator_releases_it(
    rig: Rig, made: Shell, receiver: Receiver
) -> None:
    hold = '[hold]\ndelay = "off"\nmass_share = 0.5\nmass_shops = 2\n'
    ops = f'[ops.webhooks.room]\nurl = "{receiver.url("/ops")}"\nsecrets = ["{SECRET}"]\n'
    newest = {"orders": 1_790_000_000_000, "ships": 1_780_000_000_000}
    clock = {"format": 1, "group": "g", "policy": "p", "next": {}, "newest": newest}
    put(rig, "ledger", [(0, "clock", clock)])
    put(rig, "rates", [(0, "s1", {}), (1, "s2", {}), (0, "s3", {})])
    put(rig, "alerts", [(0, "a1", news("a1", "s1")), (1, "a2", news("a2", "s2"))])
    running = start(rig, subscriptions(receiver, {"s1": "/s1", "s2": "/s2"}, hold + ops))
    wait_until(lambda: len(receiver.got) == 2, 30, running.describe)
    assert {got.path for got in receiver.got} == {"/ops"}
    assert {json.loads(got.body)["data"]["reason"] for got in receiver.got} == {"silent.ships", "mass"}
    wait_until(lambda: len([key for key in kept(rig) if key[:1] == b"m"]) == 2, 10, running.describe)
    lines = made("notify", "status").lines
    assert "held (mass): 2 of 3 shops began to fire within 10 minutes" in lines
    assert "2 messages wait, 2 of them were never sent; 2 alerts fire" in lines
    done = made("notify", "release")
    assert done.code == 0, done.err
    wait_until(lambda: len(receiver.got) == 4, 10, running.describe)
    assert {got.path for got in receiver.got[2:]} == {"/s1", "/s2"}


def clock(decided: int) -> dict[str, Any]:
    """A worker's, who has decided up to ``decided``."""
    return {"format": 1, "group": "g", "policy": "p", "next": {}, "newest": {}, "decided": decided}


def test_held_messages_are_told_to_operators_alone_then_sent_once_or_never(
    rig: Rig, made: Shell, receiver: Receiver
) -> None:
    """A stale feed and `release`, a mass alert and `drop`, an operator's `hold`: as three merchants see them."""
    hold = '[hold]\nlag = "off"\nsilence = "off"\nmass_share = 0.5\nmass_shops = 3\n'
    ops = f'[ops.webhooks.room]\nurl = "{receiver.url("/ops")}"\nsecrets = ["{SECRET}"]\n'
    put(rig, "ledger", [(0, "clock", clock(now_ms() - HOUR)), (1, "clock", clock(now_ms()))])
    put(rig, "rates", [(0, "s1", {}), (1, "s2", {}), (1, "s3", {}), (1, "s4", {})])
    running = start(rig, subscriptions(receiver, {f"s{n}": f"/s{n}" for n in range(1, 5)}, hold + ops))

    def seen(*ids: str, reasons: Sequence[str]) -> None:
        """Merchants have been sent these and nothing else, and operators told of these reasons."""
        wait_until(lambda: len(receiver.got) >= len(ids) + len(reasons), 30, running.describe)
        assert [json.loads(got.body)["data"]["reason"] for got in receiver.at("/ops")] == reasons
        assert sorted(got.id for got in receiver.got if got.path != "/ops") == sorted(ids)

    def held(*ids: str) -> None:
        """These wait, and nothing of them has been sent."""
        wait_until(lambda: messages(rig) == {(name, None) for name in ids}, 30, running.describe)

    put(rig, "alerts", [(0, "a1", news("a1", "s1")), (1, "a2", news("a2", "s2"))])
    seen("a2.firing.0", reasons=["stale"])
    held("a1.firing.0")
    assert made("notify", "release").code == 0
    seen("a1.firing.0", "a2.firing.0", reasons=["stale"])

    put(rig, "alerts", [(1, f"b{n}", news(f"b{n}", f"s{n}", rule="b")) for n in (2, 3, 4)])
    seen("a1.firing.0", "a2.firing.0", reasons=["stale", "mass"])
    held("b2.firing.0", "b3.firing.0", "b4.firing.0")
    put(rig, "alerts", [(1, "b2", resolved(news("b2", "s2", rule="b"), "corrected"))])
    held("b3.firing.0", "b4.firing.0")
    assert made("notify", "drop").code == 0
    held()
    put(
        rig,
        "alerts",
        [(1, "b3", resolved(news("b3", "s3", rule="b"))), (1, "c3", news("c3", "s3", rule="c"))],
    )
    seen("a1.firing.0", "a2.firing.0", "c3.firing.0", reasons=["stale", "mass"])

    assert made("notify", "hold", "--why", "a carrier is on strike").code == 0
    wait_until(lambda: "operator" in kept(rig)[b"h"]["reasons"], 30, running.describe)
    put(
        rig,
        "alerts",
        [(1, "c3", resolved(news("c3", "s3", rule="c"))), (1, "d4", news("d4", "s4", rule="d"))],
    )
    held("c3.resolved.0", "d4.firing.0")
    assert "held (operator): a carrier is on strike" in made("notify", "status").lines
    assert made("notify", "release").code == 0
    told = ("a1.firing.0", "a2.firing.0", "c3.firing.0", "c3.resolved.0", "d4.firing.0")
    seen(*told, reasons=["stale", "mass"])
    held()
    running.signal(signal.SIGTERM)
    assert running.wait() == 0, running.describe()
    seen(*told, reasons=["stale", "mass"])
    status = json.loads(made("notify", "status", "--json").out)
    assert (status["held"], status["waiting"]) == ({}, {})


def messages(rig: Rig) -> set[tuple[str, int | None]]:
    """Those to merchants that wait: the id of each, and when it was first sent."""
    return {
        (record["id"], record.get("attempted_at"))
        for key, record in kept(rig).items()
        if key[:1] == b"m" and record["news"] != "notice"
    }


def test_what_stands_in_the_way_of_a_start_is_one_line_each(rig: Rig, shell: Shell, tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(
        '[merchants.a]\nshops = ["s"]\nwebhooks.w = { url = "http://a.example", secrets = ["x"] }\n'
    )
    done = shell("notify", "--subscriptions", path)
    assert (done.code, done.out) == (1, b"")
    assert [
        line.partition(": ")[2].removeprefix(str(path)).partition(":")[0] for line in done.err.splitlines()
    ] == ["", ""]
    assert "is not encrypted" in done.err
    assert "Traceback" not in done.err
    path.write_text(
        f'[merchants.a]\nshops = ["s"]\nwebhooks.w = {{ url = "https://a.example", secrets = ["{SECRET}"] }}\n'
    )
    missing = shell("notify", "--subscriptions", path)
    assert (missing.code, missing.err.count("\n")) == (1, 1)
    assert f"{rig.prefix}notifications" in missing.err
    assert shell("notify", "check", path).lines == ["OK 1 merchants, 1 endpoints"]


def test_a_kafka_that_is_not_there_is_waited_for_and_the_wait_can_be_ended(tmp_path: Path) -> None:
    path = tmp_path / "s.toml"
    path.write_text(
        f'[merchants.a]\nshops = ["s"]\nwebhooks.w = {{ url = "https://a.example", secrets = ["{SECRET}"] }}\n'
    )
    away = Rig(f"127.0.0.1:{free_port()}", tmp_path)
    running = away.start("notify", "notify", "--subscriptions", str(path), module="stream.cli.main")
    try:
        running.wait_for("no Kafka answers at")
        running.signal(signal.SIGTERM)
        assert running.wait() == 0, running.describe()
        assert len(running.errors) == 1
    finally:
        away.end()


def test_what_another_has_written_ends_it_with_a_line(rig: Rig, made: Shell, receiver: Receiver) -> None:
    text = subscriptions(receiver, {"s1": "/s1"})
    for rows, said in (
        ([(0, "m/x", {"what": 1})], "a record of notifications, 'm/x', is not what it should be"),
        (
            [(0, "m/x", None), (0, "h", {"group": "others"})],
            "the notifications are those of group others, not of ",
        ),
    ):
        put(rig, "notifications", rows)
        running = start(rig, text)
        assert running.wait() == 1
        assert running.errors[-1].startswith(f"shopwatch notify: {said}")
