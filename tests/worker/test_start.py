"""Is a start refused in one clear line where it must be, and patient where it may be?"""

import asyncio
import json
import signal
from pathlib import Path

import pytest

from stream.broker.ports import free_port
from tests.worker.expected import expected
from tests.worker.fakes import read_tiny
from tests.worker.records import event
from tests.worker.rig import Rig, Running, wait_until
from tests.worker.test_crash import some_events

QUICK = {"session_timeout_s": 2.0}


def start(rig: Rig, name: str, policy: str = "tiny", **settings: object) -> Running:
    return rig.start(name, "--policy", policy, "--settings", json.dumps({**QUICK, **settings}))


def refused(rig: Rig, name: str, policy: str = "tiny", **settings: object) -> str:
    worker = start(rig, name, policy, **settings)
    assert worker.wait() == 1, worker.describe()
    (line,) = worker.errors
    return line


@pytest.mark.kafka
def test_missing_topics_are_named_with_the_command_that_makes_them(rig: Rig) -> None:
    line = refused(rig, "w")
    assert f"missing: {rig.prefix}alerts, {rig.prefix}ledger, " in line
    assert line.endswith("make them with `shopwatch topics create`")


@pytest.mark.kafka
def test_topics_that_would_split_a_shop_or_lose_state_are_refused(rig: Rig) -> None:
    asyncio.run(rig.create(partitions=2, ledger={"cleanup.policy": "delete"}))
    assert f"topic {rig.prefix}ledger has cleanup.policy=delete, it must be compact" in refused(rig, "w")


@pytest.mark.kafka
def test_differing_partition_counts_are_refused(rig: Rig) -> None:
    async def scene() -> None:
        await rig.create(partitions=2)
        await rig.grow("ships", 3)

    asyncio.run(scene())
    line = refused(rig, "w")
    assert "all topics must have the same number of partitions" in line
    assert f"{rig.prefix}ships 3" in line


@pytest.mark.kafka
def test_a_session_that_the_broker_does_not_allow_is_refused_and_its_bounds_are_named(rig: Rig) -> None:
    asyncio.run(rig.create(partitions=1))
    worker = start(rig, "w", session_timeout_s=7_200.0)
    assert worker.wait() == 1, worker.describe()
    line = worker.errors[-1]
    assert f"Kafka does not take us into group {rig.prefix}g ([Error 26] InvalidSessionTimeoutError" in line
    assert "group.max.session.timeout.ms" in line


def test_a_broker_out_of_reach_is_one_line_and_patience(tmp_path: Path) -> None:
    rig = Rig(f"127.0.0.1:{free_port()}", tmp_path)
    worker = start(rig, "w")
    try:
        worker.wait_for("no Kafka answers at")
        with pytest.raises(AssertionError):
            wait_until(lambda: len(worker.errors) > 1 or worker.process.poll() is not None, 3)
        worker.signal(signal.SIGTERM)
        assert worker.wait() == 0
        assert worker.output() == "shopwatch worker: stopped before it had begun\n"
        assert len(worker.errors) == 1
    finally:
        rig.end()


@pytest.mark.kafka
def test_a_drained_group_and_a_rewritten_past_are_refused_and_rewriting_can_be_asked_for(rig: Rig) -> None:
    async def scene() -> None:
        await rig.create(partitions=2)
        await rig.send(
            [
                (topic, None, b"s", event(kind, "s", "o", at))
                for at in (1_000, 9_000_000)
                for topic, kind in (("orders", "order_paid"), ("ships", "package_shipped"))
            ]
        )

    asyncio.run(scene())
    first = start(rig, "first", clock="real", max_ahead_ms=1)
    first.wait_for("STEP committed")
    asyncio.run(asyncio.sleep(1))
    first.signal(signal.SIGTERM)
    assert first.wait() == 0, first.describe()

    assert "this policy would change what is already decided: rule tenth has changed" in refused(
        rig, "bad", "bad"
    )
    rewriting = start(rig, "rewriting", "bad", rewrite_history=True)
    rewriting.wait_for("STEP committed")
    rewriting.signal(signal.SIGTERM)
    assert rewriting.wait() == 0, rewriting.describe()
    policies = asyncio.run(rig.latest("policies"))
    assert set(policies) == {b"digest of tiny", b"digest of bad"}

    drain = start(rig, "drain", "bad", drain=True)
    assert drain.wait() == 0, drain.describe()
    assert drain.output().startswith("shopwatch worker: drained: ")
    assert f"group {rig.prefix}g was drained up to " in refused(rig, "after", "bad")
    assert f"group {rig.prefix}g was drained up to " in refused(rig, "again", "bad", drain=True)


@pytest.mark.kafka
def test_a_topic_made_anew_is_not_passed_over_up_to_where_the_old_one_was_read(rig: Rig) -> None:
    one = [("orders", None, b"s", event("order_paid", "s", "o", 1_000))]

    async def scene() -> None:
        await rig.create(partitions=1)
        await rig.send(one * 2)
        first = start(rig, "first", clock="events")
        await asyncio.to_thread(wait_until, lambda: "orders" in _read_of(rig), 30)
        first.signal(signal.SIGTERM)
        assert await asyncio.to_thread(first.wait) == 0, first.describe()
        await rig.make_anew("orders", partitions=1)
        await rig.send(one)

    asyncio.run(scene())
    line = refused(rig, "second", clock="events")
    assert f"{rig.prefix}orders/0 ends at offset 1, but the ledger has counted what lies below 2" in line


def _read_of(rig: Rig) -> dict[str, int]:
    """The next offsets that the ledger has."""
    next_offsets: dict[str, int] = asyncio.run(rig.latest("ledger")).get(b"clock", {}).get("next", {})
    return next_offsets


@pytest.mark.kafka
def test_two_workers_drain_together_up_to_until(rig: Rig) -> None:
    async def scene() -> None:
        await rig.create()
        sent = some_events(0)
        await rig.send((topic, None, key, value) for topic, key, value in sent)
        end = max(read_tiny(*one).occurred_at for one in sent)
        both = [start(rig, name, drain=True, until_ms=end) for name in ("one", "two")]
        codes = [await asyncio.to_thread(worker.wait) for worker in both]
        # One may have drained everything before the other had joined, which then is told so.
        assert sorted(codes) in ([0, 0], [0, 1]), [worker.describe() for worker in both]
        right = expected(sent)
        assert set(await rig.latest("alerts")) == {alert.encode() for alert in right.alerts}
        assert await rig.latest("rates") == right.rates
        assert "was drained up to" in await asyncio.to_thread(refused, rig, "third", drain=True, until_ms=end)

    asyncio.run(scene())
