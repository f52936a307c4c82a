"""Are the figures of a variant those that a backtest of it alone would have?"""

from pathlib import Path

import pytest
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st

from stream.backtest.accuracy import Labels, accuracy
from stream.backtest.cohorts import cohorts, matured
from stream.backtest.episodes import episodes
from stream.backtest.errors import NothingRecordedError, OutsideError
from stream.backtest.incidents import Incident
from stream.backtest.known import Silent, read
from stream.backtest.replay import replay
from stream.backtest.span import Span
from stream.backtest.sweep.grid import Asked, Figures, Row, sweep, unbeaten
from stream.backtest.sweep.variants import Variant
from stream.backtest.timeline.run import Processes
from stream.policy.spec import PolicySet
from tests.backtest.timeline.plain import plain_streams, without_exemptions
from tests.backtest.timeline.recorded import as_archive
from tests.properties.dice import DICE, Dice
from tests.properties.policies import policies
from tests.properties.running import EVERY_RUN, LONG, lines, policy_of
from tests.properties.streams import Event

QUICK = settings(EVERY_RUN, max_examples=40)
HOUR = 3_600_000


@QUICK
@given(policies(), policies(), plain_streams(), DICE)
def test_precision_recall_and_lead_time_are_those_of_a_comparison(
    texts: list[str], others: list[str], events: list[Event], dice: Dice
) -> None:
    _compare(texts, others, events, dice)


@pytest.mark.long
@pytest.mark.timeout(7200)
@LONG
@given(policies(), policies(), plain_streams(), DICE)
def test_thousands_of_variants_have_the_figures_of_a_comparison(
    texts: list[str], others: list[str], events: list[Event], dice: Dice
) -> None:
    _compare(texts, others, events, dice)


def _compare(texts: list[str], others: list[str], events: list[Event], dice: Dice) -> None:
    """Two policies, the second not even alike: whatever is varied is a policy."""
    note("\n".join(texts))
    recording = as_archive(lines(events), 2)
    known = read(recording, None, None, Silent())
    both = [policy_of(without_exemptions(each)) for each in (texts, others)]
    tiers = frozenset(
        (rule.name, tier.severity)
        for policy in both
        for version in policy.versions
        for rule in version.rules.values()
        for tier in rule.tiers
    )
    begin = min(known.first + dice.one((0, 6, 30)) * HOUR, known.latest)
    span = Span(begin, max(begin, known.latest + dice.one((-20, 0, 30)) * HOUR))
    known = read(recording, None, span.end, Silent())
    assume(span.begin <= known.latest)
    incidents = None if dice.chance(50) else _incidents(dice, both[0], span)
    asked = Asked(both[0], [Variant((), each, ()) for each in both], tiers, *span, incidents)
    found = sweep(asked, recording, None, spread=Processes(1))
    if incidents is None:
        labels = Labels.of_cohorts(matured(cohorts(known, both[0], Silent()), both[0], span, known.latest))
    else:
        labels = Labels(incidents, None)
    for row, policy in zip(found.rows, both, strict=True):
        _assert_right(row, policy, labels, span, list(lines(events)))


def _incidents(dice: Dice, policy: PolicySet, span: Span) -> list[Incident]:
    version = policy.versions[0]
    rules = sorted(version.rules)
    kinds = sorted({metric.kind for metric in version.metrics.values()} | set(version.metrics))
    found = []
    for _ in range(dice.whole(0, 4)):
        begins = span.begin + dice.whole(-5, 40) * HOUR
        rule = dice.one((None, *rules))
        metric = None if rule else dice.one((None, *kinds))
        found.append(Incident(dice.one("ST"), rule, metric, None, begins, begins + dice.whole(0, 9) * HOUR))
    return found


