"""What is said of an alert, and that it fits."""

import json
from zoneinfo import ZoneInfo

import pytest

from stream.merchant.notify.wording import MAX_BODY_BYTES, MAX_TEXT, digest, line_in, of_alert, of_hold
from tests.merchant.notify.stories import NOW, alert, merchant, over

ZH = merchant("acme", language="zh", zone=ZoneInfo("Asia/Shanghai"))
EN = merchant("acme", language="en", zone=ZoneInfo("America/New_York"))


def test_a_merchant_reads_their_language_and_their_clock() -> None:
    said = of_alert(alert("a"), "firing", 0, ZH, NOW)
    assert said.title == "s1：late 触发 warning"
    assert said.text.splitlines() == [
        "late 触发 warning：近 30 天 按时发货率 70 %。",
        "自 2026-09-21 22:13 (Asia/Shanghai)",
        "订单 o1：to be shipped by noon, not shipped yet",
    ]
    document = json.loads(said.body)
    assert document["type"] == "alert.firing"
    assert document["timestamp"] == document["data"]["fired_at"] == "2026-09-21T22:13:20.000+08:00"
    assert document["data"]["message"] == "late 触发 warning：近 30 天 按时发货率 70 %。"


def test_times_within_sentences_are_the_merchants_too() -> None:
    """To the second for people, who are told the zone; exactly, with the offset, for programs."""
    foreseen = alert(
        "a",
        message="late is soon: will fall below 80 % at 2026-09-21 12:00:00.250+02:00 unless 1 order ships.",
        evidence=[
            {
                "order_id": "o1",
                "verdict": "open",
                "why": "to be shipped by 2026-09-21 12:00:00.250+02:00, not shipped yet",
            }
        ],
    )
    for merchant_, clock, iso, why in (
        (EN, "06:00:00", "06:00:00.250-04:00", "to be shipped by 2026-09-21 {}, not shipped yet"),
        (ZH, "18:00:00", "18:00:00.250+08:00", "应于 2026-09-21 {} 前发货，尚未发货"),
    ):
        said = of_alert(foreseen, "firing", 0, merchant_, NOW)
        assert f"will fall below 80 % at 2026-09-21 {clock} unless" in said.text
        assert said.text.endswith(why.format(clock))
        data = json.loads(said.body)["data"]
        assert f"will fall below 80 % at 2026-09-21 {iso} unless" in data["message"]
        assert data["evidence"][0]["why"] == why.format(iso)


def test_the_end_says_when_and_that_it_was_a_mistake_if_it_was() -> None:
    said = of_alert(over(alert("a"), "corrected"), "resolved", 0, EN, NOW)
    assert said.title == "s1: corrected, late was not warning"
    assert "from 2026-09-21 10:13 to 2026-09-21 11:13 (America/New_York)" not in said.text
    assert "from 2026-09-21 10:13 (America/New_York) to 2026-09-21 11:13 (America/New_York)" in said.text
    document = json.loads(said.body)
    assert (document["data"]["corrected"], document["data"]["resolved_because"]) == (True, "corrected")
    assert document["timestamp"] == "2026-09-21T11:13:20.000-04:00"


def test_a_repetition_says_which_it_is_and_when() -> None:
    document = json.loads(of_alert(alert("a"), "still_firing", 3, ZH, NOW + 60_000).body)
    assert (document["type"], document["data"]["repeats"]) == ("alert.still_firing", 3)
    assert document["timestamp"] == "2026-09-21T22:14:20.000+08:00"


@pytest.mark.parametrize("sign", ["x", "店", '"'])
def test_a_document_has_less_than_20_kb_and_says_how_much_was_left_out(sign: str) -> None:
    evidence = [{"order_id": sign * 80, "verdict": "late", "why": sign * 900} for _ in range(20)]
    body = of_alert(alert("a", evidence=evidence), "firing", 0, ZH, NOW).body
    data = json.loads(body)["data"]
    assert len(body.encode()) < MAX_BODY_BYTES
    assert len(data["evidence"]) + data["evidence_left_out"] == 20
    assert data["evidence"]
    hostile = alert("a", evidence=evidence, rule=sign * 9_000, message=sign * 30_000, policy=sign * 9_000)
    said = of_alert(hostile, "firing", 0, ZH, NOW)
    assert len(said.body.encode()) < MAX_BODY_BYTES
    assert len(said.text) <= MAX_TEXT
    assert len(said.title) < 300


def test_names_with_line_breaks_are_one_line() -> None:
    assert "\n" not in of_alert(alert("a", shop="s\n1"), "firing", 0, EN, NOW).title


@pytest.mark.parametrize(
    ("message", "language", "line"),
    [
        ("one\n二", "en", "one"),
        ("one\n二", "zh", "二"),
        ("二\none", "en", "one"),
        ("one", "zh", "one"),
        ("", "en", ""),
    ],
)
def test_the_line_of_a_language_is_found_and_else_the_first(message: str, language: str, line: str) -> None:
    assert line_in(message, language) == line  # type: ignore[arg-type]


def test_a_digest_counts_what_finds_no_room() -> None:
    title, text = digest([f"message {number} {'x' * 80}" for number in range(90)], "en")
    assert title == "90 messages on your shops"
    shown = text.count("message ")
    assert text.endswith(f"and {90 - shown} more")
    assert digest(["a", "b"], "zh") == ("您的店铺有 2 条消息", "a\nb")


def test_operators_are_told_why_and_what_to_type() -> None:
    said = of_hold("mass", "30 of 60 shops", EN, NOW)
    assert "30 of 60 shops" in said.text
    assert "shopwatch notify release" in said.text
    assert json.loads(said.body)["data"]["reason"] == "mass"
