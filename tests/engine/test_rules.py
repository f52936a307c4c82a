"""Is a tier in breach just beyond its line and not at it, and is its headroom what trying one by one finds?"""

from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stream.engine.rules import RateTier, compile_tiers
from stream.engine.windows import Layout, Sums
from tests.engine.story import policy

KINDS = {"on_time_ship": "below", "return": "above"}
FAR = 400
"""Trying goes so far: lines and counts below are small enough for any answer to lie nearer."""


def tier(kind: str, options: str) -> RateTier:
    body = f"""
[metrics.m]
kind = "{kind}"
{'anchor = "requested"' if kind == "return" else ""}
[rules.r]
metric = "m"
window = "1h"
alarm = {{ {options} }}
"""
    one = policy(body)
    (compiled,) = compile_tiers(one.versions[0], Layout(one))
    assert isinstance(compiled, RateTier)
    return compiled


def breach(kind: str, options: str, good: int, bad: int, counted: int | None = None) -> bool:
    return tier(kind, options).breach([Sums(good, bad, good + bad if counted is None else counted)])


@pytest.mark.parametrize(
    ("kind", "options", "inside", "at", "beyond"),
    [
        ("on_time_ship", "below = 0.8", (81, 19), (80, 20), (79, 21)),
        ("on_time_ship", "below = 0.945", (1891, 109), (1890, 110), (1889, 111)),
        ("return", "above = 0.1", (91, 9), (90, 10), (89, 11)),
        ("return", "bad_above = 3", (0, 2), (0, 3), (0, 4)),
        ("return", "above = 0.1, min_orders = 10", (9, 0), (9, 1), (8, 2)),
    ],
)
def test_a_breach_is_strictly_beyond_the_line_r3(
    kind: str, options: str, inside: tuple[int, int], at: tuple[int, int], beyond: tuple[int, int]
) -> None:
    assert [breach(kind, options, *counts) for counts in (inside, at, beyond)] == [False, False, True]


@pytest.mark.parametrize("digits", [20, 50])
def test_decimals_are_compared_exactly_r2(digits: int) -> None:
    line = "0." + "3" * digits
    assert breach("return", f"above = {line}", 2, 1)
    assert not breach("return", f"above = {line[:-1]}4", 2, 1)


def test_too_few_orders_are_no_breach_but_bad_above_needs_none_r3() -> None:
    options = "below = 0.8, min_orders = 10"
    assert not breach("on_time_ship", options, 0, 9)
    assert breach("on_time_ship", options, 0, 10)
    assert breach("on_time_ship", options + ", bad_above = 5", 0, 6)
    assert breach("on_time_ship", "below = 0.8, min_bad = 3, bad_above = 9", 0, 10)
    assert not breach("on_time_ship", "below = 0.8, min_bad = 3", 1, 2)
    assert breach("on_time_ship", "below = 0.8, min_bad = 3", 1, 3)


def test_nothing_counted_is_no_rate_and_no_breach_u8() -> None:
    assert not breach("return", "above = 0", 0, 3, counted=0)
    assert tier("return", "above = 0").rate(Sums(0, 3, 0)) is None


@pytest.mark.parametrize(
    ("options", "good", "bad", "clear"),
    [
        ("below = 0.8, clear_at = 0.9", 89, 11, False),
        ("below = 0.8, clear_at = 0.9", 90, 10, True),
        ("below = 0.8, clear_at = 0.9, min_orders = 200", 80, 20, True),
        ("below = 0.8", 80, 20, True),
        ("bad_above = 20", 0, 20, True),
    ],
)
def test_clear_is_at_or_inside_its_line_or_too_little_to_judge_r4(
    options: str,
    good: int,
    bad: int,
    clear: bool,  # noqa: FBT001 - a column
) -> None:
    assert tier("on_time_ship", options).clear([Sums(good, bad, good + bad)]) is clear


def tried(mine: RateTier, sums: Sums) -> int | None:
    """Headroom by trying (SEMANTICS R8)."""
    if mine.breach([sums]):
        ends = (
            n for n in range(1, FAR) if not mine.breach([Sums(sums.good + n, sums.bad, sums.counted + n)])
        )
        needed = next(ends, None)
        return None if needed is None else -needed
    worse = (n for n in range(1, FAR) if mine.breach([Sums(sums.good, sums.bad + n, sums.counted + n)]))
    first = next(worse, None)
    return None if first is None else first - 1


def _options(word: str) -> st.SearchStrategy[str]:
    lines = st.sampled_from(["0", "0.1", "0.5", "0.75", "0.9", "1", *(["1.5"] if word == "above" else [])])
    more = st.lists(
        st.sampled_from(
            ["min_orders = 5", "min_orders = 12", "min_bad = 2", "bad_above = 0", "bad_above = 4"]
        ),
        max_size=3,
        unique_by=lambda option: option.split()[0],
    )
    return st.builds(lambda line, options: ", ".join([f"{word} = {line}", *options]), lines, more)


def _cases() -> Iterator[st.SearchStrategy[tuple[str, str]]]:
    for kind, word in KINDS.items():
        yield st.tuples(st.just(kind), _options(word) | st.just("bad_above = 2"))


@given(st.one_of(*_cases()), st.integers(0, 12), st.integers(0, 12), st.integers(0, 12))
@example(("return", "above = 1"), 0, 3, 0)
@example(("return", "above = 1.5, min_orders = 5"), 0, 9, 2)
@example(("on_time_ship", "below = 1"), 5, 1, 6)
def test_headroom_is_what_trying_one_by_one_finds_r8(
    case: tuple[str, str], good: int, bad: int, marked_only: int
) -> None:
    kind, options = case
    mine = tier(kind, options)
    counted = good + marked_only if kind == "return" else good + bad
    sums = Sums(good, bad, counted)
    assert mine.headroom(sums) == tried(mine, sums)
