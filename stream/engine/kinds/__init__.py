"""How is each kind of metric judged?  A new kind is a module here and one line in this list."""

from collections.abc import Mapping
from typing import cast

from stream.engine.findings import MetricKind
from stream.engine.kinds import after_sales, on_time_ship, pickup_anomaly, returns
from stream.policy.spec import Kind

JUDGES: Mapping[Kind, MetricKind] = {
    "on_time_ship": cast("MetricKind", on_time_ship),
    "pickup_anomaly": cast("MetricKind", pickup_anomaly),
    "return": cast("MetricKind", returns),
    "after_sales": cast("MetricKind", after_sales),
}
