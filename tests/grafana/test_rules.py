"""Do the rules fire just above their lines, keep silent just below, and say what to do?"""

import re
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml

from stream.ops.catalogue import CATALOGUE
from tests.grafana.dashboards import DASHBOARDS, panels
from tests.house.tree import ROOT
from tests.ops.prometheus import found

RULES = ROOT / "grafana" / "rules"
FILES = sorted(RULES.glob("*.yaml"))
TESTS = sorted((RULES / "tests").glob("*.yaml"))
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text("utf-8")
ADDRESS = "https://shopwatch.example/docs/runbook.md#"
NOT_OURS = {"up", "process_start_time_seconds"}
"""What Prometheus itself, and its client library, know."""


def rules() -> Iterator[Mapping[str, Any]]:
    for file in FILES:
        for group in yaml.safe_load(file.read_text("utf-8"))["groups"]:
            yield from group["rules"]


def expectations() -> Iterator[Mapping[str, Any]]:
    for file in TESTS:
        for test in yaml.safe_load(file.read_text("utf-8"))["tests"]:
            yield from test.get("alert_rule_test", ())


ALERTS = {rule["alert"]: rule for rule in rules() if "alert" in rule}
RECORDS = {rule["record"]: rule for rule in rules() if "record" in rule}


def promtool(*arguments: object) -> None:
    done = subprocess.run(  # noqa: S603 - Debian's
        [found("promtool"), *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_well_formed() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", *FILES)


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_they_fire_and_keep_silent_as_their_tests_say(file: object) -> None:
    promtool("test", "rules", file)


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_is_tested_firing_and_silent(alert: str) -> None:
    outcomes = [bool(each.get("exp_alerts")) for each in expectations() if each["alertname"] == alert]
    assert {True, False} <= set(outcomes)


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_says_what_is_up_and_its_runbook_what_to_do(alert: str) -> None:
    rule = ALERTS[alert]
    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"]["runbook_url"] == f"{ADDRESS}{alert.lower()}"
    section = RUNBOOK.partition(f"\n## {alert}\n")[2].partition("\n## ")[0]
    assert "**What.**" in section
    assert "**Do.**" in section


def test_the_runbook_tells_of_no_alert_that_there_is_not() -> None:
    assert re.findall(r"(?m)^## (\w+)$", RUNBOOK) == list(ALERTS)
    links = set(re.findall(r"\(#(\w+)\)", RUNBOOK))
    assert links <= {alert.lower() for alert in ALERTS}


def test_what_the_runbook_has_one_look_at_is_there() -> None:
    named = set(re.findall(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)", RUNBOOK)) - {"Making it again"}
    titles = {panel["title"] for dashboard in DASHBOARDS.values() for panel in panels(dashboard)}
    boards = {dashboard["title"].removeprefix("shopwatch / ") for dashboard in DASHBOARDS.values()}
    assert named & boards == {"Pipeline", "Marketplace"}
    assert named - boards <= titles


@pytest.mark.parametrize("rule", list(rules()), ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_asks_for_metrics_that_there_are_and_keeps_jobs_apart(rule: Mapping[str, Any]) -> None:
    names = {metric.name for metric in CATALOGUE} | set(RECORDS) | NOT_OURS
    used = set(re.findall(r"\b(?:\w+:)?(?:shopwatch|process)_[\w:]+|\bup\b", rule["expr"]))
    assert used
    assert {re.sub(r"_(bucket|sum|count)$", "", name) for name in used} <= names
    grouped = re.findall(r"\bby \(([\w, ]+)\)", rule["expr"])
    assert all("job" in re.split(", ", labels) for labels in grouped)
