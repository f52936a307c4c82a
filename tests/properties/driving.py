"""How does a live host drive the engine?  In steps: some facts, then the clock; what must be kept is kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stream.engine.alerts import document
from stream.engine.engine import Engine
from stream.engine.reading import read_event
from stream.policy.spec import PolicySet
from tests.oracle.times import instant
from tests.properties.dice import Dice
from tests.properties.running import lines
from tests.properties.streams import Event


@dataclass(frozen=True)
class Step:
    """Facts, then a watermark."""

    events: Sequence[Event]
    watermark: int


def schedule(dice: Dice, events: Sequence[Event], end: int, *, late: int = 0) -> list[Step]:
    """Steps up to ``end``, each fact in one whose clock has not passed it, or in ``late`` of a hundred in any later one.

    Watermarks often are the very time of a fact, or a millisecond before it.
    """
    times = [instant(event["occurred_at"]) for event in events]
    wanted = {time - dice.one((0, 0, 1, 5_400_000)) for time in times if dice.chance(25)}
    watermarks = sorted({time for time in wanted if time < end} | {end})
    steps: list[list[Event]] = [[] for _ in watermarks]
    for event, time in zip(events, times, strict=True):
        last = next(index for index, watermark in enumerate(watermarks) if watermark >= time)
        if dice.chance(late):
            index = dice.whole(last, len(steps) - 1)
        else:
            index = last if dice.chance(60) else dice.whole(0, last)
        steps[index].append(event)
    return [Step(dice.shuffled(told), watermark) for told, watermark in zip(steps, watermarks, strict=True)]


class Host:
    """An engine, its ledger, and the last state of every alert that it gave."""

    def __init__(self, policy: PolicySet) -> None:
        self._policy = policy
        self.ledger: dict[bytes, bytes | None] = {}
        self.engine = Engine(policy)
        self.alerts: dict[str, dict[str, object]] = {}

    def take(self, events: Iterable[Event]) -> None:
        """Join facts."""
        for line in lines(events):
            self.engine.apply(read_event(None, None, line))

    def advance(self, watermark: int | None) -> None:
        """Decide what is due and keep what must be kept; None decides nothing."""
        changes = self.engine.advance(watermark)
        self.ledger |= changes.records
        self.alerts |= {alert.alert_id: document(alert, None) for alert in changes.alerts}

    def restart(self) -> None:
        """Another engine takes over with nothing but the ledger, as compaction leaves it, and the clock."""
        before, self.engine = self.engine, Engine(self._policy)
        for key, value in self.ledger.items():
            if value is not None:
                self.engine.restore(key, value)
        for _ in self.engine.rebuild(before.clock, before.latest_fact):
            """A slice."""

    def rates(self) -> dict[str, dict[str, object]]:
        """The rates of every shop."""
        return {shop: self.engine.rates(shop) for shop in self.engine.shops()}
