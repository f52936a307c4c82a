"""Which shops did the marketplace make fail, how, and when?  The labels beside its events."""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from stream.simulate.market import Market
from stream.simulate.scenario import Scenario
from topics.fields import Id, Text, Time


class Incident(Struct, frozen=True, kw_only=True, rename={"begins": "from", "ends": "to"}):
    """One shop that a scenario made fail.

    Between ``from`` and ``to`` its rate of ``metric`` (a kind of metric) suffers: nothing of it goes wrong before, and the
    last thing that went wrong has done so by ``to``.  It stays in the windows of a policy for as long as these are.
    """

    shop_id: Id
    scenario: Text
    metric: Text
    begins: Time
    ends: Time
    units: int
    """How many orders, packages or requests went wrong by it."""
    region: Text | None = None
    """Of a scenario for which a platform would exempt a region: the code of where its goods come from."""


class Labels(Struct, frozen=True, kw_only=True):
    """What there is to find in one marketplace; everything else that goes wrong in it is chance."""

    seed: int
    shops: int
    begins: Time
    """Of the first day."""
    ends: Time
    """From here on nobody orders."""
    incidents: Sequence[Incident]
    """In the order of scenarios, then of shops, the largest first."""


class Tally:
    """Counts what scenarios do to orders, while these are told."""

    def __init__(self) -> None:
        self._units: dict[tuple[Scenario, str], int] = {}
        self._last: dict[tuple[Scenario, str], int] = {}

    def spoiled(self, scenario: Scenario, shop_id: str, at: int) -> None:
        """One more unit of a shop went wrong, at the latest at ``at``."""
        key = scenario, shop_id
        self._units[key] = self._units.get(key, 0) + 1
        self._last[key] = max(self._last.get(key, at), at)

    def labels(self, market: Market) -> Labels:
        """Of all that has been told."""
        return Labels(
            seed=market.seed,
            shops=market.shops,
            begins=_moment(market.begins),
            ends=_moment(market.ends),
            incidents=[
                self._incident(scenario, shop_id)
                for scenario in dict.fromkeys(market.scenarios)
                for shop_id in sorted(shop_id for hit, shop_id in self._units if hit == scenario)
            ],
        )

    def _incident(self, scenario: Scenario, shop_id: str) -> Incident:
        return Incident(
            shop_id=shop_id,
            scenario=scenario.name,
            metric=scenario.metric,
            begins=_moment(scenario.begins),
            ends=_moment(self._last[scenario, shop_id]),
            units=self._units[scenario, shop_id],
            region=scenario.region,
        )


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC)
