"""What is a dashboard?  Rows of panels under variables that choose what is shown, as Grafana's Classic JSON.

Grafana 13 reads it as it is provisioned, and makes its newer schema of it by itself.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from stream.ops.dashboards.panels import DATASOURCE, Json, Panel, panel_json

SCHEMA = 42
"""The last version of the Classic schema."""

COLUMNS = 24
PREFIX = "shopwatch-"


@dataclass(frozen=True, slots=True)
class Variable:
    """Chosen by the reader: a label's values of a metric (``query``), or a text (``text``) where that is given."""

    name: str
    label: str
    query: str = ""
    text: str | None = None
    several: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A heading and what stands under it."""

    title: str
    panels: Sequence[Panel]


@dataclass(frozen=True, slots=True)
class Dashboard:
    """``name`` is the file's, and what others link to it by; it never changes."""

    name: str
    title: str
    description: str
    rows: Sequence[Row]
    variables: Sequence[Variable] = field(default_factory=tuple)


JOB = Variable("job", "Job", 'label_values(up{job=~"shopwatch.*"}, job)')
INSTANCE = Variable("instance", "Instance", 'label_values(up{job=~"$job"}, instance)')
API = Variable("api", "API", text="http://127.0.0.1:8080")
"""Where merchants' API is, as the reader's browser reaches it."""


def dashboard_text(dashboard: Dashboard) -> str:
    """The file."""
    return json.dumps(_dashboard(dashboard), indent=2, ensure_ascii=False) + "\n"


def _dashboard(dashboard: Dashboard) -> Json:
    return {
        "uid": PREFIX + dashboard.name,
        "title": f"shopwatch / {dashboard.title}",
        "description": dashboard.description,
        "tags": ["shopwatch"],
        "schemaVersion": SCHEMA,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "annotations": {"list": []},
        "links": [_to_the_others()],
        "templating": {"list": [_datasource(), *map(_variable, (JOB, INSTANCE, *dashboard.variables))]},
        "panels": _laid_out(dashboard.rows),
    }


def _to_the_others() -> Json:
    """With the time and the variables that were chosen."""
    return {
        "type": "dashboards",
        "title": "shopwatch",
        "tags": ["shopwatch"],
        "asDropdown": False,
        "includeVars": True,
        "keepTime": True,
        "targetBlank": False,
        "icon": "external link",
        "tooltip": "",
        "url": "",
    }


def _datasource() -> Json:
    return {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
        "current": {},
        "hide": 0,
        "includeAll": False,
        "multi": False,
        "options": [],
        "refresh": 1,
        "regex": "",
    }


def _variable(variable: Variable) -> Json:
    if variable.text is not None:
        chosen = {"text": variable.text, "value": variable.text, "selected": True}
        return {
            "name": variable.name,
            "label": variable.label,
            "type": "textbox",
            "query": variable.text,
            "current": chosen,
            "options": [chosen],
            "hide": 0,
        }
    several: Json = (
        {"multi": True, "includeAll": True, "allValue": ".+"} if variable.several else {"multi": False}
    )
    return {
        "name": variable.name,
        "label": variable.label,
        "type": "query",
        "datasource": DATASOURCE,
        "query": {"query": variable.query, "refId": variable.name},
        "definition": variable.query,
        "refresh": 2,
        "sort": 1,
        "hide": 0,
        "regex": "",
        "options": [],
        "current": {"text": ["All"], "value": ["$__all"]} if variable.several else {},
        "allowCustomValue": True,
        **several,
    }


def _laid_out(rows: Sequence[Row]) -> list[Json]:
    """From left to right, and on below; a row of panels is as high as its highest."""
    found: list[Json] = []
    y = 0
    for row in rows:
        found.append(_heading(row.title, len(found) + 1, y))
        y, x, height = y + 1, 0, 0
        for panel in row.panels:
            if x + panel.width > COLUMNS:
                y, x, height = y + height, 0, 0
            found.append(panel_json(panel, len(found) + 1, x, y))
            x, height = x + panel.width, max(height, panel.height)
        y += height
    return found


def _heading(title: str, number: int, y: int) -> Json:
    place = {"h": 1, "w": COLUMNS, "x": 0, "y": y}
    return {"id": number, "type": "row", "title": title, "gridPos": place, "collapsed": False, "panels": []}
