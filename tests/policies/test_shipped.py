"""Is each policy that ships right, is it tested at every line, and does it say what it was made to say?"""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from stream.backtest.scenario import SUFFIX, Suite, read_suite
from stream.backtest.scenario_run import run
from stream.policy.digests import meaning
from stream.policy.reading import Source, read_policies
from stream.policy.spec import Exemption, PolicySet

POLICIES = Path(__file__).parents[2] / "policies"
NAMES = sorted(path.stem for path in POLICIES.glob("*.toml") if not path.name.endswith(SUFFIX))
EPIDEMIC = "kuaishou-2021-epidemic"
SHANGHAI = ZoneInfo("Asia/Shanghai")

NOTICE = {
    ("2021-10-18", "2021-11-14"): "610100 152501 152923 230100",
    ("2021-10-22", "2021-11-14"): "110114 620700 620100 620900 620503 130500 152900",
    ("2021-10-23", "2021-11-14"): "620200 520300 640100 371100 650000",
    ("2021-10-28", "2021-11-14"): "231100",
    ("2021-10-30", "2021-11-14"): "130100 130600 230800 640300 620400 620600 620500 621200 150100 361100",
    ("2021-11-01", "2021-11-14"): "320400 410100 411621 510100 500000 623000",
    ("2021-11-06", "2021-11-21"): "210200",
}
"""The epidemic notice: promised from and to, and the regions."""

OLIST = """
[policy]
name = "olist"
version = "1"
effective_from = 2016-01-01T00:00:00-03:00
time_zone = "America/Sao_Paulo"
languages = ["en", "zh"]
[metrics.on_time]
kind = "on_time_ship"
[rules.late_shipping]
metric = "on_time"
window = "30d"
pane = "1h"
min_orders = 10
warning = { below = 0.90, clear_at = 0.92 }
critical = { below = 0.80, clear_at = 0.85, for = "0s", keep_firing_for = "0s" }
"""

NUMBER = re.compile(r"\b(?:below|above|clear_at|min_orders) = ([\d.]+)")


def text_of(name: str) -> str:
    return (POLICIES / f"{name}.toml").read_text("utf-8")


def policy_of(name: str) -> PolicySet:
    return read_policies([Source(name, text_of(name))])


@cache
def suite_of(name: str) -> Suite:
    return read_suite(POLICIES / f"{name}{SUFFIX}", lambda path: Source(path.name, path.read_text("utf-8")))


def fails(name: str, text: str) -> bool:
    """Whether any of its tests would fail if this stood in the policy's file."""
    changed = replace(suite_of(name), policy=read_policies([Source(name, text)]))
    return any(outcome.differences for outcome in run(changed))


def moved_numbers(text: str) -> Iterator[tuple[str, str]]:
    """Each number at which something fires or ends, by one order in a hundred to either side; its line, and the new text."""
    for match in NUMBER.finditer(text):
        for step in (-1, 1):
            number = match[1]
            moved = f"{float(number) + step / 100:.2f}" if "." in number else str(int(number) + step)
            line = text.count("\n", 0, match.start()) + 1
            yield f"{line}: {match[0]} -> {moved}", text[: match.start(1)] + moved + text[match.end(1) :]


def test_there_are_the_three() -> None:
    assert NAMES == [EPIDEMIC, "olist", "seed"]


@pytest.mark.parametrize("name", NAMES)
def test_it_does_what_its_tests_expect(name: str) -> None:
    assert [outcome for outcome in run(suite_of(name)) if outcome.differences] == []


@pytest.mark.parametrize("name", NAMES)
def test_r3_r4_each_of_its_numbers_has_a_test_on_either_side(name: str) -> None:
    assert [what for what, text in moved_numbers(text_of(name)) if not fails(name, text)] == []


def test_e6_each_region_of_the_notice_has_a_test() -> None:
    text = text_of(EPIDEMIC)
    regions = re.findall(r'"(\d{6})",', text)
    assert len(regions) == 34
    assert [
        region for region in regions if not fails(EPIDEMIC, text.replace(f'"{region}",', '"999999",'))
    ] == []


@pytest.mark.parametrize("name", NAMES)
def test_it_speaks_english_and_chinese(name: str) -> None:
    assert {language for version in policy_of(name).versions for language in version.languages} == {
        "en",
        "zh",
    }


def test_olist_is_the_example_of_the_design() -> None:
    assert meaning(policy_of("olist").versions) == meaning(read_policies([Source("design", OLIST)]).versions)


def test_e2_the_epidemic_notice_is_its_table() -> None:
    found = {named_range(each): each.regions for each in policy_of(EPIDEMIC).exemptions}
    assert found == {range_: frozenset(regions.split()) for range_, regions in NOTICE.items()}


def named_range(exemption: Exemption) -> tuple[str, str]:
    """Its dates; both ends included, to the last millisecond of their days (SEMANTICS T6)."""
    assert exemption.start is not None
    assert exemption.end is not None
    first, last = (datetime.fromtimestamp(at / 1000, SHANGHAI) for at in (exemption.start, exemption.end))
    assert first.strftime("%H:%M:%S.%f") == "00:00:00.000000"
    assert last.strftime("%H:%M:%S.%f") == "23:59:59.999000"
    return first.strftime("%Y-%m-%d"), last.strftime("%Y-%m-%d")


def test_every_exemption_of_the_notice_leaves_out_physical_orders_by_their_promise() -> None:
    for each in policy_of(EPIDEMIC).exemptions:
        assert (each.effect, each.anchor, each.region_of) == ("drop", "due", "either")
        assert (each.goods, each.published_at) == (frozenset({"physical"}), None)
        assert each.metrics == frozenset({"on_time", "pickup"})


def test_the_seed_weighs_70_to_20_to_10_and_says_that_its_numbers_are_nobodys_rule() -> None:
    (version,) = policy_of("seed").versions
    assert [(part.metric, part.weight) for part in version.scores["service"].parts] == [
        ("on_time", Fraction(70)),
        ("pickup", Fraction(20)),
        ("return", Fraction(10)),
    ]
    assert "found in no official rule" in text_of("seed")
    penalties = {
        f"{rule.name}.{tier.severity}": (tier.below or tier.above)
        for rule in version.rules.values()
        for tier in rule.tiers
        if tier.penalty
    }
    assert {name: number.text for name, number in penalties.items() if number} == {
        "late_shipping.demotion": "0.80",
        "returns.deduction": "0.10",
    }
