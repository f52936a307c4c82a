"""How is each kind of metric judged?  A new kind is a module here and one line in this list."""

from collections.abc import Mapping
from typing import Final

from stream.engine.findings import MetricKind
from stream.engine.kinds.after_sales import AfterSales
from stream.engine.kinds.on_time_ship import OnTimeShip
from stream.engine.kinds.pickup_anomaly import PickupAnomaly
from stream.engine.kinds.returns import Return
from stream.policy.spec import Kind

METRIC_KINDS: Final[Mapping[Kind, MetricKind]] = {
    "on_time_ship": OnTimeShip(),
    "pickup_anomaly": PickupAnomaly(),
    "return": Return(),
    "after_sales": AfterSales(),
}
