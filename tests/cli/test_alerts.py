"""`shopwatch alerts` and `shopwatch rates`, on a real Kafka."""

import asyncio
import json
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from tests.cli.shell import COMMAND, Shell, environment
from tests.worker.rig import Rig

pytestmark = pytest.mark.kafka

COUNTS = {"good": 7, "bad": 3, "counted": 10, "rate": 0.7, "threshold": 0.8, "headroom": -5, "score": None}


def alert(name: str, shop: str, fired_at: str, **more: object) -> dict[str, Any]:
    return {
        "alert_id": name,
        "shop_id": shop,
        "policy": "seed",
        "policy_version": "1",
        "rule": "late",
        "severity": "warning",
        "metric": "on_time",
        "window": "30d",
        "state": "firing",
        "fired_at": fired_at,
        "resolved_at": None,
        "resolved_because": None,
        "at_fire": COUNTS,
        "latest": COUNTS,
        "evidence": [
            {"order_id": "o", "package_id": None, "refund_id": None, "verdict": "bad", "why": "late"}
        ],
        "message": f"{shop} is\nlate",
        "emitted_at": "2024-01-01T00:00:00.000Z",
        **more,
    }


def rates(shop: str, state: str) -> dict[str, Any]:
    tier = {"severity": "warning", "state": state, **COUNTS}
    rule = {"rule": "late", "metric": "on_time", "window": "30d", "tiers": [tier]}
    return {"shop_id": shop, "as_of": "2024-01-01T00:00:00.000Z", "policy_version": "1", "rules": [rule]}


Rows = Iterable[tuple[int, str, Mapping[str, Any] | None]]


def put(rig: Rig, topic: str, rows: Rows, *, commit: bool = True) -> None:
    """Partition, key and document, in one transaction."""

    async def write() -> None:
        producer = AIOKafkaProducer(bootstrap_servers=rig.address, transactional_id=f"{rig.prefix}test")
        await producer.start()
        await producer.begin_transaction()
        for partition, key, document in rows:
            value = None if document is None else json.dumps(document).encode()
            await producer.send_and_wait(rig.prefix + topic, value, key.encode(), partition)
        await (producer.commit_transaction() if commit else producer.abort_transaction())
        await producer.stop()

    asyncio.run(write())


@pytest.fixture
def made(rig: Rig, shell: Shell) -> Shell:
    """The command line, with topics."""
    shell("topics", "create", "--partitions", "2")
    return shell


FIRST = alert("a1", "s1", "2024-01-02T00:00:00.000Z")
RESOLVED = {
    **FIRST,
    "state": "resolved",
    "resolved_at": "2024-01-03T00:00:00.000Z",
    "resolved_because": "recovered",
}
SECOND = alert("b2", "s2", "2024-01-01T00:00:00.000Z", unheard_of="kept")
THIRD = alert("a0", "s2", "2024-01-02T00:00:00.000Z")


def test_alerts_are_the_latest_state_of_each_by_firing_and_id(rig: Rig, made: Shell) -> None:
    put(rig, "alerts", [(0, "a1", FIRST), (1, "b2", SECOND), (1, "a0", THIRD), (0, "gone", FIRST)])
    put(rig, "alerts", [(0, "a1", RESOLVED), (0, "gone", None)])
    put(rig, "alerts", [(0, "a9", FIRST), (1, "b2", None)], commit=False)
    done = made("alerts", "--json")
    assert (done.code, done.err) == (0, "")
    assert [json.loads(line) for line in done.lines] == [SECOND, THIRD, RESOLVED]


def test_rates_are_the_latest_of_each_shop_or_of_one(rig: Rig, made: Shell) -> None:
    first, last, other = rates("s1", "inactive"), rates("s1", "firing"), rates("é", "pending")
    put(rig, "rates", [(0, "s1", first), (1, "é", other), (0, "gone", first)])
    put(rig, "rates", [(0, "s1", last), (0, "gone", None)])
    done = made("rates", "--json")
    assert (done.code, done.err) == (0, "")
    assert [json.loads(line) for line in done.lines] == [last, other]
    assert [json.loads(line) for line in made("rates", "é", "--json").lines] == [other]
    unknown = made("rates", "gone")
    assert (unknown.code, unknown.out) == (1, b"")
    assert unknown.err.startswith("shopwatch rates: nothing is known of shop gone")


