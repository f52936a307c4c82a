"""What is judged of one shop, at which instants, with which alerts?  (SEMANTICS T4, W2, R5-R7, V1, V2, S3)"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tests.oracle.facts import Fact, order_at, payment
from tests.oracle.policies import Metric, Policy, Rule, Score, Tier, Version, Window
from tests.oracle.rules import Counts, beyond, breach, clear, costliest, headroom, score
from tests.oracle.times import written
from tests.oracle.units import Unit, deadlines, units

if TYPE_CHECKING:
    from tests.oracle.foresight import ForesightOracle

EVIDENCE = 20
Document = dict[str, Any]


@dataclass
class OrderWatch:
    """One order: its facts, and the instants at which any of its units may change or lie."""

    policy: Policy
    facts: list[Fact]
    instants: list[int] = field(init=False)
    known: dict[tuple[int, str, bool], list[Unit]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.instants = sorted(self._instants())

    def version(self, t: int) -> Version | None:
        """The one that the order was paid under (V1)."""
        paid = payment(self.facts, t)
        return self.policy.version_at(paid.at) if paid else None

    def units(self, metric: str, t: int, *, penalty: bool) -> list[Unit]:
        """Those of the metric of this name; between two of its instants an order does not change."""
        index = bisect_right(self.instants, t) - 1
        if index < 0:
            return []
        asked = (self.instants[index], metric, penalty)
        if asked not in self.known:
            self.known[asked] = self._units(metric, self.instants[index], penalty=penalty)
        return self.known[asked]

    def _units(self, metric: str, t: int, *, penalty: bool) -> list[Unit]:
        version = self.version(t)
        if version is None or metric not in version.metrics:
            return []
        order = order_at(self.facts, t, version.keep)
        if order is None:
            return []
        return units(order, version.metrics[metric], self.policy.published(t), t, penalty=penalty)

    def last_deadline(self) -> int | None:
        """The latest one when all is known and published (T5)."""
        ever = max(self.instants)
        version = self.version(ever)
        order = order_at(self.facts, ever, version.keep) if version else None
        if version is None or order is None:
            return None
        exemptions, metrics = self.policy.exemptions, version.metrics.values()
        return max(
            (d for metric in metrics for d in deadlines(order, metric, exemptions, ever)), default=None
        )

    def _instants(self) -> set[int]:
        """Its facts, all deadlines that it could ever have, and all publications: more than needed, never less."""
        metrics = [metric for version in self.policy.versions for metric in version.metrics.values()]
        found = {fact.at for fact in self.facts}
        ends = {fact.fields["ship_by"] for fact in self.facts if "ship_by" in fact.fields}
        ends |= {at + metric.pickup_within for at in found for metric in metrics}
        ends |= {at + metric.resolve_within for at in found for metric in metrics}
        for exemption in self.policy.exemptions:
            found |= {end + exemption.by for end in ends} if exemption.by is not None else set()
            found |= {exemption.until} if exemption.until is not None else set()
        return found | ends | self.policy.instants()


@dataclass(frozen=True)
class Sight:
    """What a tier sees at an instant."""

    breach: bool
    clear: bool
    describe: Callable[[], Document]
    marked: Sequence[Unit]
    to_ship: Sequence[str] | None = None
    """Of a breach that is only foreseen: the orders that would have to be shipped."""


@dataclass(frozen=True)
class Seat:
    """A tier of a rule of a version."""

    version: Version
    rule: Rule
    tier: Tier

    @property
    def name(self) -> tuple[str, str]:
        """By what it goes on through versions (V2)."""
        return self.rule.name, self.tier.severity


@dataclass
class TierState:
    """How far a tier has come (R6)."""

    since: int | None = None
    clear_since: int | None = None
    alert: Document | None = None

    @property
    def word(self) -> str:
        """Its state, as `rates` has it."""
        return "firing" if self.alert else "inactive" if self.since is None else "pending"


class ShopWatch:
    """One shop; facts are learned, then the clock advances."""

    def __init__(self, policy: Policy, shop_id: str) -> None:
        self._policy = policy
        self._shop_id = shop_id
        self._facts: dict[str, list[Fact]] = {}
        self._orders: list[OrderWatch] = []
        self._states: dict[tuple[str, str], TierState] = {}
        self._version: Version | None = None
        self._seen: dict[tuple[object, ...], Counts] = {}
        self.alerts: list[Document] = []
        """All that fired, in the order of firing."""

    def learn(self, facts: Sequence[Fact]) -> None:
        """More facts are known."""
        for fact in facts:
            self._facts.setdefault(fact.order_id, []).append(fact)
        self._orders = [OrderWatch(self._policy, of) for of in self._facts.values()]
        self._seen.clear()

    def last_deadline(self) -> int | None:
        """The latest of all its orders (T5)."""
        return max(
            (end for order in self._orders if (end := order.last_deadline()) is not None), default=None
        )

    def advance(self, clock: int | None, to: int, *, again: bool = False) -> None:
        """Judge every instant after ``clock`` up to and including ``to``; ``again`` that of the clock too (T4)."""
        fixed = sorted(t for t in self._instants() if t <= to and (clock is None or t > clock))
        t = clock if again else self._next(fixed, clock)
        while t is not None and t <= to:
            self._judge(t)
            t = self._next(fixed, t)

    def rates(self, t: int) -> list[Document]:
        """What every tier of the version in force sees at ``t``, the clock having come so far."""
        return [
            {
                "rule": seat.rule.name,
                "severity": seat.tier.severity,
                **self._sight(seat, t).describe(),
                "state": self._states.get(seat.name, TierState()).word,
            }
            for seat in _seats(self._policy.version_at(t))
        ]

    def close(self, t: int) -> list[Document]:
        """All alerts, those that fire still with what they see at ``t``, the end."""
        for seat in _seats(self._version):
            state = self._states.get(seat.name)
            if state and state.alert:
                state.alert["latest"] = self._sight(seat, t).describe()
        return self.alerts

    def _instants(self) -> set[int]:
        """Whenever anything may change that is not a tier's own timer."""
        own = {t for order in self._orders for t in order.instants}
        found = own | self._policy.instants()
        ahead = {tier.forecast for tier in self._tiers() if tier.forecast is not None}
        for version in self._policy.versions:
            for window, lag in _windows(version):
                for pane in {place // window.pane for place in own}:
                    enters = pane * window.pane + lag
                    found |= {enters, enters + window.length}
        return found | {t - forecast for t in found for forecast in ahead}

    def _tiers(self) -> Iterator[Tier]:
        for version in self._policy.versions:
            yield from (seat.tier for seat in _seats(version))

    def _next(self, fixed: Sequence[int], t: int | None) -> int | None:
        """The next instant to be judged after ``t``: a fixed one or the end of a timer."""
        index = 0 if t is None else bisect_right(fixed, t)
        coming = [fixed[index]] if index < len(fixed) else []
        coming += [end for end in self._timers() if t is not None and end > t]
        return min(coming, default=None)

    def _timers(self) -> Iterator[int]:
        for seat in _seats(self._version):
            state = self._states.get(seat.name, TierState())
            if state.since is not None:
                yield state.since + seat.tier.hold
            if state.clear_since is not None:
                yield state.clear_since + seat.tier.keep

    def _judge(self, t: int) -> None:
        """R5: every tier by itself, after all changes of the instant; first V2."""
        self._seen.clear()
        before, self._version = _seats(self._version), self._policy.version_at(t)
        seats = _seats(self._version)
        for gone in [seat for seat in before if seat.name not in {each.name for each in seats}]:
            state = self._states.pop(gone.name, TierState())
            if state.alert:
                self._resolve(state, t, self._sight(gone, t), "rule_changed")
        for seat in seats:
            self._step(self._states.setdefault(seat.name, TierState()), seat, t)

    def _step(self, state: TierState, seat: Seat, t: int) -> None:
        """R6."""
        sight = self._sight(seat, t)
        if state.alert is None:
            state.since = (t if state.since is None else state.since) if sight.breach else None
            if state.since is not None and t >= state.since + seat.tier.hold:
                self._fire(state, seat, t, sight)
        else:
            before = state.clear_since
            state.clear_since = (t if before is None else before) if sight.clear else None
            if state.clear_since is not None and t >= state.clear_since + seat.tier.keep:
                self._resolve(state, t, sight, None)

    def _fire(self, state: TierState, seat: Seat, t: int, sight: Sight) -> None:
        newest_first = sorted(sight.marked, key=_newest_first)
        named = [(unit.order_id, unit.package_id, unit.refund_id) for unit in newest_first]
        if sight.to_ship is not None:
            named = [(order_id, None, None) for order_id in sight.to_ship]
        state.since = None
        state.alert = {
            "shop_id": self._shop_id,
            "policy": seat.version.name,
            "policy_version": seat.version.version,
            "rule": seat.rule.name,
            "severity": seat.tier.severity,
            "metric": seat.rule.metric,
            "window": None if seat.rule.score else seat.rule.window_text,
            "state": "firing",
            "fired_at": written(t),
            "resolved_at": None,
            "at_fire": sight.describe(),
            "latest": None,
            "evidence": [
                {"order_id": order_id, "package_id": package_id, "refund_id": refund_id}
                for order_id, package_id, refund_id in named[:EVIDENCE]
            ],
        }
        self.alerts.append(state.alert)

    @staticmethod
    def _resolve(state: TierState, t: int, sight: Sight, because: str | None) -> None:
        if state.alert is not None:
            state.alert |= {"state": "resolved", "resolved_at": written(t), "latest": sight.describe()}
            if because is not None:
                state.alert["resolved_because"] = because
        state.alert, state.clear_since = None, None

    def _sight(self, seat: Seat, t: int) -> Sight:
        """A tier with a forecast is in breach, too, where it would be so soon if no further fact came (P1)."""
        now, forecast = self._sight_now(seat, t), seat.tier.forecast
        if forecast is None or now.breach:
            return now
        oracle = self._oracle(t)
        breach_at = oracle.breach_at(seat)
        if breach_at is None or breach_at > t + forecast:
            return now
        to_ship = [each.order_id for each in oracle.open_orders(seat.rule.metric or "")]
        return Sight(
            breach=True,
            clear=False,
            describe=now.describe,
            marked=(),
            to_ship=to_ship[: oracle.to_save(seat)],
        )

    def _oracle(self, t: int) -> "ForesightOracle":
        from tests.oracle.foresight import ForesightOracle  # noqa: PLC0415 - it watches shops itself

        facts = [fact for of in self._facts.values() for fact in of]
        return ForesightOracle(self._policy, facts, self._shop_id, t)

    def _sight_now(self, seat: Seat, t: int) -> Sight:
        rule, tier = seat.rule, seat.tier
        if rule.score:
            return self._sight_of_score(seat, rule.score, t)
        metric = seat.version.metrics[rule.metric or ""]
        counts, word = self._counts(metric, rule.window, t, penalty=tier.penalty), metric.beyond

        def describe() -> Document:
            return {
                "good": counts.good,
                "bad": counts.bad,
                "counted": counts.counted,
                "rate": _rounded(counts.rate(word)),
                "threshold": tier.as_written,
                "headroom": headroom(counts, tier, word),
                "score": None,
            }

        return Sight(breach(counts, tier, word), clear(counts, tier, word), describe, counts.marked)

    def _sight_of_score(self, seat: Seat, of: Score, t: int) -> Sight:
        """S2, S3: no score is no breach and clear."""
        parts = []
        for part in of.parts:
            metric = seat.version.metrics[part.metric]
            counts = self._counts(metric, seat.rule.window, t, penalty=seat.tier.penalty)
            parts.append((part, counts, metric.beyond))
        found = score(parts, of)

        def describe() -> Document:
            nothing: Document = dict.fromkeys(("good", "bad", "counted", "rate", "headroom"))
            return {**nothing, "threshold": seat.tier.as_written, "score": _rounded(found)}

        is_breach = beyond(found, seat.tier.threshold, "below")
        is_clear = not beyond(found, seat.tier.clear_at, "below")
        return Sight(is_breach, is_clear, describe, costliest(parts).marked)

    def _counts(self, metric: Metric, window: Window, t: int, *, penalty: bool) -> Counts:
        """What is in the window at ``t``; several tiers may ask for the same."""
        asked = (metric.name, metric.lag, window, t, penalty)
        if asked not in self._seen:
            self._seen[asked] = self._count(metric, window, t, penalty=penalty)
        return self._seen[asked]

    def _count(self, metric: Metric, window: Window, t: int, *, penalty: bool) -> Counts:
        """W2, U4: all units of the metric's name whose pane is in the window."""
        newest = t // window.pane - metric.lag // window.pane
        oldest = newest - window.length // window.pane + 1

        def inside(place: int | None) -> bool:
            return place is not None and oldest <= place // window.pane <= newest

        found = [unit for order in self._orders for unit in order.units(metric.name, t, penalty=penalty)]
        counted = [unit for unit in found if inside(unit.counted_at)]
        marked = [unit for unit in found if inside(unit.mark_at)]
        good = [unit for unit in counted if unit.mark_at is None]
        return Counts(len(good), len(marked), len(counted), marked)


def _seats(version: Version | None) -> list[Seat]:
    rules = version.rules.values() if version else ()
    return [Seat(version, rule, tier) for rule in rules for tier in rule.tiers if version]


def _windows(version: Version) -> set[tuple[Window, int]]:
    """All windows of the version's rules, each with the lags that it is seen with."""
    return {
        (rule.window, version.metrics[name].lag)
        for rule in version.rules.values()
        for name in ([part.metric for part in rule.score.parts] if rule.score else [rule.metric or ""])
    }


def _newest_first(unit: Unit) -> tuple[int, str, str, str]:
    return -(unit.mark_at or 0), unit.order_id, unit.package_id or "", unit.refund_id or ""


def _rounded(number: Fraction | None) -> float | None:
    """Half to even, to six digits."""
    return None if number is None else float(round(number, 6))
