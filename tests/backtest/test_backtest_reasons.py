"""Is it said why an alert changed: by which setting, at which counts of either policy?"""

import pytest

from stream.backtest.settings import Setting
from tests.backtest.asking import Case, orders, policy

SLUMP = orders(good=(1.0, 1.1, 1.2, 1.3), bad=(2.0, 3.0))
NEVER = policy("alarm = { below = 0 }")
SCORE = """
[scores.s]
window = "10h"
pane = "1h"
parts = [{{ metric = "m", weight = 1 }}]
[rules.q]
score = "s"
low = {{ below = {} }}
"""


def tier(text: str) -> str:
    return policy(f"alarm = {{ {text} }}")


@pytest.mark.parametrize(
    ("baseline", "candidate", "settings", "sentences"),
    [
        (
            tier("below = 0.6"),
            tier("below = 0.8"),
            [["below"]],
            [
                (
                    "the candidate fires: 66.66 % (4 good, 2 bad of 6) is below 0.8; "
                    "the baseline does not: 66.66 % (4 good, 2 bad of 6) is not below 0.6"
                )
            ],
        ),
        (
            tier("below = 0.8, min_orders = 7"),
            tier("below = 0.8"),
            [["min_orders"]],
            [
                (
                    "the candidate fires: 66.66 % (4 good, 2 bad of 6) is below 0.8; "
                    "the baseline does not: 66.66 % (4 good, 2 bad of 6) are fewer than min_orders, 7"
                )
            ],
        ),
        (
            tier("below = 0.8"),
            tier("below = 0.8, min_bad = 3"),
            [["min_bad"]],
            [
                (
                    "the baseline fires: 66.66 % (4 good, 2 bad of 6) is below 0.8; "
                    "the candidate does not: 66.66 % (4 good, 2 bad of 6) are fewer bad than min_bad, 3"
                )
            ],
        ),
        (
            tier("below = 0.1"),
            tier("below = 0.1, bad_above = 1"),
            [["bad_above"]],
            [
                (
                    "the candidate fires: 66.66 % (4 good, 2 bad of 6) is more than 1 bad; "
                    "the baseline does not: 66.66 % (4 good, 2 bad of 6) is not below 0.1"
                )
            ],
        ),
        (
            tier("below = 0.8"),
            tier("below = 0.8, for = '1d'"),
            [["for"]],
            [
                (
                    "the baseline fires: 66.66 % (4 good, 2 bad of 6) is below 0.8; "
                    "the candidate does not: 66.66 % (4 good, 2 bad of 6) is below 0.8, but not yet for 1d"
                )
            ],
        ),
        (
            tier("below = 0.8"),
            tier("below = 0.8, keep_firing_for = '2h'"),
            [["keep_firing_for"]],
            [
                (
                    "the baseline resolves: 0 counted are fewer than min_orders, 1; "
                    "the candidate does not: 0 counted is clear at 0.8, but not yet for 2h"
                )
            ],
        ),
    ],
)
def test_the_setting_that_parted_them_is_named_with_what_both_saw(
    baseline: str, candidate: str, settings: list[list[str]], sentences: list[str]
) -> None:
    case = Case(SLUMP, baseline, candidate, 0, 20)
    assert (case.settings, case.sentences) == (settings, sentences)


def test_clear_at_is_named_where_one_has_come_back_over_its_line_and_not_over_that() -> None:
    events = [*SLUMP, *orders(good=[4 + n / 10 for n in range(5)])]
    case = Case(events, tier("below = 0.8"), tier("below = 0.8, clear_at = 0.95"), 0, 6)
    assert case.said == [("longer",)]
    assert case.settings == [["clear_at"]]
    assert case.sentences == [
        (
            "the baseline resolves: 80.00 % (8 good, 2 bad of 10) is clear at 0.8; "
            "the candidate does not: 80.00 % (8 good, 2 bad of 10) is not yet clear at 0.95"
        )
    ]


def test_where_other_counts_were_seen_what_they_hang_on_is_named() -> None:
    # Within two hours there are the last good one and the bad ones only.
    case = Case(SLUMP, tier("below = 0.6"), policy("alarm = { below = 0.6 }", window="2h"), 0, 20)
    assert case.settings[0] == ["window"]
    (first, *_) = case.answer.changes[0].why
    assert (first.baseline and first.baseline.counted, first.candidate and first.candidate.counted) == (6, 2)


