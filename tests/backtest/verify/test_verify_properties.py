"""Is every difference that late facts bring about explained by them, whatever the stream and the policy?"""

import pytest
from hypothesis import given, note

from tests.backtest.verify.working import Worker, reasons
from tests.oracle.computation import Oracle
from tests.properties.dice import DICE, Dice
from tests.properties.driving import schedule
from tests.properties.policies import policies
from tests.properties.running import EVERY_RUN, LONG, policy_of
from tests.properties.streams import Event, streams

FEW = EVERY_RUN.__class__(EVERY_RUN, max_examples=25)


@FEW
@given(policies(short_keep=False), policies(short_keep=False), streams(), DICE)
def test_late_facts_and_new_policies_are_followed(
    texts: list[str], others: list[str], events: list[Event], dice: Dice
) -> None:
    """T4, V2."""
    _verify(texts, others, events, dice)


@pytest.mark.long
@pytest.mark.timeout(7200)
@LONG
@given(policies(short_keep=False), policies(short_keep=False), streams(), DICE)
def test_thousands_of_streams(texts: list[str], others: list[str], events: list[Event], dice: Dice) -> None:
    """T4, V2."""
    _verify(texts, others, events, dice)


def _verify(texts: list[str], others: list[str], events: list[Event], dice: Dice) -> None:
    late = dice.one((0, 30))
    worker = Worker(policy_of(texts))
    for step in schedule(dice, events, Oracle(texts, events).end() or 0, late=late):
        first = dice.whole(0, len(step.events)) if late and dice.chance(20) else len(step.events)
        worker.turn(step.events[:first], step.watermark)
        if first < len(step.events):
            worker.turn(step.events[first:], step.watermark)
        if dice.chance(20):
            worker.start_with(policy_of(dice.one((texts, others))))
    found = worker.verified()
    note(str(found.differing))
    assert found.equal + len(found.differing) >= len(worker.alerts)
    assert reasons(found) <= ({"late"} if late else set())
