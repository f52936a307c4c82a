"""Which exemptions are shown as in force?"""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from stream.ops.catalogue import EXEMPTION, EXEMPTIONS
from stream.ops.exemptions import NAMED, InForce
from stream.policy.spec import Exemption

ONE = Exemption(
    id="north-2021",
    metrics=frozenset({"on_time"}),
    effect="drop",
    anchor="due",
    start=1_000,
    end=1_999,
    regions=None,
    region_of="either",
    goods=None,
    categories=None,
    published_at=None,
    by=None,
    until=None,
)


def counted(of: InForce, clock: int) -> Mapping[str, float]:
    return {labels[0]: number for labels, number in of.rows(clock)[EXEMPTIONS] if number}


@pytest.mark.parametrize(("clock", "held"), [(999, 0), (1_000, 1), (1_999, 1), (2_000, 0)])
def test_one_is_in_force_within_its_range_both_ends_included(clock: int, held: int) -> None:
    assert counted(InForce([ONE]), clock) == ({"drop": 1} if held else {})


def test_one_clock_after_another_gives_what_each_alone_gives() -> None:
    every = [ONE, replace(ONE, id="b", effect="extend", published_at=1_500), replace(ONE, id="c", start=None)]
    going_on = InForce(every)
    for clock in range(0, 3_000, 7):
        assert going_on.rows(clock) == InForce(every).rows(clock)


def test_it_is_not_in_force_before_it_is_published_and_for_ever_without_a_range() -> None:
    always = InForce([replace(ONE, start=None, end=None, published_at=1_500)])
    assert [counted(always, clock) for clock in (1_499, 1_500, 1 << 50)] == [{}, {"drop": 1}, {"drop": 1}]


def test_a_policy_without_exemptions_shows_that_none_is_in_force() -> None:
    assert {number for _, number in InForce().rows(0)[EXEMPTIONS]} == {0}


def test_of_many_those_that_began_last_are_named_and_all_are_counted() -> None:
    every = [replace(ONE, id=str(start), start=start, end=None) for start in range(NAMED + 10)]
    rows = InForce(every).rows(5_000)
    assert {labels[0] for labels, _ in rows[EXEMPTION]} == {str(number) for number in range(10, NAMED + 10)}
    assert counted(InForce(every), 5_000) == {"drop": NAMED + 10}
