"""Are the parts of the second pass right by themselves?  Sums, lines, scores, states, each against the plain way."""

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.backtest.columns.episodes import STILL, episodes, runs
from stream.backtest.columns.lines import BETWEEN, BREACH, CLEAR, Lines
from stream.backtest.columns.pairs import Pairs, places
from stream.backtest.columns.points import Points, points, starts_of
from stream.backtest.columns.score_lines import score_classes, together
from stream.backtest.columns.versions import Timers, Track, episodes_of
from stream.backtest.timeline.rows import Rows
from stream.engine.rules import RateTier, ScoreTier, compile_tiers
from stream.engine.windows import Layout, Sums, WindowKey
from tests.backtest.columns.test_replay import QUICK
from tests.properties.dice import DICE, Dice
from tests.properties.policies import policies
from tests.properties.running import policy_of


def counted(triples: list[tuple[int, int, int]], shop: list[int] | None = None) -> Points:
    """Points of these counts, one a millisecond."""
    whole = np.array(triples, np.int32).reshape(len(triples), 3)
    none = np.zeros(0, np.int64)
    shops = np.zeros(len(triples), np.int32) if shop is None else np.array(shop, np.int32)
    at = np.arange(len(triples), dtype=np.int64)
    return Points(
        shops, at, whole[:, 0], whole[:, 1], whole[:, 2], none.astype(np.int32), none, starts_of(shops)
    )


@QUICK
@given(policies(), DICE)
def test_r3_r4_s2_every_tier_makes_of_counts_what_the_engine_makes(texts: list[str], dice: Dice) -> None:
    policy = policy_of(texts)
    layout = Layout(policy)
    triples = [_triple(dice) for _ in range(60)]
    for version in policy.versions:
        for tier in compile_tiers(version, layout):
            if isinstance(tier, RateTier):
                assert Lines(counted(triples)).classes(tier).tolist() == [
                    _made(tier, [Sums(*each)] * len(layout.keys)) for each in triples
                ]
            else:
                windows = {window: counted([_triple(dice) for _ in range(60)]) for window in tier.windows}
                counts = together(windows)
                found = score_classes(tier, counts, len(layout.keys)).tolist()
                assert found == [
                    _made(tier, counts.at_point(len(layout.keys), index)) for index in range(len(found))
                ]


def _triple(dice: Dice) -> tuple[int, int, int]:
    most = dice.one((3, 12, 1000, 2_000_000_000))
    count = dice.whole(0, most)
    good = dice.whole(0, count)
    return good, count - good, count


def _made(tier: RateTier | ScoreTier, sums: list[Sums]) -> int:
    if tier.breach(sums):
        return BREACH
    return CLEAR if tier.clear(sums) else BETWEEN


@QUICK
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=60),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_r6_states_over_stretches_are_those_of_a_walk(
    told: list[tuple[int, int]], hold: int, keep_firing: int
) -> None:
    """One version, so that both ways can be gone."""
    told.sort(key=lambda each: each[0])
    shop = np.array([each[0] for each in told], np.int32)
    made = np.array([each[1] for each in told], np.uint8)
    at, version = np.arange(len(told), dtype=np.int64), np.zeros(len(told), np.int32)
    end = len(told) + 1
    at_once = episodes(runs(shop, at, made, end), hold, keep_firing)
    walked = episodes_of(Track(shop, at, made, version), [Timers(hold, keep_firing)], end)
    assert [column.tolist() for column in at_once] == [column.tolist() for column in walked]


def test_what_still_fires_at_the_end_has_not_resolved() -> None:
    shop, at = np.zeros(1, np.int32), np.array([5], np.int64)
    found = episodes(runs(shop, at, np.array([BREACH], np.uint8), 9), 3, 0)
    assert [column.tolist() for column in found] == [[0], [8], [STILL], [STILL]]


@pytest.mark.parametrize("far", [1, 1 << 45, 1 << 58])
def test_w2_sums_are_those_of_adding_up_what_is_in_the_window_however_far_times_lie_apart(far: int) -> None:
    dice = Random(far)
    rows = sorted(
        (
            dice.randrange(4),
            dice.randrange(0, 200, 5),
            dice.randrange(200),
            dice.choice((1, 1, 1, -1)),
            dice.random() < 0.3,
        )
        for _ in range(300)
    )
    at = np.array([row[1] for row in rows], np.int64)
    at[-1] += far
    place = np.array([row[2] for row in rows], np.int64)
    place[-1] += far
    sign = np.array([row[3] for row in rows], np.int8)
    bad = np.array([row[4] for row in rows], np.int8)
    shop = np.array([row[0] for row in rows], np.int32)
    spared = np.arange(len(rows)) % 5 == 0
    table = Rows(
        shop, at, place, sign * (1 - bad), sign * bad, sign, spared, np.full(len(rows), -1, np.int32)
    )
    for penalty in (False, True):
        found = points(table, WindowKey("m", 10, 2, 4, penalty), 150)
        for index in range(len(found.at)):
            one, t = int(found.shop[index]), int(found.at[index])
            newest = t // 10 - 2
            inside = (shop == one) & (at <= t) & (place // 10 <= newest) & (place // 10 > newest - 4)
            inside &= ~(spared & penalty)
            right = [int(column[inside].sum()) for column in (table.good, table.bad, table.counted)]
            sums = found.sums(one, t)
            assert [sums.good, sums.bad, sums.counted] == right
            taken = bool((inside & (at == t) & (table.bad < 0)).any())
            assert found.corrected(one, t) == taken
        assert len(found.at) > 50


@pytest.mark.parametrize("last", [10**6, 1 << 61])
def test_pairs_are_in_the_order_of_shop_and_instant_however_many_bits_they_take(last: int) -> None:
    pairs = Pairs(0, last, 1 << 20)
    shop = np.array([0, 0, 7, 7, 1 << 20], np.int32)
    at = np.array([0, last, 3, 5, 0], np.int64)
    packed = pairs.pack(shop, at)
    assert (packed[1:] > packed[:-1]).all()
    asked = pairs.pack(np.array([7, 7, 0], np.int32), np.array([4, 5, -99], np.int64))
    assert places(packed, asked).tolist() == [3, 3, 0]
    assert places(packed, asked, after=True).tolist() == [3, 4, 0]


def test_s2_a_score_so_close_to_its_line_that_no_rough_number_tells_is_decided_exactly() -> None:
    policy = policy_of(
        [
            """[policy]
name = "p"
version = "1"
effective_from = 2023-01-01T00:00:00Z
time_zone = "UTC"
[metrics.m]
kind = "on_time_ship"
[scores.s]
window = "1d"
parts = [{ metric = "m", weight = 0.3 }]
[rules.r]
score = "s"
warning = { below = 0.333333333333 }
"""
        ]
    )
    (tier,) = compile_tiers(policy.versions[0], Layout(policy))
    assert isinstance(tier, ScoreTier)
    triples = [(1, 2, 3), (333_333_333, 666_666_667, 10**9), (333_333_332, 666_666_668, 10**9)]
    found = score_classes(tier, together({tier.parts[0].window: counted(triples)}), 1).tolist()
    exact = [Fraction(good, count) < Fraction("0.333333333333") for good, _, count in triples]
    assert found == [BREACH if below else CLEAR for below in exact]
