"""What does an alert say that was found in columns?  The same as the engine's, to the letter (DESIGN 6, SEMANTICS R7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from stream.backtest.columns.episodes import STILL, Episodes
from stream.backtest.columns.evidence import Asked, Evidences
from stream.backtest.columns.tracks import Compiled, Windows, sums_at
from stream.engine.alerts import Alert, alert_id
from stream.engine.counting import counts
from stream.engine.messages import message
from stream.engine.rules import CompiledTier, RateTier, TierKey
from stream.policy.durations import duration_text
from stream.policy.spec import Kind, Version
from topics.alerts import ResolvedBecause


class Fired(NamedTuple):
    """One episode."""

    shop: int
    fired_at: int
    clear_since: int
    resolved_at: int


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells the alerts of one part; without ``evidences`` they have no evidence."""

    of: Compiled
    windows: Windows
    evidences: Evidences | None

    def alerts(self, key: TierKey, found: Episodes) -> list[Alert]:
        """The last state of each alert of one tier."""
        fired = [Fired(*numbers) for numbers in zip(*(column.tolist() for column in found), strict=True)]
        if self.evidences:
            self.evidences.expect(self._asked(key, each) for each in fired)
        return [self._alert(key, each) for each in fired]

    def _alert(self, key: TierKey, fired: Fired) -> Alert:
        alert = self._fired(key, fired)
        if fired.resolved_at == STILL:
            return alert
        number = self.of.version_at(fired.resolved_at)
        tier = self.of.tiers[number].get(key)
        if tier is None:
            before = self.of.tiers[number - 1][key]
            return self._resolved(alert, before, fired, self.of.of(number - 1), "rule_changed")
        return self._resolved(alert, tier, fired, self.of.of(number), self._because(key, fired))

    def _asked(self, key: TierKey, fired: Fired) -> Asked:
        tier = self.of.tiers[self.of.version_at(fired.fired_at)][key]
        sums = sums_at(self.of, tier, self.windows, fired.shop, fired.fired_at)
        return Asked(tier, fired.shop, fired.fired_at, sums)

    def _fired(self, key: TierKey, fired: Fired) -> Alert:
        version = self.of.of(self.of.version_at(fired.fired_at))
        asked = self._asked(key, fired)
        policy, shop_id = self.of.policy.name, self.windows.part.shops[fired.shop]
        tier, _, t, sums = asked
        now = counts(tier, sums)
        evidence = self.evidences.of(version, asked) if self.evidences else []
        return Alert(
            alert_id=alert_id(policy, version.version, shop_id, key, t),
            shop_id=shop_id,
            policy=policy,
            policy_version=version.version,
            rule=key[0],
            severity=key[1],
            metric=tier.rule.metric,
            window=duration_text(tier.rule.window) if isinstance(tier, RateTier) else None,
            state="firing",
            fired_at=t,
            resolved_at=None,
            resolved_because=None,
            at_fire=now,
            latest=now,
            evidence=evidence,
            message=message(version.languages, tier, _kind(version, tier), sums),
        )

    def _resolved(
        self, alert: Alert, tier: CompiledTier, fired: Fired, version: Version, because: ResolvedBecause
    ) -> Alert:
        sums = sums_at(self.of, tier, self.windows, fired.shop, fired.resolved_at)
        return msgspec.structs.replace(
            alert,
            state="resolved",
            resolved_at=fired.resolved_at,
            resolved_because=because,
            latest=counts(tier, sums),
            message=message(version.languages, tier, _kind(version, tier), sums, because),
        )

    def _because(self, key: TierKey, fired: Fired) -> ResolvedBecause:
        """Asked when the tier began to be clear."""
        tier = self.of.tiers[self.of.version_at(fired.clear_since)][key]
        windows: Sequence[int] = tier.windows
        points = (self.windows.points(self.of.layout.keys[window]) for window in windows)
        if any(each.corrected(fired.shop, fired.clear_since) for each in points):
            return "corrected"
        sums = sums_at(self.of, tier, self.windows, fired.shop, fired.clear_since)
        return "no_data" if tier.too_few(sums) else "recovered"


def _kind(version: Version, tier: CompiledTier) -> Kind | None:
    return version.metrics[tier.rule.metric].kind if tier.rule.metric else None
