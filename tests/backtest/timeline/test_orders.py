"""Does an order place and take back what its verdicts say at every instant, and do ordinary ones all at once?"""

from collections import Counter

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from stream.backtest.timeline.orders import placed
from stream.backtest.timeline.part import made
from stream.engine.findings import Unit
from stream.engine.joining import join
from stream.engine.order import Order
from stream.engine.reading import read_event
from stream.engine.verdicts import Verdicts
from tests.backtest.timeline.plain import plain_streams, without_exemptions
from tests.backtest.timeline.recorded import as_lines, told
from tests.properties.policies import policies
from tests.properties.running import EVERY_RUN, LONG, lines, policy_of
from tests.properties.streams import Event, streams

QUICK = settings(EVERY_RUN, max_examples=40)
OFTEN = settings(EVERY_RUN, max_examples=80)
HOUR = 3_600_000
SPARING = st.sampled_from(("some", "none"))
"""Whether the policy has exemptions."""


@QUICK
@given(policies(), streams())
def test_what_stands_at_any_instant_is_what_the_verdicts_find_at_it(
    texts: list[str], events: list[Event]
) -> None:
    """T1: also a millisecond beside every instant at which something may change."""
    policy = policy_of(texts)
    verdicts = Verdicts(policy)
    publications = sorted({each.published_at for each in policy.exemptions if each.published_at is not None})
    for order in _orders(events):
        changes = list(placed(verdicts, order, publications))
        times = {change.at for change in changes} | {fact.at for fact in order.all()} | set(publications)
        for t in {time + beside for time in times for beside in (-1, 0, 1)} | {t + HOUR for t in times}:
            standing: Counter[Unit] = Counter()
            for change in changes:
                if change.at <= t:
                    standing[change.unit] += change.sign
            assert +standing == Counter(verdicts.find(order, t).units)
            assert min(standing.values(), default=0) >= 0


def _orders(events: list[Event]) -> list[Order]:
    found: dict[tuple[str, str], Order] = {}
    for line in lines(events):
        event = read_event(None, None, line)
        join(found.setdefault((event.shop_id, event.order_id), Order()), event.fact)
    return list(found.values())


@OFTEN
@given(policies(), plain_streams(), SPARING)
def test_ordinary_orders_judged_at_once_place_what_they_place_one_by_one(
    texts: list[str], events: list[Event], sparing: str
) -> None:
    """U1 to U7, D1 to D3, F5, T5."""
    _compare(texts if sparing == "some" else without_exemptions(texts), events)


@QUICK
@given(policies(), streams())
def test_any_orders_place_what_they_place_one_by_one(texts: list[str], events: list[Event]) -> None:
    """U1 to U7, D1 to D3, E1 to E6, F2, F5, T5."""
    _compare(texts, events)


@pytest.mark.long
@pytest.mark.timeout(7200)
@LONG
@given(policies(), st.one_of(plain_streams(), streams()), SPARING)
def test_thousands_of_streams_place_what_they_place_one_by_one(
    texts: list[str], events: list[Event], sparing: str
) -> None:
    """U1 to U7."""
    _compare(texts if sparing == "some" else without_exemptions(texts), events)


def _compare(texts: list[str], events: list[Event]) -> None:
    note("\n".join(texts))
    _assert_same(texts, events)


def _assert_same(texts: list[str], events: list[Event]) -> None:
    policy, recording = policy_of(texts), as_lines(lines(events))
    at_once = made(policy, 0, recording.blocks(0))
    one_by_one = made(policy, 0, recording.blocks(0), quickly=False)
    assert told(at_once) == told(one_by_one)


PLAIN = """[policy]
name = "plain"
version = "1"
effective_from = 2023-01-01T00:00:00Z
time_zone = "UTC"
[metrics.m]
kind = "on_time_ship"
[rules.r]
metric = "m"
window = "1d"
warning = { below = 0.9 }
"""


def test_what_is_called_ordinary_is_most_of_what_happens() -> None:
    policy = policy_of([PLAIN])
    usual = [
        b'{"type":"order_paid","event_id":"e%d","shop_id":"S","order_id":"o%d","occurred_at":"2024-01-01T00:00:00Z",'
        b'"ship_by":"2024-01-02T00:00:00+08:00","goods":"physical","ship_from":"1","ship_to":"2","items":1,"amount":1,'
        b'"currency":"CNY"}' % (number, number)
        for number in range(100)
    ]
    twice = usual[0].replace(b'"e0"', b'"again"')
    assert made(policy, 0, as_lines([*usual, twice]).blocks(0)).by_hand == 1


def event(kind: str, at: str, **fields: object) -> Event:
    """Of the one order."""
    return {"type": kind, "event_id": kind, "shop_id": "S", "order_id": "o", "occurred_at": at, **fields}


def paid(at: str) -> Event:
    """Its payment."""
    goods = {
        "goods": "physical",
        "ship_from": "1",
        "ship_to": "2",
        "items": 1,
        "amount": 1,
        "currency": "CNY",
    }
    return event("order_paid", at, ship_by="2024-01-03T00:00:00Z", **goods)


PACKAGE = {"package_id": "p", "carrier": "c"}
PICKUP = PLAIN.replace('kind = "on_time_ship"', 'kind = "pickup_anomaly"\npickup_within = "1h"').replace(
    "below", "above"
)


@pytest.mark.parametrize("scanned", ["2024-01-01T00:30:00Z", "2024-01-01T05:00:00Z", "2024-01-01T12:00:00Z"])
@pytest.mark.parametrize("shipped", ["2024-01-01T00:00:00Z", "2024-01-01T11:30:00Z"])
def test_u2_a_scan_around_the_payment(shipped: str, scanned: str) -> None:
    """Before it and later than the limit, too."""
    told_ = [paid("2024-01-01T06:00:00Z"), event("package_shipped", shipped, **PACKAGE)]
    _assert_same([PICKUP], [*told_, event("package_picked_up", scanned, **PACKAGE)])


@pytest.mark.parametrize(
    "at",
    ["2024-01-01T23:59:59.999Z", "2024-01-02T00:00:00Z", "2024-01-02T00:00:00.001Z", "2024-01-02T00:30:00Z"],
)
def test_f5_a_fact_around_the_end_of_what_counts(at: str) -> None:
    policy = PLAIN.replace('time_zone = "UTC"', 'time_zone = "UTC"\nkeep = "1d"')
    for late in (
        event("package_shipped", at, **PACKAGE),
        event("order_cancelled", at, by="buyer", reason="r"),
    ):
        _assert_same([policy], [paid("2024-01-01T00:00:00Z"), late])
