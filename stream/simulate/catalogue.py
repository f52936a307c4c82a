"""Which scenarios are there, and which of them befall one marketplace?"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from random import Random

from stream.simulate.scenario import Scenario, Site
from stream.simulate.scenarios.bad_batch_returns import BadBatchReturns
from stream.simulate.scenarios.carrier_does_not_scan import CarrierDoesNotScan
from stream.simulate.scenarios.epidemic_region import EpidemicRegion
from stream.simulate.scenarios.flash_sale import FlashSale
from stream.simulate.scenarios.slow_after_sales import SlowAfterSales
from stream.simulate.scenarios.warehouse_stops import WarehouseStops
from stream.simulate.shops import Trade

_KINDS: tuple[type[Scenario], ...] = (
    WarehouseStops,
    CarrierDoesNotScan,
    BadBatchReturns,
    FlashSale,
    EpidemicRegion,
    SlowAfterSales,
)

SCENARIOS: Mapping[str, type[Scenario]] = {kind.name: kind for kind in _KINDS}


class UnknownScenarioError(ValueError):
    """A name that no scenario has; says which one may be meant, and all there are."""

    def __init__(self, name: str) -> None:
        nearest = get_close_matches(name, SCENARIOS, 1)
        meant = f"; did you mean {nearest[0]}?" if nearest else ";"
        super().__init__(f"there is no scenario {name!r}{meant} there are {', '.join(SCENARIOS)}")


def plan(trade: Trade, names: Iterable[str]) -> tuple[Scenario, ...]:
    """One scenario a name, each in a place of its own as long as there are some; raises UnknownScenarioError.

    When and where it strikes hangs on the seed, and on the scenarios named before it.
    """
    placed: list[Scenario] = []
    taken: set[str | int] = set()
    for number, name in enumerate(names):
        kind = SCENARIOS.get(name)
        if kind is None:
            raise UnknownScenarioError(name)
        dice = Random(f"{trade.seed}/{number}/{name}")  # noqa: S311 - a story, no secret
        placed.append(kind.placed(Site(trade, dice, taken)))
    return tuple(placed)
