"""Is what was alerted believed before what a replay says?  (DESIGN 8: `shopwatch ledger rebuild`)"""

import pytest

from stream.engine.alerts import Alert
from stream.engine.states import TierState
from stream.worker.ledger_repair import _agreed
from topics.alerts import Counts

SEEN = Counts(good=1, bad=9, counted=10, rate=0.1, threshold=0.5, headroom=-8)


def alert(fired_at: int) -> Alert:
    names = ("S", "trade", "1", "late", "warning", "on_time", "30s")
    return Alert(f"a{fired_at}", *names, "firing", fired_at, None, None, SEEN, SEEN, [], "late")


FIRES, OTHER = alert(1), alert(2)
CLEAR = TierState(alert=FIRES, clear_since=7, clear_because="recovered")


@pytest.mark.parametrize(
    ("replayed", "firing", "agreed"),
    [
        (None, FIRES, TierState(alert=FIRES)),
        (TierState(pending_since=5), FIRES, TierState(alert=FIRES)),
        (TierState(alert=OTHER, clear_since=7), FIRES, TierState(alert=FIRES)),
        (CLEAR, FIRES, CLEAR),
        (CLEAR, None, None),
        (TierState(pending_since=5), None, TierState(pending_since=5)),
        (None, None, None),
    ],
)
def test_a_tier_fires_as_its_alert_does_and_waits_as_the_facts_say(
    replayed: TierState | None, firing: Alert | None, agreed: TierState | None
) -> None:
    assert _agreed(replayed, firing) == agreed
