"""Are policies with a tier that looks ahead refused where nobody looks ahead?"""

from typing import cast

import pytest

from stream.archive.recording import Recording
from stream.backtest.columns.tracks import compiled
from stream.backtest.errors import LooksAheadError
from stream.backtest.sweep.grid import Asked, sweep
from stream.backtest.sweep.variants import Variant
from tests.engine.story import ON_TIME, policy

AHEAD = ON_TIME.replace("below = 0.8", 'below = 0.8, forecast = "6h"')
WHY = (
    "rules.r.alarm has a forecast, and a sweep does not look ahead; leave the tier out of what is swept, or ask "
    "`shopwatch backtest`, which replays everything"
)


def test_the_second_pass_refuses_a_tier_that_looks_ahead_in_any_version() -> None:
    compiled(policy(ON_TIME))
    with pytest.raises(LooksAheadError) as caught:
        compiled(policy(ON_TIME, AHEAD))
    assert str(caught.value) == WHY


def test_a_sweep_refuses_it_before_it_reads_anything() -> None:
    unread = cast("Recording", None)
    asked = Asked(policy(AHEAD), list[Variant](), frozenset({("r", "alarm")}), None, None, None)
    with pytest.raises(LooksAheadError):
        sweep(asked, unread, None)
