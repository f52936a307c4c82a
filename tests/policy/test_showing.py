"""Does the description say what a policy does, all of it, in words that people use?"""

from pathlib import Path

import pytest

from stream.policy.showing import describe
from tests.policy.documents import HEAD, ON_TIME, RULE, head, read

HARBOUR = Path(__file__).parent / "harbour"
"""A policy of two versions that says something at nearly every key."""


def described(body: str) -> str:
    return describe(read(HEAD + body))


def test_the_whole_of_a_policy_is_said() -> None:
    policy = read(*((HARBOUR / name).read_text("utf-8") for name in ("1.toml", "2.toml")))
    assert describe(policy) == (HARBOUR / "shown.txt").read_text("utf-8")


def test_of_one_version_not_several_are_spoken_of() -> None:
    assert described("").startswith("Policy test, 1 version.\n")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("0.9", "less than 90 %"),
        ("0.900", "less than 90 %"),
        ("0.925", "less than 92.5 %"),
        ("1", "less than 100 %"),
        ("1e-3", "less than 0.1 %"),
        ("0.3333333333333333333333333333333333", "less than 33.33333333333333333333333333333333 %"),
        ("0", "less than 0 %"),
    ],
)
def test_a_share_is_said_in_percent_exactly(written: str, said: str) -> None:
    assert f"when {said} of all orders" in described(ON_TIME + RULE + f"warning.below = {written}\n")


def test_that_a_tier_looks_ahead_is_said() -> None:
    assert (
        "fires when less than 90 % of all orders were shipped on time, or would be so within 6 hours if nothing more were shipped. "
        in described(ON_TIME + RULE + 'warning = { below = 0.9, forecast = "6h" }\n')
    )


@pytest.mark.parametrize(
    ("window", "said"),
    [("1h", "the last hour, moving on every minute"), ("90d", "the last 90 days, moving on every hour")],
)
def test_a_window_is_said_as_people_say_it(window: str, said: str) -> None:
    assert said in described(ON_TIME + RULE.replace("30d", window) + "warning.below = 0.9\n")


def test_the_beginning_of_a_version_is_said_in_its_own_time_zone() -> None:
    text = describe(read(head(since="2023-12-31T16:00:00Z", zone="Asia/Shanghai")))
    assert "in force since 2024-01-01 00:00:00 (Asia/Shanghai)" in text
