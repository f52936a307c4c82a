"""Do many times read at once mean what each means by itself?"""

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from stream.backtest.timeline.times import instants
from tests.backtest.timeline.test_orders import QUICK
from topics.times import TimeError, parse_time

ZONES = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.builds(
    lambda at, zone, precision: at.astimezone(zone).isoformat(timespec=precision),
    st.datetimes(datetime(1905, 1, 1), datetime(2195, 1, 1), timezones=st.just(timezone.utc)),  # noqa: DTZ001, UP017
    ZONES,
    st.sampled_from(("seconds", "milliseconds", "microseconds")),
)
WRITTEN = st.one_of(
    MOMENTS, MOMENTS.map(lambda text: text[:19] + "Z"), MOMENTS.map(lambda text: text[:23] + "Z")
)
SPOILT = st.builds(
    lambda text, at, sign, left_out: text[: at % len(text)] + sign + text[at % len(text) + left_out :],
    WRITTEN,
    st.integers(0, 40),
    st.sampled_from(("0", "9", "-", ":", ".", "T", "Z", "+", " ", "\0", "x", "é", "")),
    st.integers(0, 2),
)


@QUICK
@given(st.lists(st.one_of(WRITTEN, SPOILT), min_size=1, max_size=50))
def test_t1_what_is_known_means_what_the_contract_says(texts: list[str]) -> None:
    """Finer digits are cut; what is no time is never known."""
    at, known = instants(texts)
    for text, found, right in zip(texts, at.tolist(), known.tolist(), strict=True):
        if right:
            assert found == parse_time(text)


def test_the_usual_ways_of_writing_a_time_are_known() -> None:
    usual = [
        "2024-02-29T23:59:59Z",
        "2024-02-29T23:59:59.999Z",
        "2024-02-29T23:59:59.999999Z",
        "2024-03-01T07:59:59+08:00",
        "2024-02-29T20:59:59.999-03:00",
        "2024-02-29T20:59:59.999999-03:00",
    ]
    at, known = instants(usual)
    assert known.all()
    assert at.tolist() == [parse_time(text) for text in usual]


def test_what_goes_on_behind_its_end_is_not_known() -> None:
    texts = [
        "2024-02-29T23:59:59Z",
        "2024-02-29T23:59:59Zx",
        "2024-02-29T23:59:59+08:00Z",
        "2024-02-29T23:59:59Z\0",
    ]
    assert instants(texts)[1].tolist() == [True, False, False, False]


def test_what_is_not_on_the_calendar_is_not_known() -> None:
    wrong = [
        "2023-02-29T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-00-10T00:00:00Z",
        "",
    ]
    assert not instants(wrong)[1].any()
    for text in wrong:
        try:
            parse_time(text)
        except TimeError:
            continue
        raise AssertionError(text)
