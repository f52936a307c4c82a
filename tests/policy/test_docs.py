"""Does docs/policy.md name every key that is read, with the defaults that hold, and are its examples right?"""

import re
from pathlib import Path
from typing import get_args

import pytest

from stream.backtest import scenario, scenario_events
from stream.backtest.scenario import Suite, read_suite
from stream.backtest.scenario_run import run
from stream.policy import exemptions, rules, scores, versions, windows
from stream.policy.kinds import KINDS
from stream.policy.reading import Source, read_policies
from stream.policy.spec import Effect

TEXT = (Path(__file__).parents[2] / "docs" / "policy.md").read_text("utf-8")
POLICY, TEST = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)

SECTIONS = {
    "## `[policy]`": versions._KEYS,
    "## `[metrics.NAME]`": {"kind"}.union(*(traits.keys for traits in KINDS.values())),
    "## `[rules.NAME]`": {"metric", "score", "clear_at", *windows.WINDOW_KEYS}
    | rules._COUNTS
    | rules._TIMERS
    | set(rules._THRESHOLDS),
    "## `[scores.NAME]`": scores._KEYS | scores._PART_KEYS,
    "## `[[exemptions]]`": exemptions._KEYS,
    "## Tests of a policy": scenario.FILE_KEYS
    | scenario.TEST_KEYS
    | scenario.EXPECT_KEYS
    | scenario.CHECK_KEYS
    | scenario_events.ORDER_KEYS
    | scenario_events.PROMISE_KEYS
    | scenario_events.EVENT_KEYS,
}
"""What the readers accept, under the headings where it is told."""

KNOWN = [(heading, key) for heading, keys in SECTIONS.items() for key in sorted(keys)]


def section(heading: str) -> str:
    """The text below a heading, up to the next of its rank."""
    return TEXT.split(f"\n{heading}\n")[1].split("\n## ")[0]


def first_cells(heading: str) -> set[str]:
    """What is named in the first column of its tables, in running text that says what is in an event, and in lists."""
    rows = [line.split("|")[1] for line in section(heading).splitlines() if line.startswith("|")]
    prose = [line for line in section(heading).splitlines() if line.startswith("In a")]
    inner = re.findall(r"list of (`at`.*?)\|", section(heading))
    return set(re.findall(r"`(\w+)`", " ".join(rows + prose + inner)))


@pytest.mark.parametrize(("heading", "key"), KNOWN)
def test_every_key_that_is_read_is_told(heading: str, key: str) -> None:
    assert key in first_cells(heading)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told_with_its_unit_and_its_word(kind: str) -> None:
    traits = next(traits for name, traits in KINDS.items() if name == kind)
    (row,) = [line for line in TEXT.splitlines() if line.startswith(f"| `{kind}` (U")]
    assert row.endswith(f"`{traits.beyond}` |")


@pytest.mark.parametrize("effect", get_args(Effect))
def test_every_effect_is_told(effect: str) -> None:
    assert f"| `{effect}` |" in section("## `[[exemptions]]`")


def test_the_example_of_a_policy_is_right_and_does_what_its_tests_expect() -> None:
    files = {"harbour.toml": POLICY, "harbour.test.toml": TEST}
    suite: Suite = read_suite(Path("harbour.test.toml"), lambda path: Source(path.name, files[path.name]))
    assert len(suite.scenarios) == 2
    assert [outcome for outcome in run(suite) if outcome.differences] == []


def test_the_defaults_that_are_told_are_those_that_hold() -> None:
    (version,) = read_policies([Source("p", POLICY)]).versions
    assert version.languages == ("en",)
    assert '| `languages` | list of `en`, `zh` | `["en"]` |' in TEXT
    assert version.keep == 60 * 86_400_000
    assert '| `keep` | duration | `"60d"` |' in TEXT
    assert version.metrics["on_time"].pickup_within == 86_400_000
    assert '| `pickup_within` | duration | `"24h"` |' in TEXT
