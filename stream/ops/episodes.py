"""How long do alerts fire, and which come again at once?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from topics.times import parse_time

FLAP_MS = 86_400_000
"""An alert that fires so soon after the last of its shop and tier resolved is a flap: what `shopwatch backtest` has by default."""

REMEMBERED = 100_000
"""So many resolved alerts a partition; beyond, the oldest are forgotten, and a flap may be missed."""

TierOfShop = tuple[str, str, str]


@dataclass(slots=True)
class Episodes:
    """Those of one partition, from when this was made on."""

    _resolved: dict[TierOfShop, int] = field(default_factory=dict)
    """When the last of a tier of a shop resolved, in the order in which they did."""

    def flaps(self, alert: Mapping[str, object]) -> bool:
        """Whether an alert that has fired is a flap."""
        before = self._resolved.pop(_tier(alert), None)
        return before is not None and _time(alert, "fired_at") - before <= FLAP_MS

    def lasted_s(self, alert: Mapping[str, object]) -> float:
        """How long an alert that has resolved had fired, in event time."""
        resolved_at = _time(alert, "resolved_at")
        self._resolved.pop(_tier(alert), None)
        self._resolved[_tier(alert)] = resolved_at
        if len(self._resolved) > REMEMBERED:
            del self._resolved[next(iter(self._resolved))]
        return (resolved_at - _time(alert, "fired_at")) / 1000


def _tier(alert: Mapping[str, object]) -> TierOfShop:
    return str(alert["shop_id"]), str(alert["rule"]), str(alert["severity"])


def _time(alert: Mapping[str, object], name: str) -> int:
    return parse_time(str(alert[name]))
