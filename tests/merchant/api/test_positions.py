"""The ids of events."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.merchant.api.positions import (
    EveryPosition,
    ShopPosition,
    read_every_position,
    read_shop_position,
)

OFFSET = st.integers(0, 2**63 - 1)


@given(OFFSET, OFFSET, OFFSET)
def test_a_position_of_a_shop_is_read_as_it_was_written(partition: int, alerts: int, rates: int) -> None:
    position = ShopPosition(partition, alerts, rates)
    assert read_shop_position(str(position)) == position


@given(st.lists(OFFSET, min_size=1))
def test_a_position_of_all_is_read_as_it_was_written_and_for_no_other_number_of_partitions(
    offsets: list[int],
) -> None:
    position = EveryPosition(tuple(offsets))
    assert read_every_position(str(position), len(offsets)) == position
    assert read_every_position(str(position), len(offsets) + 1) is None


@pytest.mark.parametrize(
    "text", [None, "", "1.2", "1.2.3.4", "1.-2.3", "1.2.x", "1.2.²", "1.2.99999999999999999999", "all.1.2"]
)
def test_any_other_text_is_no_position(text: str | None) -> None:
    assert read_shop_position(text) is None
    assert read_every_position(text, 3) is None


@given(st.text())
def test_no_text_disturbs(text: str) -> None:
    read_shop_position(text)
    read_every_position(text, 2)
