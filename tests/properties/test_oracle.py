"""Does a replay give what SEMANTICS says, for any policy and any stream?"""

from collections.abc import Sequence

import pytest
from hypothesis import given, note

from stream.backtest.replay import replay
from tests.oracle.computation import Oracle
from tests.oracle.times import instant
from tests.properties.comparing import told, told_rates
from tests.properties.dice import DICE, Dice
from tests.properties.policies import policies
from tests.properties.running import EVERY_RUN, FEWER, LONG, lines, policy_of
from tests.properties.streams import Event, streams


@EVERY_RUN
@given(policies(), streams())
def test_a_replay_gives_the_alerts_and_rates_of_the_oracle(texts: list[str], events: list[Event]) -> None:
    """T1 to V2."""
    _compare(texts, events)


@FEWER
@given(policies(), streams(), DICE)
def test_a_replay_up_to_any_instant_gives_what_the_oracle_does(
    texts: list[str], events: list[Event], dice: Dice
) -> None:
    """T1, T5: of what lies behind the instant nothing counts."""
    times = sorted({instant(event["occurred_at"]) for event in events})
    _compare(texts, events, dice.one(times) + dice.one((0, -1, 3_600_000)))


@pytest.mark.long
@pytest.mark.timeout(7200)
@LONG
@given(policies(), streams())
def test_thousands_of_replays_give_the_alerts_and_rates_of_the_oracle(
    texts: list[str], events: list[Event]
) -> None:
    """T1 to V2."""
    _compare(texts, events)


def _compare(texts: Sequence[str], events: Sequence[Event], until: int | None = None) -> None:
    note("\n".join(texts))
    oracle = Oracle(texts, events)
    result = replay(policy_of(texts), lines(events), until)
    assert result.end_ms == (oracle.end() if until is None else until)
    assert told(result.alerts) == told(oracle.alerts(until))
    for shop, document in result.rates.items():
        assert told_rates(document) == oracle.rates(shop, result.end_ms or 0)
