"""Is the digest of a policy the same exactly if it means the same?"""

import re

import pytest

from stream.policy.digests import meaning
from tests.policy.documents import EXEMPTION, HEAD, ON_TIME, PICKUP, RULE, head, read

SCORE = """
[scores.health]
window = "30d"
parts = [{ metric = "on_time", weight = 70 }, { metric = "pickup", weight = 20 }]
"""
DATED = EXEMPTION + "from = 2024-01-01T00:00:00Z\nto = 2024-01-02T00:00:00Z\n"
WHOLE = (
    HEAD + ON_TIME + PICKUP + RULE + "warning = { below = 0.9 }\ncritical = { below = 0.8 }\n" + SCORE + DATED
)


def exchanged(*pairs: tuple[str, str]) -> str:
    text = WHOLE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text


SAME = {
    "a comment": exchanged(("[policy]", "# hello\n[policy]")),
    "ends of lines": WHOLE.replace("\n", "\r\n"),
    "a number with more zeros": exchanged(("below = 0.9", "below = 0.900")),
    "a number with an exponent": exchanged(("below = 0.9", "below = 9e-1")),
    "a weight as a decimal": exchanged(("weight = 70", "weight = 70.0")),
    "a duration in other units": exchanged(('"30d"', '"720h"')),
    "a time in another offset": exchanged(
        ("from = 2024-01-01T00:00:00Z", "from = 2024-01-01T08:00:00+08:00")
    ),
    "a time in local words": exchanged(("from = 2024-01-01T00:00:00Z", "from = 2024-01-01T00:00:00")),
    "a default written out": exchanged(
        ("[rules.late]", '[rules.late]\npane = "1h"\nmin_orders = 1\nfor = "0s"')
    ),
    "the default of clear_at": exchanged(("below = 0.9 ", "below = 0.9, clear_at = 0.90 ")),
    "all goods of an exemption": exchanged(
        ('id = "storm"', 'id = "storm"\ngoods = ["physical", "virtual", "presale", "custom"]')
    ),
    "the order of tiers": exchanged(
        ("warning = { below = 0.9 }\ncritical = { below = 0.8 }", "critical.below = 0.8\nwarning.below = 0.9")
    ),
    "the order of tables": HEAD
    + DATED
    + SCORE
    + PICKUP
    + ON_TIME
    + WHOLE[WHOLE.index(RULE) : WHOLE.index(SCORE)],
    "a list as a set": exchanged(('metrics = ["on_time"]', 'metrics = ["on_time", "on_time"]')),
}
OTHER = {
    "the name": exchanged(('"test"', '"toast"')),
    "the version": exchanged(('"1"', '"2"')),
    "the start": exchanged(("effective_from = 2024-01-01", "effective_from = 2024-01-02")),
    "the languages": exchanged(("[metrics.on_time]", 'languages = ["zh"]\n[metrics.on_time]')).replace(
        "\n\nlang", "\nlang"
    ),
    "what is kept": exchanged(('time_zone = "UTC"', 'time_zone = "UTC"\nkeep = "61d"')),
    "a threshold": exchanged(("below = 0.9", "below = 0.91")),
    "a forecast": exchanged(("below = 0.9 ", "below = 0.9, forecast = '6h' ")),
    "a severity": exchanged(("warning", "notice")),
    "the name of a rule": exchanged(("rules.late", "rules.tardy")),
    "a penalty": exchanged(("below = 0.9 ", "below = 0.9, penalty = true ")),
    "no min_bad and one of 0": exchanged(("below = 0.9 ", "below = 0.9, min_bad = 0 ")),
    "a metric's goods": exchanged(('"on_time_ship"', '"on_time_ship"\ngoods = ["physical"]')),
    "a weight": exchanged(("weight = 70", "weight = 71")),
    "a part with points": exchanged(("weight = 70", "weight = 70, points = [[0, 0], [1, 1]]")),
    "what is missing": exchanged(("[scores.health]", "[scores.health]\nmissing = 0")),
    "the end of an exemption": exchanged(("to = 2024-01-02T00:00:00Z", "to = 2024-01-02T00:00:00.000Z")),
    "the effect of an exemption": exchanged(('"drop"', '"forgive"')),
    "when an exemption is published": exchanged(
        ('id = "storm"', 'id = "storm"\npublished_at = 2024-01-01T00:00:00Z')
    ),
    "a region": exchanged(('id = "storm"', 'id = "storm"\nregions = ["61"]')),
}


@pytest.mark.parametrize("what", SAME)
def test_what_is_written_otherwise_and_means_the_same_has_the_same_digest(what: str) -> None:
    assert SAME[what] != WHOLE
    assert read(SAME[what]).digest == read(WHOLE).digest


@pytest.mark.parametrize("what", OTHER)
def test_what_means_something_else_has_another_digest(what: str) -> None:
    assert read(OTHER[what]).digest != read(WHOLE).digest


def test_the_order_of_files_and_the_file_an_exemption_stands_in_say_nothing() -> None:
    second = head("2", "2024-02-01T00:00:00Z") + ON_TIME
    digests = {
        read(HEAD + ON_TIME + DATED, second).digest,
        read(second, HEAD + ON_TIME + DATED).digest,
        read(HEAD + ON_TIME, second + DATED).digest,
    }
    assert len(digests) == 1


def test_a_policy_without_a_forecast_means_what_it_meant_before_there_were_any() -> None:
    for tier in read(WHOLE).versions[0].rules["late"].tiers:
        assert "forecast" not in str(meaning(tier))


def test_a_digest_is_a_sha_256_in_hexadecimal() -> None:
    assert re.fullmatch("[0-9a-f]{64}", read(WHOLE).digest)
