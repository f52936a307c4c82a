"""`shopwatch verify`, on a real Kafka, with real workers."""

import asyncio
import json
import signal
import subprocess
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from stream.broker.ports import free_port
from stream.cli.saying import CommandError
from stream.cli.verify.kafka import Outputs
from stream.kafka.access import Access
from stream.worker.clock import now_ms
from stream.worker.ledger import CLOCK_KEY
from stream.worker.settings import Settings
from tests.archive.scene import Scene
from tests.backtest.asking import DAY, Event, hours, order, policy
from tests.cli.shell import COMMAND, ROOT, Done, Shell, environment, shopwatch
from tests.cli.test_archive import FAR, FROM
from tests.e2e.test_olist import DATA
from tests.worker.rig import Rig, Running, wait_until
from topics.times import rfc3339

SEED = ROOT / "policies" / "seed.toml"
OLIST = ROOT / "policies" / "olist.toml"
POLICY = ("--session-timeout", "6s", "--policy")
SIMULATED = ("--shops", "6", "--days", "4", "--scenario", "warehouse_stops", "--late", "0.01")


def ok(done: Done) -> Done:
    """It ended well."""
    assert done.code == 0, done.err
    return done


def told(done: Done, code: int) -> dict[str, Any]:
    """Its JSON."""
    assert done.code == code, done.err + done.out.decode()
    found: dict[str, Any] = json.loads(done.out)
    return found


def drain(shell: Shell, rules: Path, *more: str) -> None:
    """Judge what was sent, to its end."""
    ok(shell("worker", "--drain", *POLICY, rules, *more))


def forget_all_but_the_last(rig: Rig, topic: str) -> None:
    """As compaction does with a set that came into force again later."""
    *_, last = asyncio.run(rig.read(topic))
    asyncio.run(rig.make_anew(topic, 1))
    asyncio.run(rig.send([(topic, 0, last.key, last.value)]))


def alerts_of(rig: Rig) -> list[Any]:
    """Their records."""
    return asyncio.run(rig.read("alerts"))


def clocks_of(rig: Rig) -> list[dict[str, Any]]:
    """The last of each partition."""
    records = asyncio.run(rig.read("ledger"))
    return [*{each.partition: json.loads(each.value) for each in records if each.key == CLOCK_KEY}.values()]


@pytest.mark.kafka
def test_a_recording_is_equal_but_for_the_alerts_that_a_hand_was_laid_on(shell: Shell, rig: Rig) -> None:
    asyncio.run(rig.create(2))
    ok(shell("simulate", "--to", "kafka", *SIMULATED))
    drain(shell, SEED)
    alerts = alerts_of(rig)
    count = len({record.key for record in alerts})
    assert count > 3
    altered, taken = alerts[-1], next(each for each in alerts if each.key != alerts[-1].key)
    value = altered.value.replace(b'"counted":', b'"counted":1', 1)
    by_hand = [(altered, value), (taken, None)]
    asyncio.run(rig.send([("alerts", each.partition, each.key, value) for each, value in by_hand]))
    found = told(shell("verify", "--json"), 4)
    assert found["alerts"] == {"equal": count - 2, "differing": 2, "ahead": 0}
    assert found["reasons"]["unexplained"] == 2
    assert {each["alert_id"]: (each["what"], each["fields"]) for each in found["differences"]} == {
        altered.key.decode(): ("differs", ["at_fire"]),
        taken.key.decode(): ("only in the replay", []),
    }


@pytest.mark.kafka
@pytest.mark.long
@pytest.mark.skipif(not DATA.exists(), reason="the Olist data set is not here")
def test_the_olist_data_set_is_equal_though_a_worker_was_killed_meanwhile(shell: Shell, rig: Rig) -> None:
    ok(shell("topics", "create"))
    ok(shell("load", "olist", DATA))
    first = rig.start("worker", "worker", "--drain", *POLICY, str(OLIST), module="stream.cli.main")
    wait_until(lambda: any(clock["next"] for clock in clocks_of(rig)), 60, first.describe)
    first.end()
    assert not any("drained_until" in clock for clock in clocks_of(rig)), "it was killed before its end"
    drain(shell, OLIST, "--group", f"{rig.prefix}g")
    assert "alerts are equal" in ok(shell("verify")).lines[-1]
    part = told(
        shell("verify", "--from", "2018-01-01T00:00:00Z", "--to", "2018-04-01T00:00:00Z", "--json"), 0
    )
    whole = told(shell("verify", "--json"), 0)
    assert 0 < part["alerts"]["equal"] < whole["alerts"]["equal"]


# -- live


def lines_of(events: Iterable[Event]) -> bytes:
    return b"\n".join(json.dumps(event).encode() for event in events)