def test_tables_show_what_a_person_asks_for(rig: Rig, made: Shell) -> None:
    put(rig, "alerts", [(0, "a1", RESOLVED)])
    put(rig, "rates", [(0, "[red]s1", rates("[red]s1", "firing"))])
    words = made("alerts").out.decode().split()
    assert {"2024-01-02", "2024-01-03", "recovered", "s1", "late", "warning", "3", "10", "0.7"} <= set(words)
    words = made("rates").out.decode().split()
    assert {"[red]s1", "late", "30d", "warning", "firing", "7", "0.8", "-5"} <= set(words)


def test_where_there_is_nothing_a_table_says_so_and_json_is_silent(made: Shell) -> None:
    assert made("alerts").lines == ["no alerts"]
    assert made("rates").lines == ["no rates"]
    assert made("alerts", "--json").out == made("rates", "--json").out == b""


def test_a_record_that_somebody_else_wrote_is_one_line(rig: Rig, made: Shell) -> None:
    put(rig, "alerts", [(0, "a1", {"alert_id": 7})])
    done = made("alerts", "--json")
    assert (done.code, done.out, done.err.count("\n")) == (1, b"", 1)
    assert "a record of alerts is not what the contract says" in done.err


@pytest.mark.parametrize("command", ["alerts", "rates"])
def test_missing_topics_are_named(rig: Rig, shell: Shell, command: str) -> None:
    done = shell(command, "--json")
    assert (done.code, done.out) == (1, b"")
    assert done.err == (
        f"shopwatch {command}: these topics are missing: {rig.prefix}{command}; "
        "make them with `shopwatch topics create`, or have Kafka show them to us (docs/deploy.md lists what is to be allowed)\n"
    )


def following(shell: Shell, *arguments: str) -> AbstractContextManager[subprocess.Popen[str]]:
    return subprocess.Popen(  # noqa: S603 - ours
        [*COMMAND, "alerts", "--follow", *arguments],
        env=environment(**shell.settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_follow_shows_what_is_there_and_then_each_change_once(rig: Rig, made: Shell) -> None:
    put(rig, "alerts", [(0, "a1", FIRST)])
    with following(made, "--json") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        try:
            assert json.loads(running.stdout.readline()) == FIRST
            put(rig, "alerts", [(1, "b2", SECOND)])
            assert json.loads(running.stdout.readline()) == SECOND
            put(rig, "alerts", [(0, "a1", RESOLVED)], commit=False)
            put(rig, "alerts", [(1, "b2", None), (0, "a1", RESOLVED)])
            assert json.loads(running.stdout.readline()) == RESOLVED
        finally:
            running.send_signal(2)
        assert (running.stdout.read(), running.stderr.read()) == ("", "")
    assert running.returncode == 130


def test_follow_without_json_tells_each_change_in_a_sentence(rig: Rig, made: Shell) -> None:
    with following(made) as running:
        assert running.stdout is not None
        try:
            assert running.stdout.readline() == "no alerts\n"
            put(rig, "alerts", [(0, "a1", FIRST), (0, "a1", RESOLVED)])
            assert running.stdout.readline() == "2024-01-02 00:00:00 firing warning late s1: s1 is late\n"
            assert running.stdout.readline() == "2024-01-03 00:00:00 resolved warning late s1: s1 is late\n"
        finally:
            running.send_signal(2)


def test_a_reader_who_has_enough_of_the_alerts_is_no_error(rig: Rig, made: Shell) -> None:
    put(rig, "alerts", [(0, f"a{number}", FIRST) for number in range(200)])
    with following(made, "--json") as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 1
