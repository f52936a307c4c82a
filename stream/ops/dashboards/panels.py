"""What is a panel?  A question to Prometheus, how its answer is drawn, and a sentence that says what one sees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["timeseries", "stat", "heatmap", "table", "text"]
Style = Literal["lines", "stacked", "bars"]

DATASOURCE: Json = {"type": "prometheus", "uid": "${datasource}"}

WHOLE = "locale"
"""The unit of what is counted one by one: 1,234, and no fraction, though an increase is extrapolated."""

WIDE = 12
"""From this width on there is room for a table of the series beside them; below a narrow panel such a table shows two."""

EACH_BAR = "1m"
"""The least a bar stands for: four scrapes, which is as far as `$__rate_interval` looks back at least.  With more bars than that, each
thing is counted in several."""


@dataclass(frozen=True, slots=True)
class Query:
    """An expression; ``legend`` names its series by their labels, as Grafana writes it: ``{{topic}}``."""

    expression: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """From a value to another page; ``address`` may hold Grafana's variables."""

    title: str
    address: str


@dataclass(frozen=True, slots=True)
class Line:
    """From this value on, a number is coloured."""

    colour: Literal["green", "orange", "red"]
    at: float


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: the label or query letter it comes from, its heading, and where its values lead.

    ``width`` is in px; without one the columns share what is left.
    """

    field: str
    title: str
    unit: str = "string"
    links: Sequence[Link] = ()
    width: int | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """``width`` is of 24, ``height`` in Grafana's rows of 30 px; ``repeat`` names a variable of which each value has one."""

    title: str
    description: str
    queries: Sequence[Query] = ()
    kind: Kind = "timeseries"
    unit: str = "short"
    width: int = 12
    height: int = 8
    style: Style = "lines"
    lines: Sequence[Line] = ()
    links: Sequence[Link] = ()
    columns: Sequence[Column] = ()
    sort: tuple[str, bool] | None = None
    """Of a table: by which column's title, and whether the highest comes first."""
    text: str = ""
    most: float | None = None
    """The upper end of the axis."""
    repeat: str | None = None


def panel_json(panel: Panel, number: int, x: int, y: int) -> Json:
    """As Grafana reads it."""
    found: Json = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "gridPos": {"h": panel.height, "w": panel.width, "x": x, "y": y},
        "options": _options(panel),
    }
    if panel.kind == "text":
        return found
    found |= {
        "datasource": DATASOURCE,
        "targets": [
            _target(panel, query, letter) for query, letter in zip(panel.queries, "ABCDEFGH", strict=False)
        ],
        "fieldConfig": {
            "defaults": _defaults(panel),
            "overrides": [_override(column) for column in panel.columns],
        },
    }
    if panel.kind == "table":
        found["transformations"] = _transformations(panel)
    if panel.style == "bars":
        found["interval"] = EACH_BAR
    if panel.repeat:
        found |= {"repeat": panel.repeat, "repeatDirection": "h", "maxPerRow": 24 // panel.width}
    return found


def _target(panel: Panel, query: Query, letter: str) -> Json:
    whole = panel.kind == "table"
    return {
        "datasource": DATASOURCE,
        "refId": letter,
        "expr": query.expression,
        "legendFormat": query.legend or "__auto",
        "format": "table" if whole else "heatmap" if panel.kind == "heatmap" else "time_series",
        "instant": whole,
        "range": not whole,
        "editorMode": "code",
    }


def _options(panel: Panel) -> Json:
    if panel.kind == "text":
        return {"mode": "markdown", "content": panel.text}
    if panel.kind == "stat":
        calculated = {"calcs": ["lastNotNull"], "fields": "", "values": False}
        return {"reduceOptions": calculated, "colorMode": "value", "graphMode": "area", "textMode": "auto"}
    if panel.kind == "heatmap":
        return {
            "calculate": False,
            "cellGap": 1,
            "cellValues": {"unit": "short", "decimals": 0},
            "color": {
                "mode": "scheme",
                "scheme": "Oranges",
                "scale": "exponential",
                "exponent": 0.5,
                "steps": 64,
            },
            "filterValues": {"le": 1e-9},
            "rowsFrame": {"layout": "le"},
            "tooltip": {"mode": "single", "yHistogram": True},
            "yAxis": {"axisPlacement": "left", "unit": panel.unit},
        }
    if panel.kind == "table":
        order = [{"displayName": panel.sort[0], "desc": panel.sort[1]}] if panel.sort else []
        return {"showHeader": True, "cellHeight": "sm", "sortBy": order}
    return {"legend": _legend(panel), "tooltip": {"mode": "multi", "sort": "desc"}}


def _legend(panel: Panel) -> Json:
    if panel.width >= WIDE:
        shown: Json = {"displayMode": "table", "placement": "right", "calcs": ["lastNotNull", "max"]}
    else:
        shown = {"displayMode": "list", "placement": "bottom", "calcs": ["lastNotNull"]}
    return {"showLegend": True, **shown}


def _defaults(panel: Panel) -> Json:
    steps: list[Json] = [{"color": "green", "value": None}]
    steps += [{"color": line.colour, "value": line.at} for line in panel.lines]
    found: Json = {"unit": panel.unit, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.unit == WHOLE:
        found["decimals"] = 0
    if panel.most is not None:
        found |= {"min": 0, "max": panel.most}
    if panel.links:
        found["links"] = [_link(link) for link in panel.links]
    if panel.kind == "timeseries":
        found["custom"] = _drawn(panel)
    return found


def _drawn(panel: Panel) -> Json:
    """The axis begins at nothing, but for shares, of which a point matters; one thing is not as high as a hundred."""
    axis = {} if panel.unit == "percentunit" else {"axisSoftMin": 0}
    if panel.unit == WHOLE:
        axis["axisSoftMax"] = 1
    return {
        **axis,
        "drawStyle": "bars" if panel.style == "bars" else "line",
        "fillOpacity": 60 if panel.style == "bars" else 20 if panel.style == "stacked" else 0,
        "lineWidth": 1,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "none" if panel.style == "lines" else "normal", "group": "A"},
        "thresholdsStyle": {"mode": "line" if panel.lines else "off"},
    }


def _link(link: Link) -> Json:
    return {"title": link.title, "url": link.address, "targetBlank": True}


def _override(column: Column) -> Json:
    properties: list[Json] = [{"id": "unit", "value": column.unit}]
    if column.unit == WHOLE:
        properties.append({"id": "decimals", "value": 0})
    if column.width is not None:
        properties.append({"id": "custom.width", "value": column.width})
    if column.links:
        properties.append({"id": "links", "value": [_link(link) for link in column.links]})
    return {"matcher": {"id": "byName", "options": column.title}, "properties": properties}


def _transformations(panel: Panel) -> list[Json]:
    """One row a label set, the queries' values side by side."""
    fields = [column.field for column in panel.columns]
    renamed: Mapping[str, str] = {column.field: column.title for column in panel.columns}
    return [
        {"id": "merge", "options": {}},
        {
            "id": "organize",
            "options": {
                "excludeByName": {"Time": True},
                "indexByName": {field: place for place, field in enumerate(fields)},
                "renameByName": dict(renamed),
            },
        },
    ]
