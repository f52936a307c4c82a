"""Is what lies packed read where it lies as whoever has packed it would read it?"""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.engine.packing import (
    DamagedError,
    after,
    entries,
    entry,
    number,
    number_or_none,
    text,
    text_or_none,
)

pack = msgspec.msgpack.Encoder().encode

EDGES = [
    sign * (1 << bits) + step
    for bits in (5, 7, 8, 15, 16, 31, 32, 62)
    for sign in (1, -1)
    for step in (-1, 0, 1)
]
NUMBERS = st.integers(-(1 << 63), (1 << 63) - 1) | st.sampled_from(EDGES)
LENGTHS = [0, 1, 31, 32, 255, 256, 65_535, 65_536]
TEXTS = (
    st.text(max_size=40) | st.sampled_from(LENGTHS).map("x".__mul__) | st.sampled_from(["ä" * 16, "中" * 86])
)
LEAVES = st.none() | st.booleans() | NUMBERS | st.just((1 << 64) - 1) | TEXTS
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=20), max_leaves=40)
AROUND = st.binary(max_size=3)


@given(VALUES, AROUND, AROUND)
def test_a_value_ends_where_the_next_begins(value: Any, before: bytes, behind: bytes) -> None:
    packed = pack(value)
    assert after(before + packed + behind, len(before)) == len(before) + len(packed)


@given(NUMBERS, AROUND, AROUND)
def test_a_number_is_read_from_as_many_bytes_as_it_has(value: int, before: bytes, behind: bytes) -> None:
    assert number(before + pack(value) + behind, len(before)) == value


@pytest.mark.parametrize("value", EDGES)
def test_a_number_at_the_edge_of_a_size_is_read(value: int) -> None:
    assert number(pack(value), 0) == value


@given(TEXTS, AROUND, AROUND)
def test_a_text_is_read_whatever_its_length(value: str, before: bytes, behind: bytes) -> None:
    assert text(before + pack(value) + behind, len(before)) == value


def test_there_may_be_no_number_and_no_text() -> None:
    assert number_or_none(pack(None), 0) is None
    assert number_or_none(pack(7), 0) == 7
    assert text_or_none(pack(None), 0) is None
    assert text_or_none(pack("a"), 0) == "a"


@given(st.lists(VALUES, max_size=20) | st.just([None] * 300), AROUND, AROUND)
def test_of_a_list_each_entry_is_found(values: list[Any], before: bytes, behind: bytes) -> None:
    packed, begin = before + pack(values) + behind, len(before)
    found = entries(packed, begin)
    assert [msgspec.msgpack.decode(packed[at : after(packed, at)]) for at in found] == values
    assert [entry(packed, begin, index) for index in range(len(values))] == found


@pytest.mark.parametrize("value", [{}, {"a": 1}, b"a", 1.5, msgspec.msgpack.Ext(5, b"a")])
def test_what_no_record_holds_is_an_error(value: Any) -> None:
    with pytest.raises(DamagedError, match="is not expected there"):
        after(pack([value]), 0)


@pytest.mark.parametrize("value", [None, True, "a", "a" * 40, [], [1] * 16, 1.5, {}])
def test_where_no_number_lies_none_is_read(value: Any) -> None:
    with pytest.raises(DamagedError):
        number(pack(value) + bytes(8), 0)


@pytest.mark.parametrize("value", [None, False, 7, -1, 1 << 40, [], [1] * 16, 1.5, {}])
def test_where_no_text_lies_none_is_read(value: Any) -> None:
    with pytest.raises(DamagedError):
        text(pack(value) + bytes(8), 0)


@pytest.mark.parametrize("value", [None, 7, 1 << 40, "a", "a" * 40, {}])
def test_where_no_list_lies_there_are_no_entries(value: Any) -> None:
    with pytest.raises(DamagedError):
        entries(pack(value) + bytes(8), 0)
    with pytest.raises(DamagedError):
        entry(pack(value) + bytes(8), 0, 0)


@pytest.mark.parametrize(
    ("read", "value"),
    [
        *(
            (number, value)
            for value in (1 << 40, 1 << 20, 1 << 10, 1 << 7, -(1 << 40), -(1 << 20), -(1 << 10), -100)
        ),
        *((text, "a" * size) for size in (40, 300, 70_000)),
        (entries, [1]),
        (entries, [1] * 16),
    ],
)
def test_bytes_that_end_too_early_are_an_error(read: Callable[[bytes, int], object], value: Any) -> None:
    with pytest.raises(IndexError):
        read(pack(value)[:1], 0)
