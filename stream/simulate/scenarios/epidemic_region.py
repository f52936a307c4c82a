"""What if a region may not ship for days, and its shops report the delay?  A platform would exempt the region."""

from dataclasses import dataclass
from typing import ClassVar, Self

from stream.simulate.scenario import Scenario, Site
from stream.simulate.shops import DAY, WAREHOUSES, Shop

CLOSED = 3 * DAY


@dataclass(frozen=True, slots=True)
class EpidemicRegion(Scenario):
    """Nothing leaves the warehouse of a region; most orders get a later promise, some several, many too short ones."""

    name: ClassVar[str] = "epidemic_region"
    metric: ClassVar[str] = "on_time_ship"
    delay_reports: ClassVar[float | None] = 0.7

    warehouse: str

    @classmethod
    def placed(cls, site: Site) -> Self:
        """From a midnight on."""
        begins = site.moment(0)
        return cls(begins, begins + CLOSED, site.warehouse())

    @property
    def region(self) -> str | None:
        """Where its goods would come from."""
        return WAREHOUSES[self.warehouse]

    def hits(self, shop: Shop) -> bool:
        """Those that ship from there."""
        return shop.warehouse == self.warehouse

    def leaves(self, _paid: int, leaves: int) -> int:
        """What has waited longest leaves first, and all of it within a quarter of the time."""
        return self.ends + (leaves - self.begins) // 4 if self.during(leaves) else leaves