def _assert_right(row: Row, policy: PolicySet, labels: Labels, span: Span, told: list[bytes]) -> None:
    all_ = episodes(replay(policy, told, span.end).alerts)
    fired = [each for each in all_ if each.resolved_at is None or each.resolved_at > span.begin]
    right = accuracy(fired, policy, labels, span)
    figures = row.figures
    assert figures.alerts == sum(each.fired_at >= span.begin for each in fired)
    assert figures.shops == len({each.tier.shop for each in fired})
    assert (figures.judged, figures.right, figures.found, figures.lead_ms) == (
        right.judged,
        right.right,
        right.found,
        right.lead_ms,
    )


def test_an_incident_that_no_counted_tier_can_be_about_is_not_counted(tmp_path: Path) -> None:
    policy = policy_of([POLICY])
    incidents = [Incident("S", "late", None, None, 0, 2**50), Incident("S", "other", None, None, 0, 2**50)]
    asked = Asked(policy, [Variant((), policy, ())], frozenset({("late", "warning")}), None, None, incidents)
    (row,) = sweep(asked, as_archive([LATE], 1), tmp_path).rows
    assert (row.figures.incidents, row.figures.found, row.figures.recall) == (1, 1, 1.0)


POLICY = """[policy]
name = "p"
version = "1"
effective_from = 2023-01-01T00:00:00Z
time_zone = "UTC"
[metrics.m]
kind = "on_time_ship"
[rules.late]
metric = "m"
window = "1d"
warning = { below = 0.9 }
"""
LATE = (
    b'{"type":"order_paid","event_id":"e","shop_id":"S","order_id":"o","occurred_at":"2024-01-01T00:00:00Z",'
    b'"ship_by":"2024-01-02T00:00:00Z","goods":"physical","ship_from":"1","ship_to":"2","items":1,"amount":1,'
    b'"currency":"CNY"}'
)


def test_a_range_in_which_nothing_was_recorded_and_a_recording_of_nothing_are_refused() -> None:
    policy = policy_of([POLICY])
    asked = Asked(policy, [Variant((), policy, ())], frozenset(), 2**50, 2**51, None)
    with pytest.raises(OutsideError):
        sweep(asked, as_archive([LATE], 1), None)
    with pytest.raises(NothingRecordedError):
        sweep(asked, as_archive([], 1), None)


def test_a_variant_of_a_metric_is_judged_on_a_timeline_of_its_own() -> None:
    policies_ = [
        policy_of([POLICY.replace('"on_time_ship"', f'"on_time_ship"\nanchor = "{anchor}"')])
        for anchor in ("due", "shipped")
    ]
    asked = Asked(
        policies_[0],
        [Variant((), each, ()) for each in policies_],
        frozenset({("late", "warning")}),
        None,
        None,
        None,
    )
    found = sweep(asked, as_archive([LATE], 1), None)
    assert [row.figures.alerts for row in found.rows] == [1, 0]


def figures(right: int, found: int, lead: int) -> Figures:
    return Figures(judged=10, right=right, incidents=10, found=found, leads=[lead])


@pytest.mark.parametrize(
    ("all_", "marks"),
    [
        ([figures(5, 5, 5), figures(6, 5, 5)], [False, True]),
        ([figures(5, 5, 5), figures(5, 5, 5)], [True, True]),
        ([figures(5, 6, 5), figures(6, 5, 5), figures(5, 5, 6), figures(5, 5, 5)], [True, True, True, False]),
        ([figures(5, 5, 5), Figures(incidents=10)], [True, False]),
        ([Figures(), Figures()], [False, False]),
        ([figures(5, 5, -5), figures(5, 5, -6)], [True, False]),
    ],
)
def test_marked_is_what_no_other_beats(all_: list[Figures], marks: list[bool]) -> None:
    assert list(unbeaten(all_)) == marks


@QUICK
@given(st.lists(st.builds(figures, st.integers(0, 3), st.integers(0, 3), st.integers(0, 3)), max_size=20))
def test_what_is_marked_is_what_trying_all_pairs_would_mark(all_: list[Figures]) -> None:
    merits = [(each.right, each.found, each.leads[0]) for each in all_]
    beaten = [
        any(other != one and all(o >= m for o, m in zip(other, one, strict=True)) for other in merits)
        for one in merits
    ]
    assert list(unbeaten(all_)) == [not each for each in beaten]