class Live:
    """A worker on the wall clock, and what the topics say of it."""

    def __init__(self, shell: Shell, rig: Rig) -> None:
        self._shell = shell
        self._rig = rig
        self._worker: Running | None = None

    def start(self, rules: Path, *more: str) -> None:
        """Start a worker."""
        self._worker = self._rig.start(
            "worker", "worker", *POLICY, str(rules), *more, module="stream.cli.main"
        )

    def stop(self) -> None:
        """As a restart does."""
        assert self._worker is not None
        self._worker.signal(signal.SIGTERM)
        assert self._worker.wait() == 0, self._worker.describe()

    def kill(self) -> None:
        """As a machine does that goes down."""
        assert self._worker is not None
        self._worker.end()

    def send(self, events: Sequence[Event]) -> None:
        """Load them."""
        ok(self._shell("load", "-", stdin=lines_of(events)))

    def wait_for_the_wall_clock(self, records: int, at: int) -> None:
        """Until so many records have been read, and time has gone on from there by itself: to after ``at``, which no event is."""

        def gone_on() -> bool:
            return any(
                sum(clock["next"].values()) == records and clock.get("decided", 0) > at
                for clock in clocks_of(self._rig)
            )

        assert self._worker is not None
        wait_until(gone_on, 60, self._worker.describe)

    def wait_for_alerts(self, count: int) -> None:
        """Until so many states have been written."""
        assert self._worker is not None
        wait_until(lambda: len(alerts_of(self._rig)) >= count, 30, self._worker.describe)


@pytest.mark.kafka
@pytest.mark.long
def test_late_facts_and_a_new_policy_are_explained_and_a_hand_is_not(
    shell: Shell, rig: Rig, tmp_path: Path
) -> None:
    """T4, V2."""
    ok(shell("topics", "create", "--partitions", "1"))
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    first.write_text(policy(window="2000d"))
    tiers = "alarm = { below = 0.8 }\nworse = { below = 0.7, min_orders = 2 }"
    second.write_text(policy(tiers, window="2000d"))
    live = Live(shell, rig)
    everywhere = [event for shop in "ST" for event in order(f"a{shop}", 1, shop, good=True)]
    b, c = order("b", 3, good=True), order("c", 3, "T", good=False)
    live.send([*everywhere, b[0], *c])
    live.start(first)
    live.wait_for_alerts(2)
    assert ok(shell("verify")).lines[-1] == "all 2 alerts are equal"
    live.send([{**b[1], "occurred_at": rfc3339(hours(2.5))}])
    live.wait_for_alerts(3)
    late = told(shell("verify", "--json"), 3)
    assert late["alerts"]["equal"] == 1
    (difference,) = late["differences"]
    assert (difference["reason"], difference["what"], difference["shop_id"]) == (
        "late",
        "only in the topic",
        "S",
    )
    assert [(fact["order_id"], fact["certain"]) for fact in difference["late"]] == [("b", True)]
    live.stop()
    live.start(second, "--rewrite-history")
    live.wait_for_alerts(4)
    live.stop()
    after = told(shell("verify", "--json"), 3)
    assert len(after["partitions"][0]["policies"]) == 2
    assert after["reasons"] == late["reasons"]
    assert after["alerts"]["equal"] == 2, "what the new tier found at the clock is found there again"
    last = alerts_of(rig)[-1]
    value = last.value.replace(b'"counted":', b'"counted":1')
    asyncio.run(rig.send([("alerts", 0, last.key, value)]))
    done = shell("verify")
    assert done.code == 4, done.out
    assert done.lines[-1] == "2 of 3 alerts differ; 1 of them have no explanation"
    asyncio.run(rig.send([("alerts", 0, last.key, last.value)]))
    forget_all_but_the_last(rig, "policies")
    forgotten = told(shell("verify", "--json"), 3)["reasons"]
    assert forgotten["policy"] > 0, "under the set that followed its new tier would have fired before"


@pytest.mark.kafka
@pytest.mark.long
def test_what_was_recorded_while_a_killed_worker_was_away_is_explained(
    shell: Shell, rig: Rig, tmp_path: Path
) -> None:
    """T3, T4: time has gone on by the wall clock, so all that was not read before it is late."""
    ok(shell("topics", "create", "--partitions", "1"))
    now = now_ms()
    ok(shell("simulate", "--to", tmp_path / "a.jsonl", *SIMULATED, "--start", rfc3339(now - 20 * DAY)))
    lines = (tmp_path / "a.jsonl").read_bytes().splitlines()
    live = Live(shell, rig)
    half = len(lines) // 2
    for begin, end in ((0, half), (half, len(lines))):
        ok(shell("load", "-", stdin=b"\n".join(lines[begin:end])))
        live.start(SEED)
        live.wait_for_the_wall_clock(end, now - DAY)
        live.kill()
    found = told(shell("verify", "--json"), 3)
    assert found["reasons"]["late"] == found["alerts"]["differing"] > 3, found["reasons"]


