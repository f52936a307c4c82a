"""What did workers leave of one partition: their clocks, the policies that were in force, the alerts, the dead letters?

Topics are read as logs, not as their last states alone: an older clock record that compaction has not taken yet says which
records had been read when the clock stood where it stood.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from stream.backtest.errors import BacktestError
from stream.policy.problems import PolicyError
from stream.policy.reading import Source, read_policies
from stream.policy.spec import PolicySet
from topics.ledger import Clock
from topics.policies import PolicyRecord

Document = Mapping[str, object]
"""An alert as the topic carries it (DESIGN 6)."""


class UnknownPolicyError(BacktestError):
    """What was in force cannot be known."""

    def __init__(self, partition: int, digest: str) -> None:
        super().__init__(
            f"partition {partition} was judged under the policy set {digest[:12]}, which is not in the topic policies; "
            "only what is there can be replayed"
        )


class UnreadablePolicyError(BacktestError):
    """A policy set on record is none any more."""

    def __init__(self, digest: str, why: str) -> None:
        super().__init__(
            f"the policy set {digest[:12]} in the topic policies cannot be read by this release: {why}; "
            "verify with the release that judged by it"
        )


class Mark(NamedTuple):
    """All records below the offsets ``next`` had been read, and no other, when everything up to ``decided`` was decided."""

    next: Mapping[str, int]
    decided: int | None


class InForce(NamedTuple):
    """A policy set, and the clock at which it took over; None: there was no clock yet."""

    since: int | None
    policy: PolicySet


class Written(NamedTuple):
    """A state of an alert, and when it was recorded, in milliseconds."""

    document: Document
    at: int


@dataclass(frozen=True, slots=True)
class Left:
    """One partition, read committed; ``clock`` was read before all the rest, so nothing that it speaks of is missing."""

    partition: int
    clock: Clock
    marks: Sequence[Mark]
    """Those that Kafka still has, in the order of the log; the last is the clock's."""
    policies: Sequence[InForce]
    began: int | None
    """When the group that wrote the clock began, in milliseconds of real time; None: that is not on record."""
    alerts: Mapping[str, Sequence[Written]]
    """By alert_id: the states that Kafka still has, in the order of the log."""
    dead: frozenset[tuple[str, int]]
    """Topic and offset of what went to the dead letters, and was not counted."""

    @property
    def drained_only(self) -> bool:
        """Whether nothing but a drain is known to have decided here: there no fact is late (SEMANTICS T5)."""
        last = self.marks[-1]
        return self.clock.drained_until is not None and all(
            mark.decided is None or mark.next == last.next for mark in self.marks
        )


def marks_of(clocks: Iterable[Clock | None]) -> Sequence[Mark]:
    """Those of the log since it was last deleted (None), or begun anew, which takes the offsets back."""
    found: list[Mark] = []
    for clock in clocks:
        if clock is None or (found and _goes_back(found[-1].next, clock.next)):
            found.clear()
        if clock is not None:
            found.append(Mark(clock.next, clock.decided))
    return found


def _goes_back(before: Mapping[str, int], after: Mapping[str, int]) -> bool:
    return any(after.get(topic, 0) < offset for topic, offset in before.items())


def succession(
    records: Iterable[tuple[PolicyRecord, int]], clock: Clock, partition: int
) -> tuple[Sequence[InForce], int | None]:
    """What was in force, one after the other, and when the group began; ``records`` come with when they were recorded.

    Compaction keeps the last record of a set: of one that was in force, then not, then again, the first time is gone.
    Raises UnknownPolicyError and UnreadablePolicyError.
    """
    known = list(records)
    while known and known[-1][0].digest != clock.policy:
        known.pop()  # it has taken over since the clock was read
    if not known:
        raise UnknownPolicyError(partition, clock.policy)
    found: list[InForce] = []
    began = None
    for record, at in known:
        if record.since is None:
            found.clear()
            began = at
        found.append(InForce(record.since, _policy_set(record.digest, tuple(record.texts))))
    return found, began


@lru_cache(64)
def _policy_set(digest: str, texts: tuple[str, ...]) -> PolicySet:
    try:
        return read_policies([Source(f"file {number}", text) for number, text in enumerate(texts, 1)])
    except PolicyError as error:
        raise UnreadablePolicyError(digest, str(error.problems[0])) from None
