"""What if a warehouse stands still for a day and more?"""

from dataclasses import dataclass
from typing import ClassVar, Self

from stream.simulate.scenario import Scenario, Site
from stream.simulate.shops import HOUR, Shop

STOP_LASTS = 32 * HOUR
"""Longer than the promise to ship of most orders."""


@dataclass(frozen=True, slots=True)
class WarehouseStops(Scenario):
    """Nothing leaves ``warehouse`` from its beginning until just before its end."""

    name: ClassVar[str] = "warehouse_stops"
    metric: ClassVar[str] = "on_time_ship"

    warehouse: str

    @classmethod
    def placed(cls, site: Site) -> Self:
        """From eight in the morning on."""
        begins = site.moment(8)
        return cls(begins, begins + STOP_LASTS, site.warehouse())

    def hits(self, shop: Shop) -> bool:
        """Those that ship from it."""
        return shop.warehouse == self.warehouse

    def leaves(self, _paid: int, leaves: int) -> int:
        """What has waited longest leaves first, and all of it within a quarter of the time that the stop took."""
        return self.ends + (leaves - self.begins) // 4 if self.during(leaves) else leaves
