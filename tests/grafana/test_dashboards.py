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

UNITS = {"short", "locale", "s", "percentunit", "bytes", "cps", "wps", "ops"}
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
def test_what_is_counted_one_by_one_is_shown_without_fractions(dashboard: Json) -> None:
    """Prometheus extrapolates an increase: 16 alerts are 15.9."""
    for panel in asking(dashboard):
        fields = panel["fieldConfig"]
        bars = fields["defaults"].get("custom", {}).get("drawStyle") == "bars"
        assert fields["defaults"].get("decimals") == (0 if fields["defaults"]["unit"] == "locale" else None)
        assert fields["defaults"]["unit"] == "locale" or not bars
        for override in fields["overrides"]:
            of = {each["id"]: each["value"] for each in override["properties"]}
            assert of.get("decimals") == (0 if of["unit"] == "locale" else None)


@EVERY
def test_a_bar_counts_what_no_other_does(dashboard: Json) -> None:
    """Grafana's ``$__rate_interval`` is four scrapes at least, so bars that are closer than that overlap."""
    file = ROOT / "grafana" / "provisioning" / "datasources" / "prometheus.yaml"
    (source,) = yaml.safe_load(file.read_text("utf-8"))["datasources"]
    assert source["jsonData"]["timeInterval"] == "15s"
    bars = [
        panel
        for panel in asking(dashboard)
        if panel["fieldConfig"]["defaults"].get("custom", {}).get("drawStyle") == "bars"
    ]
    assert all(panel["interval"] == "1m" for panel in bars)
    assert bars or dashboard["uid"] == "shopwatch-shop"


@EVERY
def test_a_legend_has_room(dashboard: Json) -> None:
    """Below a graph a table of its series shows two of them: it stands beside, where the panel is wide, or is a list."""
    for panel in asking(dashboard):
        legend = panel["options"].get("legend")
        assert (legend is not None) == (panel["type"] == "timeseries")
        if legend is not None:
            wide = panel["gridPos"]["w"] >= 12
            shape = (legend["displayMode"], legend["placement"])
            assert shape == (("table", "right") if wide else ("list", "bottom"))


@EVERY
def test_a_table_is_ordered_and_overridden_by_columns_that_it_has(dashboard: Json) -> None:
    for panel in asking(dashboard):
        if panel["type"] == "table":
            _, organized = panel["transformations"]
            titles = set(organized["options"]["renameByName"].values())
            assert {each["displayName"] for each in panel["options"]["sortBy"]} <= titles
            assert {each["matcher"]["options"] for each in panel["fieldConfig"]["overrides"]} == titles


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
            assert link.startswith(("${api}/v1/shops/${", "${api}/#shop=${"))


def test_a_shop_leads_to_its_dashboard_and_to_the_api() -> None:
    found_links = links(DASHBOARDS["marketplace"])
    assert any(link.startswith("/d/shopwatch-shop?var-shop=") for link in found_links)
    for each in (found_links, links(DASHBOARDS["shop"])):
        assert len([link for link in each if link.startswith("${api}/v1/shops/")]) == 3
        assert len([link for link in each if link.startswith("${api}/#shop=")]) == 1


def test_every_metric_is_on_a_dashboard_or_in_a_rule() -> None:
    rules = "".join(file.read_text("utf-8") for file in (ROOT / "grafana" / "rules").glob("*.yaml"))
    everywhere = rules + "".join(asked.expression for asked in EXPRESSIONS)
    missing = {metric for metric in CATALOGUE if metric.name not in everywhere}
    assert {metric.name for metric in missing if metric.of != "api"} == {"shopwatch_policy_info"}
