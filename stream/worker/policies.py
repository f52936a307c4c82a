"""Which policy set is in force, and may it be?  What was in force before stands in the topic of policies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from stream.policy.spec import PolicySet
from stream.worker.errors import HistoryChangeError, UnknownPolicyError
from stream.worker.transaction import Row
from topics.ledger import Clock
from topics.policies import PolicyRecord

ReadTexts = Callable[[Sequence[str]], PolicySet]
ChangedBefore = Callable[[PolicySet, PolicySet, int], Sequence[str]]

_decode = msgspec.json.Decoder(PolicyRecord).decode


def record_of(policy: PolicySet, since: int | None) -> Row:
    """The record that says that ``policy`` is in force."""
    recorded = PolicyRecord(policy=policy.name, digest=policy.digest, since=since, texts=list(policy.texts))
    return Row(policy.digest.encode(), msgspec.json.encode(recorded))


@dataclass(frozen=True, slots=True)
class Succession:
    """May ``policy`` follow what was in force?"""

    policy: PolicySet
    read_texts: ReadTexts
    changed_before: ChangedBefore
    rewrite: bool

    def check(self, clock: Clock, known: Mapping[bytes, bytes]) -> None:
        """Raise HistoryChangeError if what is decided would be judged otherwise, and nobody asked for that.

        ``known`` is the topic of policies; UnknownPolicyError where it does not hold what was in force.
        """
        if clock.policy == self.policy.digest or clock.decided is None:
            return
        recorded = known.get(clock.policy.encode())
        if recorded is None:
            if not self.rewrite:
                raise UnknownPolicyError(clock.policy)
            return
        before = self.read_texts(_decode(recorded).texts)
        reasons = self.changed_before(before, self.policy, clock.decided)
        if reasons and (before.name != self.policy.name or not self.rewrite):
            raise HistoryChangeError(reasons)
