"""What does the policy that ships say of the simulated marketplace?"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from stream.backtest.replay import Replay, replay
from stream.policy.reading import Source, read_policies
from stream.simulate.arrivals import Arrival, arrivals
from stream.simulate.market import Market
from topics.times import parse_time

POLICY = Path(__file__).parents[2] / "policies" / "seed.toml"
MARKET = Market()

Document = Mapping[str, object]


@pytest.fixture(scope="module")
def told() -> Sequence[Arrival]:
    return list(arrivals(MARKET))


@pytest.fixture(scope="module")
def judged(told: Sequence[Arrival]) -> Replay:
    policy = read_policies([Source(POLICY.name, POLICY.read_text("utf-8"))])
    return replay(policy, (arrival.value for arrival in told), None)


def late(judged: Replay) -> Sequence[Document]:
    return [alert for alert in judged.alerts if alert["metric"] == "on_time"]


def at(alert: Document, key: str) -> int:
    return parse_time(str(alert[key]))


def test_only_what_is_no_event_is_refused(judged: Replay, told: Sequence[Arrival]) -> None:
    no_events = [number for number, arrival in enumerate(told, 1) if not arrival.whole]
    assert no_events
    assert [refused.line for refused in judged.refused] == no_events
    assert judged.events == len(told) - len(no_events)


def test_the_stop_makes_shops_of_its_warehouse_fall_below_the_line_and_no_others(judged: Replay) -> None:
    hit = {shop.shop_id for shop in MARKET.hit()}
    fallen = {alert["shop_id"] for alert in late(judged)}
    assert len(fallen) >= 3
    assert fallen <= hit


def test_they_fall_during_the_stop_or_within_a_promise_of_it(judged: Replay) -> None:
    stop = MARKET.stop
    for alert in late(judged):
        assert stop.begins < at(alert, "fired_at") < stop.ends + (stop.ends - stop.begins)


def test_they_recover_before_the_market_closes(judged: Replay) -> None:
    recovered = [alert for alert in late(judged) if alert["resolved_because"] == "recovered"]
    assert len(recovered) >= 2
    assert all(at(alert, "resolved_at") < MARKET.ends for alert in recovered)


def test_nothing_fires_once_the_market_has_closed(judged: Replay) -> None:
    assert judged.alerts
    assert all(at(alert, "fired_at") < MARKET.ends for alert in judged.alerts)
