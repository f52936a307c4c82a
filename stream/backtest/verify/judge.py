"""What does the production engine conclude under the policies that were in force, each from its clock on?

A new set takes over as it does in a worker that is started with it: of the ledger and the clock a new engine is built, which
judges all rules again at that clock.  So a set that rewrites history is judged there too, like a late fact.
"""

from collections.abc import Mapping, Sequence

from stream.backtest.verify.left import InForce
from stream.engine.alerts import Alert
from stream.engine.engine import Changes, Engine
from stream.engine.reading import Event


class Judge:
    """Facts in, alerts out; ``policies`` has at least one, rising by their clocks."""

    def __init__(self, policies: Sequence[InForce]) -> None:
        self._engine = Engine(policies[0].policy)
        self._ahead = list(policies[1:])
        self._ledger: dict[bytes, bytes] = {}
        self.alerts: dict[str, Alert] = {}
        """The last state of each."""

    def apply(self, event: Event) -> None:
        """Join a fact; one that the clock has passed is judged where the clock stands (SEMANTICS T4)."""
        self._engine.apply(event)

    def advance(self, watermark: int) -> None:
        """Decide all up to it; behind the clock it decides what late facts have changed."""
        while self._ahead and (self._ahead[0].since or 0) <= watermark:
            since, policy = self._ahead[0]
            if since is not None:
                self._take(self._engine.advance(since))
            self._ahead.pop(0)
            self._engine = self._successor(Engine(policy))
        self._take(self._engine.advance(watermark))

    def _take(self, changes: Changes) -> None:
        self.alerts |= {alert.alert_id: alert for alert in changes.alerts}
        if self._ahead:
            _keep(self._ledger, changes.records)

    def _successor(self, engine: Engine) -> Engine:
        for key, value in self._ledger.items():
            engine.restore(key, value)
        for _ in engine.rebuild(self._engine.clock, self._engine.latest_fact):
            pass
        return engine


def _keep(ledger: dict[bytes, bytes], records: Mapping[bytes, bytes | None]) -> None:
    for key, value in records.items():
        if value is None:
            ledger.pop(key, None)
        else:
            ledger[key] = value
