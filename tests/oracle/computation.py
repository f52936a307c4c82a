"""Which alerts do a policy and events give?  (SEMANTICS T4, T5)"""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.oracle.facts import Fact, read_fact
from tests.oracle.policies import Policy, read_policy
from tests.oracle.watch import Document, ShopWatch

Event = Mapping[str, Any]


class Oracle:
    """The answer of SEMANTICS: ``policy_texts`` are the files of one policy, ``events`` any events in any order."""

    def __init__(self, policy_texts: Sequence[str], events: Sequence[Event]) -> None:
        self._policy = read_policy(policy_texts)
        self._facts: dict[str, list[Fact]] = {}
        for fact in map(read_fact, events):
            self._facts.setdefault(fact.shop_id, []).append(fact)

    def end(self) -> int | None:
        """Where a replay ends by itself (T5); None where nothing was read."""
        ends = [fact.at for facts in self._facts.values() for fact in facts]
        ends += [end for watch in self._watches().values() if (end := watch.last_deadline()) is not None]
        return max(ends, default=None)

    def alerts(self, until_ms: int | None = None) -> list[Document]:
        """All alerts as they stand at the end, in the order of firing, then of what they are called."""
        end = self.end() if until_ms is None else until_ms
        return [] if end is None else finished(self._advanced(end), end)

    def rates(self, shop_id: str, t_ms: int) -> list[Document]:
        """What every tier of a shop sees at an instant, and its state; of each its ``rule`` and ``severity``."""
        watch = self._watch(shop_id)
        watch.advance(None, t_ms)
        return watch.rates(t_ms)

    def shops(self) -> list[str]:
        """All that any event is of."""
        return sorted(self._facts)

    def _watches(self) -> dict[str, ShopWatch]:
        return {shop: self._watch(shop) for shop in self.shops()}

    def _watch(self, shop_id: str) -> ShopWatch:
        watch = ShopWatch(self._policy, shop_id)
        watch.learn(self._facts.get(shop_id, []))
        return watch

    def _advanced(self, to: int) -> dict[str, ShopWatch]:
        watches = self._watches()
        for watch in watches.values():
            watch.advance(None, to)
        return watches


class LateOracle:
    """The same, where facts come in steps, some behind the clock (T4)."""

    def __init__(self, policy_texts: Sequence[str]) -> None:
        self._policy: Policy = read_policy(policy_texts)
        self._watches: dict[str, ShopWatch] = {}
        self._clock: int | None = None

    def step(self, events: Sequence[Event], watermark: int) -> None:
        """Learn ``events``, then advance; of a fact behind the clock its shop is judged again where the clock stands."""
        facts = [read_fact(event) for event in events]
        for shop in {fact.shop_id for fact in facts} - self._watches.keys():
            self._watches[shop] = ShopWatch(self._policy, shop)
        for shop, watch in self._watches.items():
            mine = [fact for fact in facts if fact.shop_id == shop]
            if mine:
                watch.learn(mine)
            watch.advance(self._clock, watermark, again=self._is_late(mine))
        self._clock = watermark

    def _is_late(self, facts: Sequence[Fact]) -> bool:
        return self._clock is not None and any(fact.at <= self._clock for fact in facts)

    def alerts(self) -> list[Document]:
        """All alerts as they stand at the clock."""
        return [] if self._clock is None else finished(self._watches, self._clock)


def finished(watches: Mapping[str, ShopWatch], end: int) -> list[Document]:
    """The alerts of all shops at the end, in a fixed order."""
    return sorted((alert for watch in watches.values() for alert in watch.close(end)), key=_order)


def _order(alert: Document) -> tuple[str, str, str, str]:
    return alert["fired_at"], alert["shop_id"], alert["rule"], alert["severity"]
