"""What a merchant reads of evidence: in their zone, and in Chinese."""

from zoneinfo import ZoneInfo

import pytest

from stream.merchant.notify.reasons import in_zone, why_in
from tests.merchant.sentences import ZONE, sentences

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(("english", "chinese"), list(sentences()))
def test_every_sentence_of_the_engine_is_known_in_chinese(english: str, chinese: str) -> None:
    assert in_zone(why_in("zh", english), ZONE) == chinese
    assert why_in("en", english) == english


def test_a_sentence_that_is_not_known_stays_as_it_is() -> None:
    assert why_in("zh", "lost at sea, not shipped yet") == "lost at sea, not shipped yet"


@pytest.mark.parametrize(
    ("written", "read", "exactly"),
    [
        ("2024-07-01 12:00:00.250+08:00", "2024-07-01 06:00:00", "2024-07-01 06:00:00.250+02:00"),
        ("2024-01-01 00:30:00-03:00", "2024-01-01 04:30:00", "2024-01-01 04:30:00+01:00"),
        ("1900-01-01 00:00:00+08:05:43", "1899-12-31 16:54:17", "1899-12-31 16:54:17+01:00"),
        ("2024-01-01 12:00:00", "2024-01-01 12:00:00", "2024-01-01 12:00:00"),
    ],
)
def test_times_are_put_into_the_merchants_zone_where_their_own_is_known(
    written: str, read: str, exactly: str
) -> None:
    assert in_zone(f"by {written}, late", BERLIN) == f"by {read}, late"
    assert in_zone(f"by {written}, late", BERLIN, exact=True) == f"by {exactly}, late"


def test_what_only_looks_like_a_time_is_let_be() -> None:
    for text in ("order 2024-13-45 25:61:00+08:00", "order 0001-01-01 00:00:00+08:00"):
        assert in_zone(text, BERLIN) == text
