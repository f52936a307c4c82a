"""Which files are made of what this room knows?"""

from collections.abc import Mapping

from stream.ops.dashboards.all import DASHBOARDS
from stream.ops.dashboards.document import dashboard_text
from stream.ops.page import page


def made() -> Mapping[str, str]:
    """Text by name, relative to the project's root."""
    dashboards = {f"grafana/dashboards/{each.name}.json": dashboard_text(each) for each in DASHBOARDS}
    return {"docs/metrics.md": page(), **dashboards}
