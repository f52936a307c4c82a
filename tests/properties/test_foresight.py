"""Does the engine foresee what SEMANTICS says would be if no further fact came?  (P1-P3)"""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from stream.backtest.replay import replay
from tests.oracle.computation import LateOracle, Oracle
from tests.oracle.foresight import ForesightOracle
from tests.oracle.times import instant
from tests.properties.comparing import foreseen, told
from tests.properties.dice import DICE, SEEDS, Dice
from tests.properties.driving import Host, schedule
from tests.properties.policies import policies
from tests.properties.running import FEWER, LONG, lines, policy_of
from tests.properties.streams import Event, order, streams

FEW = settings(FEWER, max_examples=20)
"""Where each takes the oracle long: it tries all that is ahead at every instant."""

_RARER = {"package_shipped", "order_cancelled", "refund_requested"}
"""What closes an order."""


@st.composite
def crowded(draw: st.DrawFn) -> list[Event]:
    """Events of one shop of which many orders stay open for long."""
    kept = draw(st.sampled_from((20, 50, 90)))
    seeds = draw(st.lists(SEEDS, min_size=3, max_size=24))
    events = [event for number, seed in enumerate(seeds) for event in order(Dice(seed), "S", f"o{number}")]
    dice = draw(DICE)
    return [event for event in events if event["type"] not in _RARER or dice.chance(kept)] or events


@FEWER
@given(policies(), streams(), DICE)
def test_foresight_is_that_of_trying_every_instant_and_every_number_of_orders(
    texts: list[str], events: list[Event], dice: Dice
) -> None:
    """P1, P2, P3."""
    _compare(texts, events, dice)


@FEWER
@given(policies(), crowded(), DICE)
def test_foresight_of_many_open_orders_is_that_of_trying(
    texts: list[str], events: list[Event], dice: Dice
) -> None:
    """P1, P2, P3."""
    _compare(texts, events, dice)


@FEWER
@given(policies(short_keep=False), crowded(), DICE)
def test_late_facts_stops_and_recoveries_are_no_matter_to_foresight(
    texts: list[str], events: list[Event], dice: Dice
) -> None:
    """P1, P2, P3, T4."""
    host, known = Host(policy_of(texts)), list[Event]()
    for step in schedule(dice, events, Oracle(texts, events).end() or 0, late=30):
        note(f"{step.events} up to {step.watermark}")
        known += step.events
        host.take(step.events)
        host.advance(step.watermark)
        if dice.chance(30):
            host.restart()
        if dice.chance(30):
            _assert_foreseen(texts, known, step.watermark, host.rates())


@FEW
@given(policies(forecasts=True), crowded())
def test_tiers_that_look_ahead_fire_and_resolve_when_trying_says_so(
    texts: list[str], events: list[Event]
) -> None:
    """P1, R5, R6."""
    _compare_alerts(texts, events)


@FEW
@given(policies(forecasts=True, short_keep=False), crowded(), DICE)
def test_late_facts_stops_and_recoveries_are_no_matter_to_tiers_that_look_ahead(
    texts: list[str], events: list[Event], dice: Dice
) -> None:
    """P1, T4."""
    oracle, host = LateOracle(texts), Host(policy_of(texts))
    for step in schedule(dice, events, Oracle(texts, events).end() or 0, late=30):
        note(f"{step.events} up to {step.watermark}")
        oracle.step(step.events, step.watermark)
        host.take(step.events)
        host.advance(step.watermark)
        if dice.chance(30):
            host.restart()
    assert told(host.alerts.values()) == told(oracle.alerts())


@pytest.mark.long
@pytest.mark.timeout(7200)
@LONG
@given(policies(forecasts=True), crowded())
def test_thousands_of_shops_with_tiers_that_look_ahead(texts: list[str], events: list[Event]) -> None:
    """P1, R5, R6."""
    _compare_alerts(texts, events)


@pytest.mark.long
@pytest.mark.timeout(7200)
@LONG
@given(policies(), crowded(), DICE)
def test_thousands_of_shops_are_foreseen_as_by_trying(
    texts: list[str], events: list[Event], dice: Dice
) -> None:
    """P1, P2, P3."""
    _compare(texts, events, dice)


def _compare_alerts(texts: Sequence[str], events: Sequence[Event]) -> None:
    note("\n".join(texts))
    assert told(replay(policy_of(texts), lines(events)).alerts) == told(Oracle(texts, events).alerts())


def _compare(texts: Sequence[str], events: Sequence[Event], dice: Dice) -> None:
    times = sorted(instant(event["occurred_at"]) for event in events)
    t = dice.one(times) + dice.one((0, 0, -1, 3_600_000))
    _assert_foreseen(texts, events, t, replay(policy_of(texts), lines(events), t).rates)


def _assert_foreseen(
    texts: Sequence[str], events: Sequence[Event], t: int, rates: Mapping[str, Mapping[str, Any]]
) -> None:
    note("\n".join(texts))
    note(f"at {t}")
    for shop, document in rates.items():
        oracle = ForesightOracle.read(texts, events, shop, t)
        assert foreseen(document) == (oracle.tiers(), oracle.at_risk())
