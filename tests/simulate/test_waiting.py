"""What is under way, and comes next?"""

from typing import NamedTuple

from stream.simulate.shops import HOUR, MINUTE
from stream.simulate.waiting import Waiting


class Parcel(NamedTuple):
    """Something that arrives."""

    arrives_at: int
    name: str


def test_whole_minutes_are_handed_out_in_order_and_of_one_moment_as_added() -> None:
    waiting: Waiting[Parcel] = Waiting()
    for at, name in ((MINUTE + 5, "b"), (MINUTE + 5, "c"), (3, "a"), (2 * MINUTE, "d")):
        waiting.add(Parcel(at, name))
    assert [parcel.name for parcel in waiting.before(2 * MINUTE + 30)] == ["a", "b", "c"]
    assert len(waiting) == 1
    assert list(waiting.before(2 * MINUTE + 40)) == []
    assert [parcel.name for parcel in waiting.before(2 * HOUR)] == ["d"]


def test_what_is_added_later_finds_its_place_and_the_rest_comes_at_last() -> None:
    waiting: Waiting[Parcel] = Waiting()
    assert list(waiting.before(HOUR)) == []
    waiting.add(Parcel(2 * HOUR, "b"))
    waiting.add(Parcel(HOUR, "a"))
    waiting.add(Parcel(9 * HOUR, "c"))
    assert [parcel.name for parcel in waiting.before(3 * HOUR)] == ["a", "b"]
    assert [parcel.name for parcel in waiting.rest()] == ["c"]
    assert len(waiting) == 0
