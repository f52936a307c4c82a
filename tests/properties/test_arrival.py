"""Does it matter in which order, how often and in which partition facts arrive, or where a host stops?  (SEMANTICS T4, T5)"""

from collections.abc import Iterable, Mapping, Sequence

import pytest
from hypothesis import given, note

from stream.backtest.replay import Replay, replay
from stream.policy.spec import PolicySet
from tests.properties.comparing import documents
from tests.properties.dice import DICE, Dice
from tests.properties.driving import Host, schedule
from tests.properties.policies import policies
from tests.properties.running import FEWER, LONG, lines, policy_of
from tests.properties.streams import Event, streams


@FEWER
@given(policies(), streams(), DICE)
def test_the_order_of_arrival_does_not_matter(texts: list[str], events: list[Event], dice: Dice) -> None:
    """T5, F2."""
    policy = policy_of(texts)
    _assert_same(replay(policy, lines(dice.shuffled(events))), replay(policy, lines(events)))


@FEWER
@given(policies(), streams(), DICE)
def test_repeats_do_not_matter(texts: list[str], events: list[Event], dice: Dice) -> None:
    """F2."""
    policy = policy_of(texts)
    _assert_same(replay(policy, lines(dice.shuffled([*events, *events]))), replay(policy, lines(events)))


@FEWER
@given(policies(), streams())
def test_the_number_of_partitions_does_not_matter(texts: list[str], events: list[Event]) -> None:
    """T5: all partitions go to one end."""
    policy, shops = policy_of(texts), sorted({event["shop_id"] for event in events})
    hosts = [Host(policy) for _ in shops]
    for shop, host in zip(shops, hosts, strict=True):
        host.take(event for event in events if event["shop_id"] == shop)
    whole = replay(policy, lines(events))
    assert max(host.engine.end() or 0 for host in hosts) == whole.end_ms
    for host in hosts:
        host.advance(whole.end_ms)
    assert documents(_together(host.alerts for host in hosts).values()) == documents(whole.alerts)
    assert _together(host.rates() for host in hosts) == whole.rates


@FEWER
@given(policies(), streams(), DICE)
def test_a_live_host_concludes_what_a_replay_does(texts: list[str], events: list[Event], dice: Dice) -> None:
    """T4: with no fact behind the watermark."""
    _drive(policy_of(texts), events, dice, stops=0)


@FEWER
@given(policies(), streams(), DICE)
def test_it_does_not_matter_where_a_host_stops_and_recovers(
    texts: list[str], events: list[Event], dice: Dice
) -> None:
    """T4, F5: the ledger is enough to go on from."""
    _drive(policy_of(texts), events, dice, stops=50)


@pytest.mark.long
@pytest.mark.timeout(7200)
@LONG
@given(policies(), streams(), DICE)
def test_thousands_of_hosts_that_stop_and_recover(texts: list[str], events: list[Event], dice: Dice) -> None:
    """T4, F5."""
    _drive(policy_of(texts), events, dice, stops=30)


def _drive(policy: PolicySet, events: Sequence[Event], dice: Dice, *, stops: int) -> None:
    """Hold a live host, which stops after so many of a hundred steps, against a replay."""
    whole = replay(policy, lines(events))
    host = Host(policy)
    for step in schedule(dice, events, whole.end_ms or 0):
        note(f"{step.events} up to {step.watermark}")
        host.take(step.events)
        if dice.chance(20):
            host.advance(None)
            _stop(host, dice, stops)
        host.advance(step.watermark)
        _stop(host, dice, stops)
    assert documents(host.alerts.values()) == documents(whole.alerts)
    # Of a shop whose orders are all forgotten nothing need be left.
    rates = host.rates()
    assert {shop: document for shop, document in whole.rates.items() if shop in rates} == rates


def _stop(host: Host, dice: Dice, stops: int) -> None:
    if dice.chance(stops):
        note("stops")
        host.restart()


def _together(parts: Iterable[Mapping[str, dict[str, object]]]) -> dict[str, dict[str, object]]:
    return {name: document for part in parts for name, document in part.items()}


def _assert_same(one: Replay, other: Replay) -> None:
    assert one.end_ms == other.end_ms
    assert one.alerts == other.alerts
    assert one.rates == other.rates
