"""What if a carrier takes packages along and scans none of them?"""

from dataclasses import dataclass
from random import Random
from typing import ClassVar, Self

from stream.simulate.scenario import Scenario, Site
from stream.simulate.shops import CARRIERS, DAY, HOUR, Shop

BLIND = 2 * DAY
NEVER = 0.3
"""So many of the packages are never scanned."""


@dataclass(frozen=True, slots=True)
class CarrierDoesNotScan(Scenario):
    """What ``carrier`` fetches at ``warehouse`` is scanned more than a day later, or never."""

    name: ClassVar[str] = "carrier_does_not_scan"
    metric: ClassVar[str] = "pickup_anomaly"

    warehouse: str
    carrier: str

    @classmethod
    def placed(cls, site: Site) -> Self:
        """For two days; the carrier is drawn by lot."""
        begins = site.moment(6)
        return cls(begins, begins + BLIND, site.warehouse(), site.dice.choice(CARRIERS))

    def hits(self, shop: Shop) -> bool:
        """Those that ship from there; a third of what they ship goes by this carrier."""
        return shop.warehouse == self.warehouse

    def scanned(self, carrier: str, shipped: int, scanned: int, dice: Random) -> int | None:
        """At the next depot, or not at all."""
        if carrier != self.carrier or not self.during(shipped):
            return scanned
        return None if dice.random() < NEVER else shipped + DAY + int(dice.random() * 36 * HOUR)
