"""How is what was verified told to programs?  As one JSON object, the same each time for the same topics."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from stream.archive.gaps import Gap
from stream.backtest.verify.comparing import Difference
from stream.backtest.verify.lateness import LateFact
from stream.backtest.verify.left import Left
from stream.backtest.verify.verifying import REASONS, Explained, Reason, Verified
from topics.times import rfc3339

What = Literal["only in the topic", "only in the replay", "differs"]


@dataclass(frozen=True, slots=True)
class Answer:
    """All partitions."""

    name: str
    """Of where it was read."""
    lefts: Sequence[Left]
    found: Sequence[Verified]
    gaps: Sequence[Gap]

    @property
    def differing(self) -> Sequence[Explained]:
        """Of all partitions, in the order of firing."""
        every = [each for one in self.found for each in one.differing]
        return sorted(every, key=lambda each: (each.difference.fired_at, each.difference.alert_id))

    @property
    def counts(self) -> Mapping[Reason, int]:
        """How many differences each reason explains."""
        counts = Counter(each.because.reason for each in self.differing)
        return {reason: counts[reason] for reason in REASONS}

    @property
    def equal(self) -> int:
        """Alerts that are the same."""
        return sum(one.equal for one in self.found)

    @property
    def events(self) -> int:
        """All that counted."""
        return sum(one.events for one in self.found)

    @property
    def shops(self) -> int:
        """That have events."""
        return sum(len(one.shops) for one in self.found)

    @property
    def ahead(self) -> int:
        """Alerts that fired after the clocks that are compared at."""
        return sum(one.ahead for one in self.found)


def what(difference: Difference) -> What:
    """On which side it is."""
    if difference.live is None:
        return "only in the replay"
    return "only in the topic" if difference.replayed is None else "differs"


def whole(answer: Answer) -> Mapping[str, object]:
    """All of it."""
    return {
        "recording": answer.name,
        "events": answer.events,
        "shops": answer.shops,
        "alerts": {"equal": answer.equal, "differing": len(answer.differing), "ahead": answer.ahead},
        "reasons": answer.counts,
        "partitions": [_partition(*pair) for pair in zip(answer.lefts, answer.found, strict=True)],
        "differences": [_difference(each) for each in answer.differing],
        "gaps": [str(gap) for gap in answer.gaps],
    }


def _partition(left: Left, found: Verified) -> Mapping[str, object]:
    return {
        "partition": found.partition,
        "decided": _time(found.decided),
        "drained_until": _time(left.clock.drained_until),
        "events": found.events,
        "equal": found.equal,
        "differing": len(found.differing),
        "policies": [
            {"digest": each.policy.digest, "policy": each.policy.name, "since": _time(each.since)}
            for each in left.policies
        ],
    }


def _difference(each: Explained) -> Mapping[str, object]:
    difference, because = each
    shop, rule, severity = difference.tier
    return {
        "alert_id": difference.alert_id,
        "shop_id": shop,
        "rule": rule,
        "severity": severity,
        "what": what(difference),
        "fields": list(difference.fields),
        "reason": because.reason,
        "why": because.text,
        "late": list(map(_late, because.facts)),
        "live": difference.live,
        "replayed": difference.replayed,
    }


def _late(late: LateFact) -> Mapping[str, object]:
    fact = late.fact
    return {
        "order_id": fact.event.order_id,
        "topic": fact.topic,
        "offset": fact.offset,
        "occurred_at": rfc3339(fact.at),
        "recorded_at": rfc3339(fact.recorded),
        "clock": rfc3339(late.clock),
        "certain": late.certain,
    }


def _time(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def is_explained(differing: Iterable[Explained]) -> bool:
    """Whether all have a reason."""
    return all(each.because.reason != "unexplained" for each in differing)