@pytest.mark.kafka
@pytest.mark.long
def test_what_a_group_before_alerted_of_is_a_restart(shell: Shell, rig: Rig, tmp_path: Path) -> None:
    """A first drain does not know that b was shipped in time; the next group, with a ledger of its own, does."""
    ok(shell("topics", "create", "--partitions", "1"))
    rules = tmp_path / "rules.toml"
    rules.write_text(policy())
    paid, handed = order("b", 3, good=True)
    everywhere = [
        *order("c", 3, "T", good=False),
        *order("a", 1, good=True),
        paid,
        order("d", 9, good=True)[0],
    ]
    ok(shell("load", "-", stdin=lines_of(everywhere)))
    drain(shell, rules, "--group", "first")
    assert len(alerts_of(rig)) > 1
    asyncio.run(rig.make_anew("ledger", 1))
    ok(shell("load", "-", stdin=lines_of([{**handed, "occurred_at": rfc3339(hours(2.5))}])))
    drain(shell, rules, "--group", "second")
    found = told(shell("verify", "--json"), 3)
    (difference,) = found["differences"]
    assert (difference["reason"], difference["what"], difference["shop_id"]) == (
        "restart",
        "only in the topic",
        "S",
    )
    assert found["alerts"]["equal"] >= 1


@pytest.mark.kafka
@pytest.mark.long
def test_an_archive_takes_the_place_of_what_kafka_has_deleted(shell: Shell, rig: Rig, tmp_path: Path) -> None:
    ok(shell("topics", "create", "--partitions", "1"))
    ok(shell("simulate", "--to", "kafka", *SIMULATED))
    ok(shell("archive", "--from", FROM, "--to", FAR, "--out", tmp_path / "a"))
    drain(shell, SEED)
    whole = told(shell("verify", "--json"), 0)
    Scene(rig, tmp_path).delete("ships", 0, 50)
    gap = shell("verify", "--json")
    assert told(gap, 3)["reasons"]["late"] == 0
    assert gap.err.startswith("shopwatch verify: ships, partition 0: offsets 0 to 49 had gone from Kafka")
    kept = told(shell("verify", "--archive", tmp_path / "a", "--json"), 0)
    assert kept["alerts"] == whole["alerts"]


@pytest.mark.kafka
@pytest.mark.long
def test_what_cannot_be_verified_is_one_line(shell: Shell, rig: Rig, tmp_path: Path) -> None:
    def line(*arguments: str | Path) -> str:
        done = shell("verify", *arguments)
        assert (done.code, done.err.count("\n"), done.out) == (1, 1, b"")
        return done.err

    assert "these topics are missing" in line()
    ok(shell("topics", "create", "--partitions", "1"))
    assert "the ledger has no clock: no worker has judged anything here" in line()
    ok(shell("load", "-", stdin=lines_of(order("a", 1, good=True))))
    rules = tmp_path / "rules.toml"
    rules.write_text(policy())
    drain(shell, rules)
    assert "all 0 alerts are equal" in ok(shell("verify")).lines[-1]
    assert "no events of 'nobody'; see how --shops is spelled" in line("--shops", "nobody")
    assert "give a directory that `shopwatch archive --out` has written" in line("--archive", tmp_path)
    asyncio.run(rig.send([("alerts", 0, b"x", b"no json")]))
    assert "a record of alerts, partition 0, offset 0, is not what the contract says" in line()
    asyncio.run(rig.send([("alerts", 0, b"x", None)]))
    assert "all 0 alerts are equal" in ok(shell("verify")).lines[-1]


@pytest.mark.kafka
def test_what_somebody_else_wrote_is_in_the_way_until_its_key_has_a_later_record(rig: Rig) -> None:
    asyncio.run(rig.create(1))
    outputs = partial(Outputs, Settings(policies=(), bootstrap=Access(rig.address), topics=rig.topics), 1)
    asyncio.run(rig.send([("alerts", 0, b"y", None), ("alerts", 0, b"x", b"no json")]))
    with pytest.raises(
        CommandError, match=r"^a record of alerts, partition 0, offset 1, is not .* did somebody"
    ):
        asyncio.run(outputs().read_the_rest())
    asyncio.run(rig.send([("alerts", 0, b"x", None)]))
    asyncio.run(outputs().read_the_rest())


def test_stopped_it_leaves_nothing_of_its_copy_of_the_topics(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    with subprocess.Popen(  # noqa: S603 - ours
        [*COMMAND, "verify", "--bootstrap", address],
        env=environment(TMPDIR=str(tmp_path)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stderr is not None
        assert "no Kafka answers" in running.stderr.readline()
        assert len(list(tmp_path.iterdir())) == 1
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err) == (143, "", "shopwatch verify: stopped\n")
    assert list(tmp_path.iterdir()) == []


LATENESS = ["--lateness", "soon"], 2, "'soon' is not a duration"
OTHERS = [
    (["--from", FROM], 1, "--from alone is half a range; give --to too"),
    (["--from", FAR, "--to", FROM], 1, "lies before --from"),
    (["--from", "2020-01-01"], 2, "is not a time such as"),
    (["--bootstrap", "nowhere"], 2, "'nowhere' is not HOST:PORT"),
]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [LATENESS, *(pytest.param(*each, marks=pytest.mark.long) for each in OTHERS)],
)
def test_mistaken_options_are_said_before_anything_is_read(
    arguments: list[str], code: int, said: str
) -> None:
    done = shopwatch("verify", *arguments)
    assert done.code == code
    assert said in done.err.splitlines()[-1]
