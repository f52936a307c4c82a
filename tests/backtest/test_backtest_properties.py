"""Does a backtest hold for any policies and any stream what it promises?"""

from collections.abc import Sequence

import orjson
import pytest
from hypothesis import assume, given, note, settings

from stream.backtest.answer import Answer, Asked, Origin, answer
from stream.backtest.documents import rows, whole
from stream.backtest.judging import by_engine
from stream.backtest.replay import replay
from stream.backtest.span import zone_of
from stream.policy.spec import PolicySet
from tests.backtest.asking import DAY, HOUR, InMemory
from tests.properties.dice import DICE, Dice
from tests.properties.policies import policies
from tests.properties.running import EVERY_RUN, LONG, lines, policy_of
from tests.properties.streams import Event, streams
from topics.times import parse_time

SOME = settings(EVERY_RUN, max_examples=25)
OPPOSITE = {"added": "removed", "earlier": "later", "longer": "shorter", "added_before": "removed_before"}
OPPOSITE |= {after: before for before, after in OPPOSITE.items()}


@SOME
@given(policies(), policies(), streams(), DICE)
def test_both_judgements_are_the_replays_and_exchanging_the_policies_exchanges_the_words(
    before: list[str], after: list[str], events: list[Event], dice: Dice
) -> None:
    _check(before, after, events, dice)


@pytest.mark.long
@pytest.mark.timeout(7200)
@settings(LONG, max_examples=1000)
@given(policies(), policies(), streams(), DICE)
def test_hundreds_of_judgements_are_the_replays(
    before: list[str], after: list[str], events: list[Event], dice: Dice
) -> None:
    _check(before, after, events, dice)


def _check(before: Sequence[str], after: Sequence[str], events: Sequence[Event], dice: Dice) -> None:
    note("\n".join([*before, "# against", *after]))
    baseline, candidate = policy_of(before), policy_of(after)
    assume(events and zone_of(baseline) == zone_of(candidate))
    recording = InMemory(list(lines(events)))
    first = min(parse_time(str(event["occurred_at"])) for event in events)
    begin = first + dice.whole(0, 30) * HOUR
    span = begin, max(begin, *(v.effective_from for v in (baseline.versions[0], candidate.versions[0]))) + DAY
    there = _ask(recording, baseline, candidate, *span)
    back = _ask(recording, candidate, baseline, *span)
    for side, policy in ((there.baseline, baseline), (there.candidate, candidate)):
        replayed = replay(policy, recording.lines, span[1]).alerts
        assert side.judged.alerts == [alert for alert in replayed if _fires_after(alert, begin)]
    assert {OPPOSITE.get(word, word): count for word, count in there.words.items()} == back.words
    assert _ask(recording, baseline, baseline, *span).touched == 0
    assert orjson.dumps(whole(there)) == orjson.dumps(whole(_ask(recording, baseline, candidate, *span)))
    assert len(list(rows(there))) == len(there.changes)


def _ask(recording: InMemory, baseline: PolicySet, candidate: PolicySet, begin: int, end: int) -> Answer:
    judges = by_engine(recording)
    return answer(judges, Origin("memory", "0"), Asked(baseline, candidate, begin, end, DAY, None))


def _fires_after(alert: dict[str, object], begin: int) -> bool:
    resolved = alert["resolved_at"]
    return resolved is None or parse_time(str(resolved)) > begin
