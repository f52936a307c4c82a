"""Is a fact behind the clock judged at the clock's present instant?  (SEMANTICS T4)"""

import pytest
from hypothesis import given, note

from tests.oracle.computation import LateOracle, Oracle
from tests.properties.comparing import told
from tests.properties.dice import DICE, Dice
from tests.properties.driving import Host, schedule
from tests.properties.policies import policies
from tests.properties.running import FEWER, LONG, policy_of
from tests.properties.streams import Event, streams


@FEWER
@given(policies(short_keep=False), streams(), DICE)
def test_late_facts_are_judged_where_the_clock_stands(
    texts: list[str], events: list[Event], dice: Dice
) -> None:
    """T4."""
    _compare(texts, events, dice)


@pytest.mark.long
@pytest.mark.timeout(7200)
@LONG
@given(policies(short_keep=False), streams(), DICE)
def test_thousands_of_streams_with_late_facts(texts: list[str], events: list[Event], dice: Dice) -> None:
    """T4."""
    _compare(texts, events, dice)


def _compare(texts: list[str], events: list[Event], dice: Dice) -> None:
    oracle, host = LateOracle(texts), Host(policy_of(texts))
    for step in schedule(dice, events, Oracle(texts, events).end() or 0, late=30):
        note(f"{step.events} up to {step.watermark}")
        oracle.step(step.events, step.watermark)
        host.take(step.events)
        host.advance(step.watermark)
    assert told(host.alerts.values()) == told(oracle.alerts())
