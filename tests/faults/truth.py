"""Is what the topics hold what one engine says that read everything undisturbed?"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiokafka.partitioner import murmur2

from stream.backtest.replay import replay
from stream.engine.joining import join
from stream.engine.ledger import order_key
from stream.engine.order import Order, decode_order
from stream.engine.reading import read_event
from stream.policy.reading import Source, read_policies
from tests.faults.flood import Broken
from tests.worker.rig import PARTITIONS, Rig
from tests.worker.trade import POLICY, Sent

INPUTS = ("orders", "ships", "pickups", "refunds")


def partition_of(key: bytes) -> int:
    """Where a producer puts a shop."""
    return int(murmur2(key) & 0x7FFFFFFF) % PARTITIONS


async def check(
    rig: Rig,
    sent: Sequence[Sent],
    seen: Sequence[Any],
    *,
    least: int = 100,
    policy_text: str = POLICY,
    broken: Mapping[bytes, Broken] | None = None,
) -> None:
    """Facts, rates and alerts, each partition up to its clock; ``seen`` are the alerts as a consumer read them.

    Nothing lost, nothing twice, nothing wrong; ``least`` alerts are enough to prove something.  Of what was sent that is no
    event, ``broken``, and of nothing else, there are dead letters.
    """
    ledger = await values(rig, "ledger")
    clocks = {partition: json.loads(held[b"clock"]) for partition, held in ledger.items() if b"clock" in held}
    assert set(clocks) == set(range(PARTITIONS))
    check_facts({key: value for held in ledger.values() for key, value in held.items()}, sent)
    alerts: dict[str, Mapping[str, Any]] = {}
    rates: dict[str, Mapping[str, Any]] = {}
    policy = read_policies([Source("trade", policy_text)])
    for partition, clock in clocks.items():
        mine = (value for _, key, value in sent if partition_of(key) == partition)
        right = replay(policy, mine, clock["decided"])
        alerts |= {str(alert["alert_id"]): without(alert, "emitted_at") for alert in right.alerts}
        rates |= {shop: without(document, "as_of") for shop, document in right.rates.items()}
    assert len(alerts) >= least, "too little happened to prove anything"
    check_alerts(seen, alerts)
    written = await rig.latest("rates")
    same({key.decode(): without(value, "as_of") for key, value in written.items()}, rates)
    check_dead_letters(
        [record for topic in INPUTS for record in await rig.read(f"{topic}.dlt")], broken or {}
    )


def check_dead_letters(letters: Sequence[Any], right: Mapping[bytes, Broken]) -> None:
    """One of each broken record, in the topic beside its own, its bytes as they came, with where they lay and why."""
    assert len({letter.key for letter in letters}) == len(letters)
    same(
        {letter.key: _told(letter) for letter in letters},
        {key: _right(key, each) for key, each in right.items()},
    )


def _told(letter: Any) -> Mapping[str, bytes | None]:
    names = ("reason", "topic", "partition", "offset", "original.key")
    headers = {name: value for name, value in letter.headers if name in names}
    return {"value": letter.value, "in": letter.topic.partition("-")[2].encode(), **headers}


def _right(place: bytes, record: Broken) -> Mapping[str, bytes | None]:
    topic, partition, offset = place.split(b"/")
    where = {"topic": topic, "partition": partition, "offset": offset, "in": topic + b".dlt"}
    key = {} if record.key is None else {"original.key": record.key}
    return {"value": record.value, "reason": record.reason.encode(), **where, **key}


def check_facts(ledger: Mapping[bytes, bytes], sent: Iterable[Sent]) -> None:
    """Every order's record is all facts that were sent of it, joined."""
    right: dict[bytes, Order] = {}
    for topic, key, value in sent:
        event = read_event(topic, key, value)
        join(right.setdefault(order_key(event.shop_id, event.order_id), Order()), event.fact)
    same(
        {key: decode_order(value).fields() for key, value in ledger.items() if key[:1] == b"o"},
        {key: order.fields() for key, order in right.items()},
    )


def check_alerts(seen: Iterable[Any], right: Mapping[str, Mapping[str, Any]]) -> None:
    """Written once when they fire and once when they resolve, and saying what is right."""
    written: dict[tuple[bytes, str], list[str]] = {}
    for record in seen:
        places = written.setdefault((record.key, json.loads(record.value)["state"]), [])
        places.append(f"partition {record.partition}, offset {record.offset}")
    twice = {what: places for what, places in written.items() if len(places) > 1}
    assert not twice, f"written more than once: {twice}"
    final = {record.key.decode(): without(json.loads(record.value), "emitted_at") for record in seen}
    same(final, right)


async def values(rig: Rig, topic: str) -> dict[int, dict[bytes, bytes]]:
    """What a compacted topic holds, partition by partition, once all that was committed can be read."""
    await rig.settled()
    found: dict[int, dict[bytes, bytes]] = {}
    for record in await rig.read(topic):
        held = found.setdefault(record.partition, {})
        if record.value is None:
            held.pop(record.key, None)
        else:
            held[record.key] = record.value
    return found


def same(found: Mapping[Any, Any], right: Mapping[Any, Any]) -> None:
    """They are equal; if not, the first few that differ are shown."""
    differ = [key for key in {**right, **found} if found.get(key) != right.get(key)]
    shown = "\n".join(f"{key!r}:\n  {found.get(key)}\n  {right.get(key)}" for key in differ[:3])
    assert not differ, f"{len(differ)} of {len(right)} differ, found and right:\n{shown}"


def without(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """All of it but one field."""
    return {key: value for key, value in document.items() if key != name}
