"""The dashboards as they are committed, and every expression in them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.house.tree import ROOT

Json = Mapping[str, Any]

FILES = sorted((ROOT / "grafana" / "dashboards").glob("*.json"))
DASHBOARDS: Mapping[str, Json] = {file.stem: json.loads(file.read_text("utf-8")) for file in FILES}


@dataclass(frozen=True)
class Asked:
    """One expression, and where it stands."""

    dashboard: str
    panel: str
    expression: str

    def __str__(self) -> str:
        return f"{self.dashboard}: {self.panel}: {self.expression}"

    def filled(self, values: Mapping[str, str]) -> str:
        """With the variables of Grafana replaced by ``values``; what is not among them is all."""
        return re.sub(r"\$(\w+)", lambda found: values.get(found[1], ".+"), self.expression)


def panels(dashboard: Json) -> Iterator[Json]:
    """Those that show something."""
    return (panel for panel in dashboard["panels"] if panel["type"] != "row")


def asking(dashboard: Json) -> Iterator[Json]:
    """Those of them that ask Prometheus."""
    return (panel for panel in panels(dashboard) if panel["type"] != "text")


EXPRESSIONS = [
    Asked(name, panel["title"], target["expr"])
    for name, dashboard in DASHBOARDS.items()
    for panel in asking(dashboard)
    for target in panel["targets"]
]

QUERIED = {
    (name, variable["name"]): variable["query"]["query"]
    for name, dashboard in DASHBOARDS.items()
    for variable in dashboard["templating"]["list"]
    if variable["type"] == "query"
}
"""What the values of each variable are asked with, by dashboard and variable."""
