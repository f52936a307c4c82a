"""Do the dashboards keep the rules of Grafana's own dashboard-linter, and ours?"""

import re
import subprocess
from itertools import combinations
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from stream.ops.catalogue import CATALOGUE
from tests.grafana.dashboards import DASHBOARDS, EXPRESSIONS, QUERIED, Asked, Json, asking, panels
from tests.house.tree import ROOT
from tests.ops.prometheus import found

EVERY = pytest.mark.parametrize("dashboard", DASHBOARDS.values(), ids=DASHBOARDS)
EACH = pytest.mark.parametrize("asked", EXPRESSIONS, ids=str)

UNITS = {"short", "s", "percentunit", "bytes", "cps", "wps", "ops"}
"""Those of Grafana's that fit base units; all are in the linter's list."""

SELECTOR = re.compile(r"\b((?:shopwatch|process)_\w+|up)(\{[^}]*\})?")
PROVIDED = {"up", "process_start_time_seconds", "process_cpu_seconds_total", "process_resident_memory_bytes"}
BUILT_IN = {"__rate_interval", "__range", "__data", "__url_time_range", "datasource"}


def variables(dashboard: Json) -> dict[str, Json]:
    return {variable["name"]: variable for variable in dashboard["templating"]["list"]}


def test_they_are_the_four_that_people_open_and_their_addresses_never_change() -> None:
    assert {name: dashboard["uid"] for name, dashboard in DASHBOARDS.items()} == {
        name: f"shopwatch-{name}" for name in ("marketplace", "pipeline", "rules", "shop")
    }


@EVERY
def test_the_datasource_is_chosen_and_so_are_job_and_instance(dashboard: Json) -> None:
    chosen = variables(dashboard)
    datasource = chosen["datasource"]
    assert (datasource["type"], datasource["query"], datasource["label"]) == (
        "datasource",
        "prometheus",
        "Data source",
    )
    for name in ("job", "instance"):
        variable = chosen[name]
        assert variable["label"] == name.title()
        assert (variable["type"], variable["multi"], variable["allValue"]) == ("query", True, ".+")


@EVERY
def test_values_to_choose_from_are_asked_for_again_with_another_time_range(dashboard: Json) -> None:
    for variable in variables(dashboard).values():
        if variable["type"] == "query":
            assert variable["refresh"] == 2
            assert variable["datasource"]["uid"] == "${datasource}"
            assert re.fullmatch(r"label_values\(.+, \w+\)", variable["query"]["query"])


@EVERY
def test_every_panel_says_what_it_shows_in_which_unit_from_the_chosen_datasource(dashboard: Json) -> None:
    titles = [panel["title"] for panel in panels(dashboard)]
    assert all(titles)
    for panel in asking(dashboard):
        assert panel["description"].endswith("."), panel["title"]
        assert panel["targets"]
        assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
        for asked in (panel, *panel["targets"]):
            assert asked["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


@EVERY
def test_panels_have_numbers_of_their_own_and_do_not_lie_on_each_other(dashboard: Json) -> None:
    every = dashboard["panels"]
    assert len({panel["id"] for panel in every}) == len(every)
    for one, other in combinations([panel["gridPos"] for panel in every], 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart
        assert one["x"] + one["w"] <= 24


@EVERY
def test_nobody_edits_what_is_made(dashboard: Json) -> None:
    assert dashboard["editable"] is False
    assert dashboard["links"][0]["tags"] == dashboard["tags"] == ["shopwatch"]
    assert "id" not in dashboard, "Grafana gives its own"


@EACH
def test_an_expression_asks_for_the_chosen_jobs_of_metrics_that_there_are(asked: Asked) -> None:
    names = {metric.name for metric in CATALOGUE} | PROVIDED
    selected = SELECTOR.findall(asked.expression)
    assert selected
    for name, matchers in selected:
        assert re.sub(r"_(bucket|sum|count)$", "", name) in names
        assert 'job=~"$job", instance=~"$instance"' in matchers


@EACH
def test_a_counter_is_asked_how_fast_it_grows_over_a_range_that_fits_the_panel(asked: Asked) -> None:
    for function, over in re.findall(r"(\w+)\([^()]*\[([^\]]+)\]\)", asked.expression):
        assert over in {"$__rate_interval", "$__range"}
        assert over == "$__rate_interval" or function not in {"rate", "irate"}
    counters = re.findall(r"(\w+\()?\w+_total\{", asked.expression)
    assert all(function in {"rate(", "increase("} for function in counters)


def test_every_expression_is_promql_of_prometheus_2_42(tmp_path: Path) -> None:
    values = {"__rate_interval": "1m", "__range": "1h"}
    written = [
        {"record": f"e{number}", "expr": asked.filled(values)} for number, asked in enumerate(EXPRESSIONS)
    ]
    file = tmp_path / "expressions.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": written}]}), "utf-8")
    done = subprocess.run(  # noqa: S603 - Debian's
        [found("promtool"), "check", "rules", "--lint=none", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@EVERY
def test_no_variable_is_used_that_cannot_be_chosen(dashboard: Json) -> None:
    used = set(re.findall(r"\$\{?(\w+)", str(dashboard["panels"]) + str(QUERIED)))
    own = {name for name in used if name in variables(dashboard)}
    others = {name for other in DASHBOARDS.values() for name in variables(other)}
    assert used - BUILT_IN <= others
    mine = set(re.findall(r"\$\{?(\w+)", str(dashboard["panels"])))
    assert mine - BUILT_IN <= own


def links(dashboard: Json) -> set[str]:
    def of(thing: object) -> set[str]:
        if isinstance(thing, dict):
            here = {thing["url"]} if "targetBlank" in thing and thing.get("url") else set()
            return here.union(*map(of, thing.values()))
        return set().union(*map(of, thing)) if isinstance(thing, list) else set()

    return of(dashboard["panels"])


@EVERY
def test_links_lead_to_dashboards_that_there_are_with_what_they_can_choose(dashboard: Json) -> None:
    uids = {each["uid"]: each for each in DASHBOARDS.values()}
    for link in links(dashboard):
        if link.startswith("/d/"):
            target = uids[urlsplit(link).path.removeprefix("/d/")]
            asked = parse_qs(urlsplit(link).query)
            assert {name.removeprefix("var-") for name in asked if name.startswith("var-")} <= set(
                variables(target)
            )
        else:
            assert link.startswith("${api}/v1/shops/${")


def test_a_shop_leads_to_its_dashboard_and_to_the_api() -> None:
    found_links = links(DASHBOARDS["marketplace"])
    assert any(link.startswith("/d/shopwatch-shop?var-shop=") for link in found_links)
    assert len([link for link in found_links if link.startswith("${api}/v1/shops/")]) == 3
    assert links(DASHBOARDS["shop"])


def test_every_metric_is_on_a_dashboard_or_in_a_rule() -> None:
    rules = "".join(file.read_text("utf-8") for file in (ROOT / "grafana" / "rules").glob("*.yaml"))
    everywhere = rules + "".join(asked.expression for asked in EXPRESSIONS)
    missing = {metric for metric in CATALOGUE if metric.name not in everywhere}
    assert {metric.name for metric in missing if metric.of != "api"} == {"shopwatch_policy_info"}
