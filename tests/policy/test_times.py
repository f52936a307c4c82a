"""Which instant does a written time mean, and how long is a duration?  (SEMANTICS T6)"""

from datetime import UTC, datetime

import pytest

from stream.policy.durations import duration_text, duration_words, duration_words_zh, milliseconds
from stream.policy.spec import Exemption
from tests.policy.documents import EXEMPTION, HEAD, ON_TIME, head, read

DAY = 86_400_000


def utc(written: str) -> int:
    """The milliseconds of a time of UTC."""
    return round(datetime.fromisoformat(written).replace(tzinfo=UTC).timestamp() * 1000)


def start_of(written: str, zone: str) -> int:
    return read(head(since=written, zone=zone)).versions[0].effective_from


def storm(body: str, zone: str = "UTC") -> Exemption:
    (exemption,) = read(head(zone=zone) + ON_TIME + EXEMPTION + body).exemptions
    return exemption


@pytest.mark.parametrize(
    ("written", "length"),
    [
        ("1ms", 1),
        ("90s", 90_000),
        ("1m", 60_000),
        ("24h", DAY),
        ("1d", DAY),
        ("2w", 14 * DAY),
        ("1d12h", DAY + DAY // 2),
        ("12h1d", DAY + DAY // 2),
        ("1h1h", 7_200_000),
        ("1m1ms", 60_001),
        ("007d", 7 * DAY),
        ("0s", 0),
    ],
)
def test_t6_a_duration_is_whole_numbers_with_units_added_up(written: str, length: int) -> None:
    assert milliseconds(written) == length


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "1",
        "h",
        "1.5h",
        "-1h",
        "+1h",
        "1 h",
        " 1h",
        "1h ",
        "1H",
        "1y",
        "1h30",
        "1e3s",
        "\uff11h",
        "1h\n",
        "9" * 13 + "d",
    ],
)
def test_t6_anything_else_is_no_duration(written: str) -> None:
    assert milliseconds(written) is None


@pytest.mark.parametrize(
    ("length", "text", "words", "chinese"),
    [
        (0, "0s", "no time", "0 秒"),
        (1, "1ms", "1 millisecond", "1 毫秒"),
        (DAY + DAY // 2, "1d12h", "1 day 12 hours", "1 天 12 小时"),
        (14 * DAY, "14d", "14 days", "14 天"),
        (3_661_000, "1h1m1s", "1 hour 1 minute 1 second", "1 小时 1 分钟 1 秒"),
    ],
)
def test_a_duration_is_written_as_short_as_it_can_be_and_said_in_two_languages(
    length: int, text: str, words: str, chinese: str
) -> None:
    assert (duration_text(length), duration_words(length), duration_words_zh(length)) == (
        text,
        words,
        chinese,
    )


@pytest.mark.parametrize(
    ("written", "zone", "meant"),
    [
        ("2024-01-01T00:00:00", "Asia/Shanghai", "2023-12-31T16:00:00"),
        ("2024-01-01 00:00:00", "Asia/Shanghai", "2023-12-31T16:00:00"),
        ("2024-01-01T00:00:00Z", "Asia/Shanghai", "2024-01-01T00:00:00"),
        ("2024-01-01T00:00:00-03:00", "Asia/Shanghai", "2024-01-01T03:00:00"),
        ("2018-11-03T23:59:59", "America/Sao_Paulo", "2018-11-04T02:59:59"),
        ("2018-11-04T01:00:00", "America/Sao_Paulo", "2018-11-04T03:00:00"),
        ("2024-07-01T00:00:00", "Europe/Berlin", "2024-06-30T22:00:00"),
    ],
)
def test_t6_a_time_without_an_offset_is_of_the_time_zone_of_the_policy(
    written: str, zone: str, meant: str
) -> None:
    assert start_of(written, zone) == utc(meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-10-27T01:59:59", "2024-10-26T23:59:59"),
        ("2024-10-27T02:00:00", "2024-10-27T00:00:00"),
        ("2024-10-27T02:30:00", "2024-10-27T00:30:00"),
        ("2024-10-27T03:00:00", "2024-10-27T02:00:00"),
    ],
)
def test_t6_of_a_doubled_local_hour_the_first_is_meant(written: str, meant: str) -> None:
    assert start_of(written, "Europe/Berlin") == utc(meant)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-03-31T01:59:59", "2024-03-31T00:59:59"),
        ("2024-03-31T02:00:00", "2024-03-31T01:00:00"),
        ("2024-03-31T02:30:00", "2024-03-31T01:30:00"),
        ("2024-03-31T03:00:00", "2024-03-31T01:00:00"),
    ],
)
def test_t6_a_skipped_local_hour_has_the_offset_before_it(written: str, meant: str) -> None:
    assert start_of(written, "Europe/Berlin") == utc(meant)


def test_t6_the_zone_holds_wherever_in_the_file_it_stands() -> None:
    body = head(zone="Asia/Shanghai").replace("[policy]\n", "")
    text = EXEMPTION + "from = 2024-01-01T00:00:00\n" + ON_TIME + "[policy]\n" + body
    assert read(text).exemptions[0].start == utc("2023-12-31T16:00:00")


@pytest.mark.parametrize(
    ("written", "last"),
    [
        ("2024-01-01T23:59:59Z", "2024-01-01T23:59:59.999"),
        ("2024-01-01T23:59:59 # a comment with a . in it", "2024-01-01T23:59:59.999"),
        ("2024-01-02T00:00:00+08:00", "2024-01-01T16:00:00.999"),
        ("2024-01-01T23:59:59.000Z", "2024-01-01T23:59:59"),
        ("2024-01-01T23:59:59.5Z", "2024-01-01T23:59:59.500"),
        ("2024-01-01T23:59:59.9999Z", "2024-01-01T23:59:59.999"),
    ],
)
def test_t6_a_to_on_a_whole_second_includes_it_and_one_with_a_fraction_ends_there(
    written: str, last: str
) -> None:
    assert storm(f"to = {written}\n").end == utc(last)


def test_t6_only_to_is_widened() -> None:
    exemption = storm("from = 2024-01-01T00:00:00Z\npublished_at = 2024-01-02T00:00:00Z\n")
    assert (exemption.start, exemption.published_at) == (
        utc("2024-01-01T00:00:00"),
        utc("2024-01-02T00:00:00"),
    )
    extended = (HEAD + ON_TIME + EXEMPTION).replace('"drop"', '"extend"') + "until = 2024-02-01T00:00:00Z\n"
    assert read(extended).exemptions[0].until == utc("2024-02-01T00:00:00")


def test_e1_a_range_of_one_second_is_a_range() -> None:
    exemption = storm("from = 2024-01-01T00:00:00.5Z\nto = 2024-01-01T00:00:00Z\n")
    assert (exemption.start, exemption.end) == (
        utc("2024-01-01T00:00:00.500"),
        utc("2024-01-01T00:00:00.999"),
    )


def test_t1_digits_finer_than_a_millisecond_are_cut_also_before_1970() -> None:
    assert start_of("2024-01-01T00:00:00.0009999Z", "UTC") == utc("2024-01-01T00:00:00")
    assert start_of("1969-12-31T23:59:59.9999Z", "UTC") == -1


@pytest.mark.parametrize(
    "written", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00"]
)
def test_the_edges_of_the_calendar_are_times_too(written: str) -> None:
    assert abs(start_of(written, "Asia/Shanghai")) > utc("2200-01-01")
