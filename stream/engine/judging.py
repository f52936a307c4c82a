"""Which alerts fire and resolve at an instant?  The rules of the version in force, judged for shops (SEMANTICS R5-R7, V2)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import final
from zoneinfo import ZoneInfo

import msgspec
from mypy_extensions import mypyc_attr

from stream.engine.alerts import Alert, alert_id
from stream.engine.counting import counts
from stream.engine.evidence import MOST_EVIDENCE, due_evidence, evidence_of
from stream.engine.findings import Unit
from stream.engine.foresight import Forecast, Foresight
from stream.engine.messages import Foreseen, message
from stream.engine.rules import CompiledTier, RateTier, TierKey, compile_tiers
from stream.engine.shop import Shop
from stream.engine.states import TierState, fires, resolves, timer_of
from stream.engine.verdicts import Verdicts
from stream.engine.windows import Layout
from stream.policy.durations import duration_text
from stream.policy.spec import Kind, Version
from topics.alerts import Evidence, ResolvedBecause


@dataclass(frozen=True, slots=True)
class _Rules:
    """A version with its tiers, each with its windows as bits."""

    version: Version
    tiers: list[tuple[CompiledTier, int]]
    by_key: Mapping[TierKey, CompiledTier]
    looking_ahead: list[tuple[RateTier, int]]
    """Those of the tiers that have a forecast; they are in none of what is looked for by `looking_at`."""
    metrics: Sequence[str]
    """Those that its rules look at, by themselves or in a score, in the order of the rules."""
    _looking_at: dict[int, list[tuple[CompiledTier, int]]] = field(default_factory=dict)

    def looking_at(self, windows: int) -> list[tuple[CompiledTier, int]]:
        """The tiers that look at one of ``windows``, as bits; there are few sets of them that are touched together."""
        found = self._looking_at.get(windows)
        if found is None:
            found = self._looking_at[windows] = [
                each for each in self.tiers if each[1] & windows and each[0].tier.forecast is None
            ]
        return found


@mypyc_attr(acyclic=True, free_list_len=1)
@final
class Sight:
    """What a tier sees: whether it is in breach, by ``forecast`` alone where that is given, and whether a bad unit was taken back."""

    __slots__ = ("breach", "corrected", "forecast")

    def __init__(self, breach: bool, corrected: bool, forecast: Forecast | None) -> None:  # noqa: FBT001 - fields
        self.breach = breach
        self.corrected = corrected
        self.forecast = forecast


@mypyc_attr(acyclic=True, free_list_len=1)
@final
class Judged:
    """What came of judging: alerts that fire or resolve, and the instants at which a timer of a tier ends."""

    __slots__ = ("alerts", "timers")

    def __init__(self) -> None:
        self.alerts: list[Alert] = []
        self.timers: list[int] = []


@dataclass(slots=True)
class Judge:
    """Judges shops; which version is in force is set by `turn`."""

    verdicts: Verdicts
    layout: Layout
    foresight: Foresight = field(init=False)
    forecast_windows: int = field(init=False)
    """Windows, as bits, that a tier with a forecast looks at, in any version."""
    _all: Mapping[str, _Rules] = field(init=False)
    _now: _Rules | None = None
    _before: _Rules | None = None

    def __post_init__(self) -> None:
        policy = self.verdicts.policy
        self._all = {version.version: self._compile(version) for version in policy.versions}
        self.foresight = Foresight(self.verdicts, self.layout, self.tier_at)
        self.forecast_windows = 0
        for rules in self._all.values():
            for _, bits in rules.looking_ahead:
                self.forecast_windows |= bits

    def _compile(self, version: Version) -> _Rules:
        tiers = compile_tiers(version, self.layout)
        with_bits = [(tier, sum(1 << window for window in set(tier.windows))) for tier in tiers]
        looked_at = [self.layout.keys[window].metric for tier in tiers for window in tier.windows]
        looking_ahead = [
            (tier, bits)
            for tier, bits in with_bits
            if isinstance(tier, RateTier) and tier.tier.forecast is not None
        ]
        by_key = {tier.key: tier for tier in tiers}
        return _Rules(version, with_bits, by_key, looking_ahead, list(dict.fromkeys(looked_at)))

    @property
    def version(self) -> Version | None:
        """In force now."""
        return self._now.version if self._now else None

    @property
    def tiers(self) -> Sequence[CompiledTier]:
        """Those of the version in force, in the order in which they are written."""
        return [tier for tier, _ in self._now.tiers] if self._now else []

    @property
    def metrics(self) -> Sequence[str]:
        """Those that the rules in force look at, in the order of the rules."""
        return self._now.metrics if self._now else []

    def tier_at(self, key: TierKey, t: int) -> CompiledTier | None:
        """A tier as the version in force at ``t`` has it; None if it has none, or there is none."""
        version = self.verdicts.version_at(t)
        return self._all[version.version].by_key.get(key) if version else None

    def turn(self, t: int) -> None:
        """It is ``t``: from here on the version in force then judges."""
        version = self.verdicts.version_at(t)
        now = self._all[version.version] if version else None
        if now is not self._now:
            self._before, self._now = self._now, now

    def judge(self, shop: Shop, touched: int, corrected: int, t: int, found: Judged) -> None:
        """Judge the tiers of ``shop`` that look at one of the windows ``touched``, as bits, and add to ``found`` what comes of it.

        ``corrected`` are those from which a bad unit was taken back.
        """
        sums = shop.windows.sums
        for tier, bits in self._now.looking_at(touched) if self._now else []:
            breach = tier.breach(sums)
            if breach or (shop.states and tier.key in shop.states):
                self._step(shop, tier, t, found, Sight(breach, bool(bits & corrected), None))
        if self._now and self._now.looking_ahead:
            self._look_ahead(shop, touched, corrected, t, found)

    def _look_ahead(self, shop: Shop, touched: int, corrected: int, t: int, found: Judged) -> None:
        """Judge the tiers with a forecast: with no further fact they are in breach `forecast` before they would be by their counts."""
        forecast = Forecast(self.foresight, shop, t)
        for tier, bits in self._now.looking_ahead if self._now else []:
            if not bits & touched or tier.tier.forecast is None:
                continue
            breach_at = forecast.breach_at(tier)
            foreseen = breach_at is not None and breach_at <= t + tier.tier.forecast
            if breach_at is not None and not foreseen:
                found.timers.append(breach_at - tier.tier.forecast)
            breach = foreseen or tier.breach(shop.windows.sums)
            if breach or tier.key in shop.states:
                sight = Sight(breach, bool(bits & corrected), forecast if foreseen else None)
                self._step(shop, tier, t, found, sight)

    def _step(self, shop: Shop, tier: CompiledTier, t: int, found: Judged, sight: Sight) -> None:
        key = tier.key
        state = shop.states.get(key)
        if state is None:
            state = shop.states[key] = TierState()
        pending_since, alert, clear_since = state.pending_since, state.alert, state.clear_since
        if alert is not None:
            self._firing(shop, tier, state, t, found, sight)
        elif not sight.breach:
            del shop.states[key]
        elif fires(state, tier.tier.hold, t):
            state.pending_since, state.alert = None, self._fired(shop, tier, t, sight)
            found.alerts.append(state.alert)
        if (
            key not in shop.states
            or state.pending_since != pending_since
            or state.alert is not alert
            or state.clear_since != clear_since
        ):
            shop.unsaved = True
        timer = timer_of(state, tier.tier)
        if timer is not None and timer > t:
            found.timers.append(timer)

    def _firing(  # noqa: PLR0913, PLR0917 - what there is of a tier
        self, shop: Shop, tier: CompiledTier, state: TierState, t: int, found: Judged, sight: Sight
    ) -> None:
        sums, alert = shop.windows.sums, state.alert
        if sight.breach or not tier.clear(sums):
            state.clear_since = state.clear_because = None
            return
        if state.clear_since is None:
            state.clear_because = (
                "corrected" if sight.corrected else "no_data" if tier.too_few(sums) else "recovered"
            )
        if resolves(state, tier.tier.keep_firing, t) and alert is not None:
            del shop.states[tier.key]
            found.alerts.append(self._resolved(shop, tier, alert, state.clear_because or "recovered", t))

    def _fired(self, shop: Shop, tier: CompiledTier, t: int, sight: Sight) -> Alert:
        version = self._version()
        foreseen = self._foreseen(tier, version, sight.forecast)
        kind = self._kind(version, tier)
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
            evidence=self._evidence(shop, tier, t)
            if foreseen is None
            else self._due_first(shop, tier, sight),
            message=message(version.languages, tier, kind, shop.windows.sums, foreseen=foreseen),
        )

    def _foreseen(self, tier: CompiledTier, version: Version, forecast: Forecast | None) -> Foreseen | None:
        """What is said of a breach that would come; None: it has come."""
        if forecast is None or not isinstance(tier, RateTier):
            return None
        return Foreseen(forecast.breach_at(tier) or 0, forecast.to_save(tier), ZoneInfo(version.time_zone))

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
        metric, zone = self.layout.keys[window].metric, self._version().time_zone
        return [
            evidence_of(self.verdicts, order_id, shop.orders[order_id].order(), t, unit, zone)
            for order_id, unit in self._bad_units(shop, window, metric, t)
        ]

    def _due_first(self, shop: Shop, tier: CompiledTier, sight: Sight) -> list[Evidence]:
        """The open orders that are to be shipped so that a breach does not come, those due first."""
        if sight.forecast is None or not isinstance(tier, RateTier):
            return []
        orders = sight.forecast.open_orders(self.layout.keys[tier.window].metric)
        most = min(sight.forecast.to_save(tier) or MOST_EVIDENCE, MOST_EVIDENCE)
        return [
            due_evidence(
                self.verdicts, order_id, shop.orders[order_id].order(), due, self._version().time_zone
            )
            for order_id, due in zip(orders.ids[:most], orders.dues[:most], strict=True)
        ]

    def _bad_units(self, shop: Shop, window: int, metric: str, t: int) -> list[tuple[str, Unit]]:
        series = self.layout.series_of[window]
        panes = shop.windows.panes[series.index]
        found: list[tuple[str, Unit]] = []
        in_window = self.layout.range(window, t)
        for number in sorted((each for each in panes if each in in_window), reverse=True):
            for order_id in panes[number].bad_orders:
                units = self.verdicts.find(shop.orders[order_id].order(), t).units
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
