"""Are alerts matched as the documentation says, and is each change called by its word?"""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.backtest.comparing import Change, Word, compare
from stream.backtest.episodes import Episode
from stream.backtest.span import Span
from tests.backtest.asking import HOUR, episode, hours
from tests.properties.running import FEWER

SPAN = Span(hours(0), hours(100))
OPPOSITE: dict[Word, Word] = {
    "added": "removed",
    "removed": "added",
    "earlier": "later",
    "later": "earlier",
    "longer": "shorter",
    "shorter": "longer",
    "unchanged": "unchanged",
    "added_before": "removed_before",
    "removed_before": "added_before",
}


def words(baseline: Sequence[Episode], candidate: Sequence[Episode], span: Span = SPAN) -> list[object]:
    return [change.words for change in compare(baseline, candidate, span)]


def pairs(changes: Sequence[Change]) -> list[tuple[str | None, str | None]]:
    return [
        (
            change.baseline.alert_id if change.baseline else None,
            change.candidate.alert_id if change.candidate else None,
        )
        for change in changes
    ]


@pytest.mark.parametrize(
    ("baseline", "candidate", "said"),
    [
        ([], [episode(1, 2)], ("added",)),
        ([episode(1, 2)], [], ("removed",)),
        ([episode(2, 9)], [episode(1, 8)], ("earlier",)),
        ([episode(1, 8)], [episode(2, 9)], ("later",)),
        ([episode(1, 8)], [episode(1, 9)], ("longer",)),
        ([episode(1, 9)], [episode(1, 8)], ("shorter",)),
        ([episode(1, 8)], [episode(1, 8)], ("unchanged",)),
        ([episode(2, 8)], [episode(1, 8)], ("earlier", "longer")),
        ([episode(1, 8)], [episode(2, 8)], ("later", "shorter")),
        ([episode(2, 9)], [episode(1, 5)], ("earlier", "shorter")),
    ],
)
def test_each_change_has_its_words(
    baseline: list[Episode], candidate: list[Episode], said: tuple[str, ...]
) -> None:
    assert words(baseline, candidate) == [said]


def test_it_is_told_by_how_much() -> None:
    (change,) = compare([episode(2, 9)], [episode(1, 5)], SPAN)
    assert (change.fires_later, change.lasts_longer) == (-HOUR, -3 * HOUR)


def test_alerts_of_other_shops_and_tiers_are_no_match() -> None:
    assert words([episode(1, 5)], [episode(1, 5, shop="T")]) == [("removed",), ("added",)]
    assert words([episode(1, 5)], [episode(1, 5, severity="stop")]) == [("removed",), ("added",)]


def test_one_that_begins_when_the_other_ends_does_not_overlap_it() -> None:
    assert words([episode(1, 5)], [episode(5, 9)]) == [("removed",), ("added",)]


def test_of_several_that_overlap_one_the_first_is_its_match_and_the_others_lie_beside_it() -> None:
    changes = compare([episode(1, 9)], [episode(2, 3), episode(4, 9)], SPAN)
    assert pairs(changes) == [("S-alarm-1-9", "S-alarm-2-3"), (None, "S-alarm-4-9")]
    assert [change.words for change in changes] == [("later", "shorter"), ("added",)]
    assert [change.beside for change in changes] == [None, "S-alarm-1-9"]


def test_the_walk_goes_on_behind_a_match() -> None:
    changes = compare([episode(1, 3), episode(4, 6)], [episode(2, 5), episode(5, 7)], SPAN)
    assert pairs(changes) == [("S-alarm-1-3", "S-alarm-2-5"), ("S-alarm-4-6", "S-alarm-5-7")]


def test_what_is_open_at_the_end_is_open_for_both() -> None:
    assert words([episode(1)], [episode(1)]) == [("unchanged",)]
    assert words([episode(1)], [episode(2)]) == [("later", "shorter")]
    assert words([episode(1, 100)], [episode(1)]) == [("longer",)]


def test_one_that_fires_at_the_very_end_is_a_match_of_one_that_fires_then() -> None:
    assert words([episode(100)], [episode(90)]) == [("earlier", "longer")]


def test_what_was_before_the_range_is_no_change_in_it() -> None:
    span = Span(hours(10), hours(100))
    assert words([episode(1, 20)], [episode(5, 20)], span) == [("unchanged",)]
    assert words([], [episode(5, 20)], span) == [("added_before",)]
    assert words([episode(5, 20)], [], span) == [("removed_before",)]
    assert words([episode(1, 20)], [episode(12, 20)], span) == [("later", "shorter")]


def test_what_overlaps_only_before_the_range_is_no_match() -> None:
    span = Span(hours(10), hours(100))
    # Both fire at hour 9; within the range one begins when the other has ended.
    assert words([episode(1, 15)], [episode(20, 30)], span) == [("removed_before",), ("added",)]


def test_changes_stand_in_the_order_of_time() -> None:
    changes = compare([episode(5, 6, shop="A")], [episode(1, 2, shop="B"), episode(3, 4, shop="A")], SPAN)
    assert [change.at for change in changes] == [hours(1), hours(3), hours(5)]


@st.composite
def rows(draw: st.DrawFn) -> list[Episode]:
    """What one policy may fire: episodes of a tier one after the other, the last maybe open."""
    found = []
    for shop in draw(st.sampled_from(("S", "ST"))):
        times = sorted(draw(st.sets(st.integers(0, 30), max_size=8)))
        found += [episode(*pair, shop=shop) for pair in zip(times[::2], times[1::2], strict=False)]
        if len(times) % 2:
            found.append(episode(times[-1], shop=shop))
    return found


SPANS = st.tuples(st.integers(0, 15), st.integers(15, 31)).map(
    lambda ends: Span(hours(ends[0]), hours(ends[1]))
)


def within(episodes: list[Episode], span: Span) -> list[Episode]:
    """As a judgement hands them out: those that fire at some instant of the range, open where they resolve after it."""
    return [
        each if each.resolved_at is None or each.resolved_at <= span.end else each._replace(resolved_at=None)
        for each in episodes
        if each.fired_at <= span.end and (each.resolved_at is None or each.resolved_at > span.begin)
    ]


@FEWER
@given(rows(), SPANS)
def test_nothing_changes_from_a_policy_to_itself(episodes: list[Episode], span: Span) -> None:
    mine = within(episodes, span)
    changes = compare(mine, mine, span)
    assert [change.words for change in changes] == [("unchanged",)] * len(mine)


@FEWER
@given(rows(), rows(), SPANS)
def test_every_alert_is_told_of_once_and_exchanging_the_policies_exchanges_the_words(
    baseline: list[Episode], candidate: list[Episode], span: Span
) -> None:
    before, after = within(baseline, span), within(candidate, span)
    there, back = compare(before, after, span), compare(after, before, span)
    assert sorted(change.baseline for change in there if change.baseline) == sorted(before)
    assert sorted(change.candidate for change in there if change.candidate) == sorted(after)
    turned = [
        (
            change.tier,
            change.candidate,
            change.baseline,
            tuple(OPPOSITE[word] for word in change.words),
            change.beside,
        )
        for change in back
    ]
    assert sorted(map(repr, turned)) == sorted(
        repr((change.tier, change.baseline, change.candidate, change.words, change.beside))
        for change in there
    )
