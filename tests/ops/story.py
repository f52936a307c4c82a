"""Documents of rates and policies for tests of what is shown of them."""

from collections.abc import Mapping
from typing import Any

from stream.ops.watched import Place, Rated, TierName, Watched

ON_TIME = Place("on_time", "3d")
RETURNS = Place("returns", "7d")
TWO = Watched(
    (Rated(ON_TIME, True, 10), Rated(RETURNS, False, 1)),
    (TierName("late", "warning"), TierName("late", "critical"), TierName("returned", "warning")),
)
"""Two metrics, one of each direction, and three tiers."""


def tier(severity: str, good: int, bad: int, state: str = "inactive") -> Mapping[str, Any]:
    """As far as it is looked at."""
    return {"severity": severity, "state": state, "good": good, "bad": bad, "counted": good + bad}


def document(
    late: tuple[int, int], returned: tuple[int, int] = (0, 0), state: str = "inactive"
) -> Mapping[str, Any]:
    """Rates by (good, bad); ``state`` is that of the warning on late orders."""
    return {
        "rules": [
            {
                "rule": "late",
                "metric": "on_time",
                "window": "3d",
                "tiers": [tier("warning", *late, state), tier("critical", *late)],
            },
            {"rule": "returned", "metric": "returns", "window": "7d", "tiers": [tier("warning", *returned)]},
            {"rule": "poor", "metric": None, "window": None, "tiers": [tier("warning", 0, 0)]},
        ]
    }
