"""Which alerts fire and resolve at an instant?  The rules of the version in force, judged for shops (SEMANTICS R5-R7, V2)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final
from zoneinfo import ZoneInfo

import msgspec

from stream.engine.alerts import Alert, alert_id, counts
from stream.engine.facts import decode_order
from stream.engine.findings import Unit
from stream.engine.messages import message
from stream.engine.rules import CompiledTier, RateTier, TierKey, compile_tiers
from stream.engine.shop import Shop
from stream.engine.states import TierState, fires, resolves, timer_of
from stream.engine.verdicts import Verdicts
from stream.engine.windows import Layout
from stream.policy.durations import duration_text
from stream.policy.instants import moment_of
from stream.policy.spec import Kind, Version
from topics.alerts import Evidence, ResolvedBecause

MOST_EVIDENCE = 20
"""So many bad units an alert names (DESIGN 6)."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """A version with its tiers, each with its windows as bits."""

    version: Version
    tiers: Sequence[tuple[CompiledTier, int]]
    by_key: Mapping[TierKey, CompiledTier]
    _looking_at: dict[int, Sequence[tuple[CompiledTier, int]]] = field(default_factory=dict)

    def looking_at(self, windows: int) -> Sequence[tuple[CompiledTier, int]]:
        """The tiers that look at one of ``windows``, as bits; there are few sets of them that are touched together."""
        found = self._looking_at.get(windows)
        if found is None:
            found = self._looking_at[windows] = [each for each in self.tiers if each[1] & windows]
        return found


@final
class Judged:
    """What came of judging a shop: alerts that fire or resolve, and the instants at which a timer of a tier ends."""

    __slots__ = ("alerts", "timers")

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.timers: list[int] = []


@dataclass(slots=True)
class Judge:
    """Judges shops; which version is in force is set by `turn`."""

    verdicts: Verdicts
    layout: Layout
    _all: Mapping[str, _Rules] = field(init=False)
    _now: _Rules | None = None
    _before: _Rules | None = None

    def __post_init__(self) -> None:
        policy = self.verdicts.policy
        self._all = {version.version: self._compile(version) for version in policy.versions}

    def _compile(self, version: Version) -> _Rules:
        tiers = compile_tiers(version, self.layout)
        with_bits = [(tier, sum(1 << window for window in set(tier.windows))) for tier in tiers]
        return _Rules(version, with_bits, {tier.key: tier for tier in tiers})

    @property
    def version(self) -> Version | None:
        """In force now."""
        return self._now.version if self._now else None

    @property
    def tiers(self) -> Sequence[CompiledTier]:
        """Those of the version in force, in the order in which they are written."""
        return [tier for tier, _ in self._now.tiers] if self._now else []

    def turn(self, t: int) -> None:
        """It is ``t``: from here on the version in force then judges."""
        version = self.verdicts.version_at(t)
        now = self._all[version.version] if version else None
        if now is not self._now:
            self._before, self._now = self._now, now

    def judge(self, shop: Shop, touched: int, corrected: int, t: int) -> Judged:
        """Judge the tiers of ``shop`` that look at one of the windows ``touched``, as bits.

        ``corrected`` are those from which a bad unit was taken back.
        """
        found, sums = Judged(), shop.windows.sums
        for tier, bits in self._now.looking_at(touched) if self._now else ():
            if (shop.states and tier.key in shop.states) or tier.breach(sums):
                self._step(shop, tier, t, found, corrected=bool(bits & corrected))
        return found

    def _step(self, shop: Shop, tier: CompiledTier, t: int, found: Judged, *, corrected: bool) -> None:
        state = shop.states.setdefault(tier.key, TierState())
        before = (state.pending_since, state.alert, state.clear_since)
        if state.alert is not None:
            self._firing(shop, tier, state, t, found, corrected=corrected)
        elif not tier.breach(shop.windows.sums):
            del shop.states[tier.key]
        elif fires(state, tier.tier.hold, t):
            state.pending_since, state.alert = None, self._fired(shop, tier, t)
            found.alerts.append(state.alert)
        if tier.key not in shop.states or before != (state.pending_since, state.alert, state.clear_since):
            shop.unsaved = True
        timer = timer_of(state, tier.tier)
        if timer is not None and timer > t:
            found.timers.append(timer)

    def _firing(  # noqa: PLR0913 - what there is of a tier
        self, shop: Shop, tier: CompiledTier, state: TierState, t: int, found: Judged, *, corrected: bool
    ) -> None:
        sums, alert = shop.windows.sums, state.alert
        if tier.breach(sums) or not tier.clear(sums):
            state.clear_since = state.clear_because = None
            return
        if state.clear_since is None:
            state.clear_because = (
                "corrected" if corrected else "no_data" if tier.too_few(sums) else "recovered"
            )
        if resolves(state, tier.tier.keep_firing, t) and alert is not None:
            del shop.states[tier.key]
            found.alerts.append(self._resolved(shop, tier, alert, state.clear_because or "recovered", t))

    def _fired(self, shop: Shop, tier: CompiledTier, t: int) -> Alert:
        version = self._version()
        policy, (rule, severity) = self.verdicts.policy.name, tier.key
        rated = isinstance(tier, RateTier)
        now = counts(tier, shop.windows.sums)
        return Alert(
            alert_id=alert_id(policy, version.version, shop.name, tier.key, t),
            shop_id=shop.name,
            policy=policy,
            policy_version=version.version,
            rule=rule,
            severity=severity,
            metric=tier.rule.metric,
            window=duration_text(tier.rule.window) if rated else None,
            state="firing",
            fired_at=t,
            resolved_at=None,
            resolved_because=None,
            at_fire=now,
            latest=now,
            evidence=self._evidence(shop, tier, t),
            message=message(version.languages, tier, self._kind(version, tier), shop.windows.sums),
        )

    def _resolved(
        self, shop: Shop, tier: CompiledTier, alert: Alert, because: ResolvedBecause, t: int
    ) -> Alert:
        version, sums = self._version(), shop.windows.sums
        said = message(version.languages, tier, self._kind(version, tier), sums, because)
        return msgspec.structs.replace(
            alert,
            state="resolved",
            resolved_at=t,
            resolved_because=because,
            latest=counts(tier, sums),
            message=said,
        )

    def _version(self) -> Version:
        if self._now is None:
            raise ValueError("no tier is judged before the first version")
        return self._now.version

    def _kind(self, version: Version, tier: CompiledTier) -> Kind | None:
        return version.metrics[tier.rule.metric].kind if tier.rule.metric else None

    def drop_gone(self, shop: Shop, t: int) -> Iterator[Alert]:
        """End what the version in force has no tier for any more, with the old window's counts (SEMANTICS V2)."""
        known = self._now.by_key if self._now else {}
        for key in [key for key in shop.states if key not in known]:
            alert = shop.states.pop(key).alert
            shop.unsaved = True
            if alert is not None:
                yield self._gone(shop, key, alert, t)

    def _gone(self, shop: Shop, key: TierKey, alert: Alert, t: int) -> Alert:
        tier = self._before.by_key.get(key) if self._before else None
        if tier is None or self._before is None:
            return msgspec.structs.replace(
                alert, state="resolved", resolved_at=t, resolved_because="rule_changed"
            )
        kind = self._kind(self._before.version, tier)
        return msgspec.structs.replace(
            alert,
            state="resolved",
            resolved_at=t,
            resolved_because="rule_changed",
            latest=counts(tier, shop.windows.sums),
            message=message(self._before.version.languages, tier, kind, shop.windows.sums, "rule_changed"),
        )

    # -- evidence (DESIGN 6)

    def _evidence(self, shop: Shop, tier: CompiledTier, t: int) -> list[Evidence]:
        """The newest placed bad units of the tier's window, ties by order id; of a score, of its costliest part."""
        window = tier.window if isinstance(tier, RateTier) else tier.costliest(shop.windows.sums).window
        metric, zone = self.layout.keys[window].metric, ZoneInfo(self._version().time_zone)

        def says(at: int) -> str:
            return moment_of(at, zone).isoformat(" ", "milliseconds" if at % 1000 else "seconds")

        found = []
        for order_id, unit in self._bad_units(shop, window, metric, t):
            verdict = self.verdicts.explain(decode_order(shop.orders[order_id]), t, unit, says)
            is_package = self._thing_is_package(metric)
            found.append(
                Evidence(
                    order_id=order_id,
                    package_id=unit.thing if unit.thing and is_package else None,
                    refund_id=unit.thing if unit.thing and not is_package else None,
                    verdict=verdict.word,
                    why=verdict.why,
                )
            )
        return found

    def _thing_is_package(self, metric: str) -> bool:
        return self._version().metrics[metric].kind == "pickup_anomaly"

    def _bad_units(self, shop: Shop, window: int, metric: str, t: int) -> list[tuple[str, Unit]]:
        series = self.layout.series_of[window]
        panes = shop.windows.panes[series.index]
        found: list[tuple[str, Unit]] = []
        in_window = self.layout.range(window, t)
        for number in sorted((each for each in panes if each in in_window), reverse=True):
            for order_id in panes[number].bad_orders:
                units = self.verdicts.find(decode_order(shop.orders[order_id]), t).units
                found += [
                    (order_id, unit)
                    for unit in units
                    if unit.bad
                    and unit.metric == metric
                    and unit.place // series.pane == number
                    and not (series.penalty and unit.spared)
                ]
            if len(found) >= MOST_EVIDENCE:
                break
        found.sort(key=lambda each: (-each[1].place, each[0], each[1].thing))
        return found[:MOST_EVIDENCE]
