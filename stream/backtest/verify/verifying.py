"""Is a partition's every alert what a replay says, and if not, what explains it?

All facts that were counted are replayed, none of them late, under the policies that were in force, up to the clock of the
partition.  What differs then has a reason that can be shown, or none.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from stream.archive.recorded import Recorded, Recording
from stream.backtest.known import A_STEP, Progress
from stream.backtest.span import reach
from stream.backtest.verify.arrival import Arrived, Bounds, Pace, Run, counted
from stream.backtest.verify.comparing import (
    Difference,
    Seen,
    Tier,
    as_of,
    differences,
    documents_of,
    instants_of,
    tier_of,
)
from stream.backtest.verify.judge import Judge
from stream.backtest.verify.lateness import LateFact, Search
from stream.backtest.verify.left import Left
from topics.times import rfc3339

Reason = Literal["late", "policy", "restart", "gap", "unexplained"]
REASONS: Sequence[Reason] = ("late", "policy", "restart", "gap", "unexplained")


class Because(NamedTuple):
    """Why an alert differs; the text is a sentence."""

    reason: Reason
    text: str
    facts: Sequence[LateFact] = ()


class Explained(NamedTuple):
    """A difference with its reason."""

    difference: Difference
    because: Because


@dataclass(frozen=True, slots=True)
class Asked:
    """What is verified: alerts that fired from ``begin`` to ``end``, both included, of these shops; None: all."""

    begin: int | None = None
    end: int | None = None
    shops: frozenset[str] | None = None

    def concerns(self, shop: str, fired_at: int) -> bool:
        """Whether an alert is to be compared."""
        return (
            (self.shops is None or shop in self.shops)
            and (self.begin is None or fired_at >= self.begin)
            and (self.end is None or fired_at <= self.end)
        )


@dataclass(slots=True)
class Verified:
    """One partition; ``decided`` None: no worker has decided anything there yet."""

    partition: int
    decided: int | None
    events: int = 0
    shops: frozenset[str] = frozenset()
    """That have events."""
    equal: int = 0
    ahead: int = 0
    """Alerts that were written while this was read: they fired after the clock that is compared at."""
    differing: list[Explained] = field(default_factory=list)


@dataclass(slots=True)
class _Past:
    """What was read on the way to a replay."""

    pace: Pace = field(default_factory=Pace)
    begins: dict[str, int] = field(default_factory=dict)
    """Of each topic the offset of the first record."""
    first: dict[str, int] = field(default_factory=dict)
    """And the time of the first fact that counted."""
    shops: set[str] = field(default_factory=set)
    events: int = 0

    def see(self, record: Recorded) -> None:
        self.begins.setdefault(record.topic or "", record.offset)

    def take(self, fact: Arrived) -> None:
        self.events += 1
        self.pace.take(fact)
        self.first.setdefault(fact.topic, fact.at)
        self.shops.add(fact.event.shop_id)


def verify(left: Left, recording: Recording, run: Run, asked: Asked, progress: Progress) -> Verified:
    """Compare one partition, of which ``recording`` has what was recorded; raises ArchiveError.

    What of its beginning is not in the recording is a gap, unless ``asked`` begins later than what hangs on it.
    """
    found = Verified(left.partition, left.clock.decided)
    if left.clock.decided is None:
        return found
    past, judge = _Past(), Judge(left.policies)
    for record in recording.read(left.partition):
        past.see(record)
        fact = counted(record, left, run)
        if fact is None:
            continue
        past.take(fact)
        if asked.shops is None or fact.event.shop_id in asked.shops:
            judge.apply(fact.event)
        if past.events % A_STEP == 0:
            progress.reached("events read", past.events, None)
    judge.advance(left.clock.decided)
    found.events, found.shops = past.events, frozenset(past.shops)
    live = _live(left, found)
    compared = {name: seen for name, seen in live.items() if _asked(asked, seen.document)}
    replayed = {
        name: alert for name, alert in documents_of(judge.alerts.values()).items() if _asked(asked, alert)
    }
    differing = differences(compared, replayed)
    found.equal = len(compared.keys() | replayed.keys()) - len(differing)
    explaining = _Explaining(left, recording, run, past, live, asked)
    found.differing = explaining.explain(differing, progress)
    return found


def _live(left: Left, found: Verified) -> Mapping[str, Seen]:
    live = {}
    for name, states in left.alerts.items():
        seen = as_of(states, found.decided or 0)
        if seen is None:
            found.ahead += 1
        else:
            live[name] = seen
    return live


def _asked(asked: Asked, alert: Mapping[str, object]) -> bool:
    return asked.concerns(str(alert["shop_id"]), instants_of(alert)[0])


@dataclass(slots=True)
class _Explaining:
    """Finds reasons, the cheap ones first; none of them explains what another could have excluded."""

    left: Left
    recording: Recording
    run: Run
    past: _Past
    live: Mapping[str, Seen]
    asked: Asked
    _facts: dict[str, list[Arrived]] = field(default_factory=dict)

    def explain(self, differing: Sequence[Difference], progress: Progress) -> list[Explained]:
        """All of them, in their order."""
        tiers = defaultdict[Tier, list[Difference]](list)
        reasons: dict[str, Because] = {}
        for each in differing:
            because = self._restart(each) or self._gap(each)
            if because is None:
                tiers[each.tier].append(each)
            else:
                reasons[each.alert_id] = because
        self._read({tier.shop for tier in tiers})
        searches: dict[str, Search] = {}
        for number, (tier, members) in enumerate(tiers.items(), 1):
            search = searches.get(tier.shop) or searches.setdefault(tier.shop, self._search(tier.shop))
            proof = search.explain(tier)
            for each in members:
                late = proof.explains(each) if proof else ()
                reasons[each.alert_id] = _late(late) if late else self._policy(each) or _unexplained(each)
            progress.reached("differences looked into", number, len(tiers))
        return [Explained(each, reasons[each.alert_id]) for each in differing]

    def _restart(self, difference: Difference) -> Because | None:
        began, written = self.left.began, difference.written
        if difference.replayed is not None or began is None or written is None or written >= began:
            return None
        return Because(
            "restart",
            f"it was written at {rfc3339(written)} by workers before the group's ledger began anew at {rfc3339(began)}; "
            "what was read since does not bring it about",
        )

    def _gap(self, difference: Difference) -> Because | None:
        known_from = self._known_from()
        if known_from is not None and difference.begins <= known_from:
            return Because(
                "gap",
                f"up to {rfc3339(known_from)} alerts hang on events that are not kept any more (retention)",
            )
        return self._fires_from_before(difference)

    def _known_from(self) -> int | None:
        """Up to when what is judged hangs on what the recording lacks; None: it lacks nothing that counts."""
        far = max(reach(in_force.policy) for in_force in self.left.policies)
        decided = self.left.clock.decided or 0
        return max(
            (self.past.first[topic] + far if topic in self.past.first else decided for topic in self._cut()),
            default=None,
        )

    def _cut(self) -> set[str]:
        """Topics whose beginning is not there: with --from those of which Kafka has deleted something that was asked for."""
        if self.asked.begin is not None:
            return {
                gap.topic
                for gap in self.recording.gaps
                if gap.offsets is not None and self.left.partition in gap.partitions
            }
        begun = {topic for topic, offset in self.past.begins.items() if offset == 0}
        return {topic for topic, after in self.left.clock.next.items() if after} - begun

    def _fires_from_before(self, difference: Difference) -> Because | None:
        """A replay that begins later does not know that a tier fires already: that hangs on all that was before."""
        begin = self.asked.begin
        if begin is None:
            return None
        for seen in self.live.values():
            fired, *resolved = instants_of(seen.document)
            over = resolved[0] if resolved else None
            if (
                tier_of(seen.document) == difference.tier
                and fired < begin
                and (over is None or over >= begin)
            ):
                return Because(
                    "gap",
                    f"the tier fired already before --from, since {rfc3339(fired)}, which a replay from there on does not know; "
                    "verify without --from",
                )
        return None

    def _policy(self, difference: Difference) -> Because | None:
        since = self.left.policies[0].since
        if since is None or difference.begins > since:
            return None
        return Because(
            "policy",
            f"which policy set was in force before {rfc3339(since)} is not on record any more; it was replayed under the "
            "one that followed",
        )

    def _read(self, shops: set[str]) -> None:
        """The facts of these shops once more, to be judged as they came."""
        if not shops:
            return
        self._facts = {shop: [] for shop in shops}
        keys = frozenset(shop.encode() for shop in shops)
        for record in self.recording.read(self.left.partition, keys):
            fact = counted(record, self.left, self.run)
            if fact is not None and fact.event.shop_id in shops:
                self._facts[fact.event.shop_id].append(fact)

    def _search(self, shop: str) -> Search:
        live = {
            name: seen
            for name, seen in self.live.items()
            if seen.document["shop_id"] == shop and self._compared(seen.document)
        }
        bounds = Bounds(self.left, self.run, self.past.pace)
        return Search(self.left, bounds, self._facts[shop], live, self._compared)

    def _compared(self, alert: Mapping[str, object]) -> bool:
        return _asked(self.asked, alert)


MOST_NAMED = 3
"""So many late facts are named in a sentence."""


def _late(facts: Sequence[LateFact]) -> Because:
    named = "; ".join(_named(each) for each in facts[:MOST_NAMED])
    more = f"; and {len(facts) - MOST_NAMED} more" if len(facts) > MOST_NAMED else ""
    return Because("late", f"judged as it came, the live answer comes out: {named}{more}", facts)


def _named(late: LateFact) -> str:
    fact, event = late.fact, late.fact.event
    stood = "had passed" if late.certain else "may have passed"
    return (
        f"{type(event.fact).__name__.lower()} of order {event.order_id} at {rfc3339(fact.at)} ({fact.topic}, offset {fact.offset}) "
        f"was read when the clock {stood} {rfc3339(late.clock)}"
    )


def _unexplained(difference: Difference) -> Because:
    if difference.live is None:
        text = "the replay has it, the topic does not, and no late fact, change of policy or gap says why"
    elif difference.replayed is None:
        text = "the topic has it, the replay does not, and no late fact, change of policy or gap says why"
    else:
        text = "no late fact, change of policy or gap says why"
    return Because("unexplained", text)
