"""Which instant does a time of the contract mean?"""

import pytest

from topics.times import NoOffsetError, TimeError, parse_time, rfc3339

DAY = 86_400_000


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T08:00:00+08:00", 0),
        ("1969-12-31T21:00:00-03:00", 0),
        ("1970-01-01 00:00:00z", 0),
        ("1970-01-01T00:00:00.001Z", 1),
        ("1970-01-01T00:00:00.5Z", 500),
        ("1970-01-01T00:00:00.9999999999Z", 999),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("2024-02-29T00:00:00Z", 19_782 * DAY),
    ],
)
def test_t1_a_time_is_whole_milliseconds_and_finer_digits_are_cut(text: str, at: int) -> None:
    assert parse_time(text) == at


@pytest.mark.parametrize(
    "text",
    ["", "now", "2024-01-01", "2023-02-29T00:00:00Z", "2024-01-01T00:00:60Z", "2024-01-01T00:00:00+24:00"],
)
def test_t1_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(TimeError):
        parse_time(text)


def test_t1_a_time_without_an_offset_is_no_instant() -> None:
    with pytest.raises(NoOffsetError, match="no offset"):
        parse_time("2024-01-01T00:00:00")


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (10**20, "9999-12-31T23:59:59.999Z"),
        (-(10**20), "0001-01-01T00:00:00.000Z"),
    ],
)
def test_an_instant_is_written_in_utc_and_beyond_the_calendar_as_its_edge(at: int, text: str) -> None:
    assert rfc3339(at) == text
