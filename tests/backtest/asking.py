"""Backtests for tests, written short: orders that turn good or bad at an hour after the start, and what is asked of them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from stream.archive.gaps import Gap
from stream.archive.recorded import Block, Recorded, blocks_of
from stream.backtest.answer import Answer, Asked, Origin, answer
from stream.backtest.episodes import Episode, TierOf
from stream.backtest.incidents import Incident
from stream.backtest.judging import Judges, by_engine
from stream.policy.reading import Source, read_policies
from stream.policy.spec import PolicySet
from topics.times import rfc3339

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_704_067_200_000
"""2024-01-01T00:00:00Z."""

Event = dict[str, object]

HEAD = """
[policy]
name = "test"
version = "{version}"
effective_from = {since}
time_zone = "{zone}"

[metrics.m]
kind = "on_time_ship"
{metric}

[rules.r]
metric = "m"
window = "{window}"
pane = "1h"
"""


def hours(count: float) -> int:
    """The instant so many hours after the start."""
    return START + round(count * HOUR)


def policy(
    tiers: str = "alarm = { below = 0.8 }",
    *,
    window: str = "10h",
    metric: str = "",
    zone: str = "UTC",
    since: str = "2023-12-01T00:00:00Z",
    version: str = "1",
    more: str = "",
) -> str:
    """A policy file with one rule, ``r``, whose window is ten hours long."""
    head = HEAD.format(version=version, since=since, zone=zone, metric=metric, window=window)
    return f"{head}{tiers}\n{more}"


def policy_of(*texts: str) -> PolicySet:
    """Its versions."""
    return read_policies([Source(f"{number}.toml", text) for number, text in enumerate(texts, 1)])


def order(
    name: str, at: float, shop: str = "S", *, good: bool, region: str = "310000", category: str | None = None
) -> list[Event]:
    """An order, paid an hour before, that is shipped at ``at`` in time, or late at ``at`` and never shipped."""
    common: Event = {"shop_id": shop, "order_id": name}
    paid = {
        "type": "order_paid",
        "event_id": f"{name}-paid",
        "occurred_at": rfc3339(hours(at - 1)),
        "ship_by": rfc3339(hours(at + 1 if good else at)),
        "goods": "physical",
        "ship_from": region,
        "ship_to": "440100",
        "items": 1,
        "amount": 100,
        "currency": "CNY",
        **({} if category is None else {"category": category}),
    }
    shipped = {
        "type": "package_shipped",
        "event_id": f"{name}-shipped",
        "occurred_at": rfc3339(hours(at)),
        "package_id": f"{name}-p",
        "carrier": "c",
    }
    return [{**common, **paid}, {**common, **shipped}] if good else [{**common, **paid}]


def orders(good: Iterable[float] = (), bad: Iterable[float] = (), shop: str = "S") -> list[Event]:
    """Good and bad ones at these hours."""
    told = [(at, True) for at in good] + [(at, False) for at in bad]
    return [
        event for at, is_good in told for event in order(f"{shop}-{at}-{is_good}", at, shop, good=is_good)
    ]


def cancelled(at: float, shop: str = "S") -> Event:
    """An event that only carries the time on: of an order that was never paid."""
    return {
        "type": "order_cancelled",
        "event_id": f"{shop}-{at}",
        "shop_id": shop,
        "order_id": f"{shop}-{at}-never",
        "occurred_at": rfc3339(hours(at)),
        "by": "buyer",
        "reason": "r",
    }


@dataclass(frozen=True)
class InMemory:
    """A recording of these lines."""

    lines: Sequence[bytes]
    name: str = "memory"
    gaps: Sequence[Gap] = ()

    def partitions(self) -> Sequence[int]:
        """One."""
        return (0,)

    def read(self, partition: int, shops: frozenset[bytes] | None = None) -> Iterator[Recorded]:
        """All of them."""
        for number, line in enumerate(self.lines, 1):
            yield Recorded(None, None, line, partition, number, 0)

    def blocks(self, partition: int) -> Iterator[Block]:
        """All of them."""
        return blocks_of(self.read(partition))

    def fingerprint(self) -> str:
        """The same for all: nothing asks for it."""
        return "0"


@dataclass(frozen=True)
class Case:
    """A recording and two policies; times in hours."""

    events: Sequence[Event]
    baseline: str = field(default_factory=policy)
    candidate: str = field(default_factory=policy)
    begin: float | None = None
    end: float | None = None
    incidents: Sequence[Incident] | None = None
    shops: frozenset[str] | None = None

    @cached_property
    def judges(self) -> Judges:
        """What judges the recording."""
        return by_engine(InMemory([json.dumps(event).encode() for event in self.events]), self.shops)

    @cached_property
    def answer(self) -> Answer:
        """What is answered."""
        asked = Asked(
            policy_of(self.baseline),
            policy_of(self.candidate),
            None if self.begin is None else hours(self.begin),
            None if self.end is None else hours(self.end),
            DAY,
            self.incidents,
        )
        return answer(self.judges, Origin("memory", "0"), asked)

    @property
    def said(self) -> list[tuple[str, ...]]:
        """The words of every alert or pair, in the order of time."""
        return [each.change.words for each in self.answer.changes]

    @property
    def sentences(self) -> list[str]:
        """Why what changes does."""
        return [why.sentence for each in self.answer.changes for why in each.why]

    @property
    def settings(self) -> list[list[str]]:
        """What parted the policies, each time that they part."""
        return [
            [setting.name for setting in why.settings] for each in self.answer.changes for why in each.why
        ]


def episode(fired: float, resolved: float | None = None, shop: str = "S", severity: str = "alarm") -> Episode:
    """An alert that fires between these hours."""
    until = None if resolved is None else hours(resolved)
    return Episode(
        hours(fired), TierOf(shop, "r", severity), f"{shop}-{severity}-{fired:g}-{resolved}", until, "1", "m"
    )
