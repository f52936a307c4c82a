"""Which alerts does a policy give on a timeline?  The second pass; what it says is what the engine's replay says."""

import os
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from stream.backtest.columns.alerts import Telling
from stream.backtest.columns.episodes import Episodes
from stream.backtest.columns.evidence import Evidences
from stream.backtest.columns.tracks import Compiled, Windows, compiled, tier_episodes
from stream.backtest.timeline.rows import Part, Timeline
from stream.engine.alerts import Alert, document
from stream.engine.rules import TierKey
from stream.engine.verdicts import Verdicts
from stream.policy.spec import PolicySet


def alerts(
    policy: PolicySet,
    timeline: Timeline,
    until_ms: int | None = None,
    *,
    shops: Collection[str] | None = None,
    evidence: bool = True,
) -> list[dict[str, object]]:
    """The last state of every alert, in the order of firing, as `stream.backtest.replay.replay` has them.

    ``timeline`` must be one of this policy's metrics and exemptions.  Of ``shops`` only, if these are given.  Without
    ``evidence`` the alerts have none; that is quicker, and nothing else is different.
    """
    end = timeline.end_ms if until_ms is None else until_ms
    if end is None:
        return []
    of = compiled(policy)

    def of_part(part: Part) -> list[Alert]:
        return list(_part_alerts(of, Windows(part, end), shops, evidence=evidence))

    # Side by side: NumPy and Polars let go of the interpreter while they work.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = [alert for alerts_ in pool.map(of_part, timeline.parts) for alert in alerts_]
    found.sort(key=lambda alert: (alert.fired_at, alert.alert_id))
    return [document(alert, None) for alert in found]


def _part_alerts(
    of: Compiled, windows: Windows, shops: Collection[str] | None, *, evidence: bool
) -> Iterator[Alert]:
    telling = Telling(of, windows, Evidences(of, windows, Verdicts(of.policy)) if evidence else None)
    for key, episodes in part_episodes(of, windows):
        yield from telling.alerts(key, _of_shops(windows.part, episodes, shops))


def part_episodes(of: Compiled, windows: Windows) -> Iterator[tuple[TierKey, Episodes]]:
    """When each tier fires and resolves in the shops of one part."""
    for key in of.tier_keys():
        yield key, tier_episodes(of, key, windows)


def _of_shops(part: Part, episodes: Episodes, shops: Collection[str] | None) -> Episodes:
    if shops is None:
        return episodes
    wanted = np.array([shop in shops for shop in part.shops], np.bool_)
    return episodes.some(wanted[episodes.shop])
