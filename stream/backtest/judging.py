"""What does a policy conclude from a recording, and how did it see a shop at an instant?  By the production engine itself.

All facts are read before anything is decided, so none is late (SEMANTICS T5).  What judges is asked through `Judges` alone, so
that something quicker which gives the same answers can take its place.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from stream.archive.recorded import Recording
from stream.backtest.cohorts import Cohorts, cohorts
from stream.backtest.known import Known, Progress, Silent, read
from stream.backtest.profiles import Profile, profiles
from stream.backtest.sampling import Sample, Samples
from stream.backtest.span import Span, day_ends, zone_of
from stream.engine.alerts import Alert, document
from stream.engine.engine import Engine
from stream.engine.ledger import order_key
from stream.policy.spec import PolicySet

Document = Mapping[str, object]
"""An alert (DESIGN 6), or how a shop stands (DESIGN 3)."""

TURNS = 50
"""So often it is told how far a judgement is, where days are not shorter."""


class Moment(NamedTuple):
    """A shop at an instant."""

    shop: str
    at: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What a policy concluded."""

    alerts: Sequence[Document]
    """Every alert that fires at some instant of the span, as it is at the end of it, in the order of firing."""
    rates: Sample
    """How the shops stood at the end of each day of it."""


class Judges(Protocol):
    """One recording, to be judged under any policy."""

    @property
    def known(self) -> Known:
        """What was read."""
        ...

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """Its shops, by name."""
        ...

    def end(self, policy: PolicySet) -> int:
        """Where a judgement ends by itself (SEMANTICS T5)."""
        ...

    def judged(self, policy: PolicySet, span: Span) -> Judged:
        """Everything up to the end of ``span`` is decided; of it what concerns ``span`` is handed out."""
        ...

    def stood(self, policy: PolicySet, moments: Collection[Moment]) -> Mapping[Moment, Document]:
        """How shops stood at instants, all that happened at them included: documents of the topic ``rates``."""
        ...

    def cohorts(self, policy: PolicySet) -> Cohorts:
        """What became of every unit in the end."""
        ...


def judged(
    policy: PolicySet, recording: Recording, span: Span, shops: frozenset[str] | None = None
) -> Judged:
    """What ``policy`` concludes from ``recording`` about ``shops``, or all; raises ArchiveError and BacktestError."""
    return by_engine(recording, shops).judged(policy, span)


def by_engine(
    recording: Recording,
    shops: frozenset[str] | None = None,
    last: int | None = None,
    progress: Progress | None = None,
) -> Judges:
    """Judges ``recording``, or ``shops`` of it alone, by the engine, as if nothing had happened after ``last``.

    Raises ArchiveError and BacktestError.
    """
    said = progress or Silent()
    known = read(recording, shops, last, said)
    return _ByEngine(known, profiles(known), said)


@dataclass(slots=True)
class _ByEngine:
    known: Known
    profiles: Mapping[str, Profile]
    _progress: Progress
    _loaded: dict[str, Engine] = field(default_factory=dict)
    """Engines that have been asked for their end and not yet used, by the digest of their policy."""

    def end(self, policy: PolicySet) -> int:
        engine = self._loaded[policy.digest] = self._engine(policy, self.known.shops)
        end = engine.end()
        return self.known.latest if end is None else max(end, self.known.latest)

    def judged(self, policy: PolicySet, span: Span) -> Judged:
        engine = self._loaded.pop(policy.digest, None) or self._engine(policy, self.known.shops)
        samples, latest = Samples(policy), dict[str, Alert]()
        for at, is_day_end in _turns(self.known.first, span, zone_of(policy)):
            changes = engine.advance(at)
            latest |= {alert.alert_id: alert for alert in changes.alerts}
            for shop in changes.touched:
                samples.take(shop, engine.rates(shop, foresight=False))
            if is_day_end:
                samples.end_day()
            self._progress.reached("judged", at - self.known.first, span.end - self.known.first)
        within = (alert for alert in latest.values() if _concerns(alert, span))
        alerts = sorted(within, key=lambda alert: (alert.fired_at, alert.alert_id))
        return Judged([document(alert, None) for alert in alerts], samples.sample())

    def stood(self, policy: PolicySet, moments: Collection[Moment]) -> Mapping[Moment, Document]:
        asked = sorted(set(moments), key=lambda moment: (moment.at, moment.shop))
        names = sorted({moment.shop for moment in asked})
        engine = self._engine(policy, {shop: self.known.shops[shop] for shop in names})
        found: dict[Moment, Document] = {}
        for number, moment in enumerate(asked, 1):
            if engine.clock is None or engine.clock < moment.at:
                engine.advance(moment.at)
                self._progress.reached("looked at why", number, len(asked))
            found[moment] = engine.rates(moment.shop)
        return found

    def cohorts(self, policy: PolicySet) -> Cohorts:
        return cohorts(self.known, policy, self._progress)

    def _engine(self, policy: PolicySet, shops: Mapping[str, Mapping[str, bytes]]) -> Engine:
        """One that knows all facts of ``shops``, and has decided nothing: its records are those that a ledger would hold."""
        engine = Engine(policy)
        for shop, orders in shops.items():
            for order_id, packed in orders.items():
                engine.restore(order_key(shop, order_id), packed)
        for _ in engine.rebuild(None, self.known.latest):
            pass
        return engine


def _turns(first: int, span: Span, zone: str) -> Iterator[tuple[int, bool]]:
    """The instants to which the clock is moved one after the other, and whether a day of ``span`` ends there.

    A day's end is the last millisecond of it.
    """
    ends = {at - 1 for at in day_ends(Span(span.begin, span.end + 1), zone)}
    step = max((span.end - first) // TURNS, 1)
    turns = {*ends, *range(first, span.end, step), span.end}
    yield from ((at, at in ends) for at in sorted(turns))


def _concerns(alert: Alert, span: Span) -> bool:
    """Whether it fires at some instant of ``span``."""
    return alert.fired_at <= span.end and (alert.resolved_at is None or alert.resolved_at > span.begin)