def test_where_both_the_line_and_the_counts_parted_them_both_are_named() -> None:
    case = Case(SLUMP, tier("below = 0.6"), policy("alarm = { below = 0.65 }", window="2h"), 0, 10)
    assert case.settings[0] == ["below", "window"]


@pytest.mark.parametrize(
    ("candidate", "settings"),
    [
        ("below = 0.8, min_orders = 2, for = '1d'", [["for"]]),
        ("below = 0.8, min_orders = 2, clear_at = 0.95, keep_firing_for = '1h'", [["clear_at"]]),
    ],
)
def test_of_several_settings_only_what_the_silent_one_waits_for_is_named(
    candidate: str, settings: list[list[str]]
) -> None:
    events = [*SLUMP, *orders(good=[4 + n / 10 for n in range(5)])]
    assert Case(events, tier("below = 0.8"), tier(candidate), 0, 6).settings == settings


def test_settings_that_differ_and_did_not_matter_are_left_out() -> None:
    case = Case(SLUMP, tier("below = 0.6, min_orders = 2"), tier("below = 0.8, min_orders = 3"), 0, 10)
    assert case.settings == [["below"]]


def test_a_tier_that_only_one_has_is_named_as_such() -> None:
    case = Case(SLUMP, policy("other = { below = 0.1 }"), tier("below = 0.8"), 0, 10)
    assert case.settings == [["tier"]]
    assert case.sentences[0].endswith("the baseline does not: it has no such tier then")
    assert case.answer.changes[0].why[0].baseline is None


def test_a_score_is_told_by_its_number() -> None:
    case = Case(
        SLUMP,
        policy("alarm = { below = 0 }", more=SCORE.format("0.5")),
        policy("alarm = { below = 0 }", more=SCORE.format("0.7")),
        0,
        3,
    )
    assert case.settings == [["below"]]
    assert case.sentences == [
        "the candidate fires: a score of 0.666667 is below 0.7; the baseline does not: a score of 0.666667 is not below 0.5"
    ]


def test_digits_are_cut_so_that_what_is_below_a_line_is_never_said_to_be_at_it() -> None:
    events = orders(good=[1 + n / 10_000 for n in range(1999)], bad=[2 + n / 1000 for n in range(501)])
    case = Case(events, NEVER, tier("below = 0.8, min_orders = 2500"), 0, 3)
    assert case.sentences[0].startswith(
        "the candidate fires: 79.96 % (1999 good, 501 bad of 2500) is below 0.8"
    )


def test_an_alert_beside_a_match_is_told_as_such() -> None:
    # Good again for a while at hour 4, and bad again at hour 5: the baseline, slow to clear, fires through.
    events = [*SLUMP, *orders(good=[4 + n / 10 for n in range(5)], bad=(5.0,))]
    case = Case(events, tier("below = 0.8, clear_at = 0.95"), tier("below = 0.8"), 0, 8)
    assert case.said == [("shorter",), ("added",)]
    assert case.answer.changes[1].change.beside == case.answer.baseline.episodes[0].alert_id
    assert case.sentences[1] == (
        "the candidate fires: 75.00 % (9 good, 3 bad of 12) is below 0.8; the baseline does not: "
        "it has been firing since before, at 75.00 % (9 good, 3 bad of 12) now; that alert is already a match of another one"
    )


def test_what_the_candidate_changes_is_told_by_whole_names_each_once() -> None:
    before = policy("a = { below = 0.8 }\nb = { below = 0.5 }\nold = { below = 0.1 }")
    after = policy(
        "a = { below = 0.85 }\nb = { below = 0.5 }\nnew = { below = 0.1 }", window="12h", metric='lag = "2h"'
    )
    assert Case(SLUMP, before, after, 0, 20).answer.settings == [
        Setting("rules.r.a.below", "0.8", "0.85"),
        Setting("rules.r.a.clear_at", "0.8", "0.85"),
        Setting("rules.r.window", "10h", "12h"),
        Setting("metrics.m.lag", "0s", "2h"),
        Setting("rules.r.old", "there", "none"),
        Setting("rules.r.new", "none", "there"),
    ]


def test_an_exemption_that_only_one_has_is_a_setting() -> None:
    exemption = """
[[exemptions]]
id = "spared"
metrics = ["m"]
effect = "drop"
anchor = "paid"
"""
    case = Case(SLUMP, policy(), policy(more=exemption), 0, 20)
    assert (case.said, case.settings) == ([("removed",)], [["exemptions.spared"]])
