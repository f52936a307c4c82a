"""Is an alert as it was written the alert of the replay, field by field?"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import orjson

from stream.backtest.verify.left import Document, Written
from stream.engine.alerts import Alert, document
from topics.times import parse_time

OF_WRITING = "emitted_at"
"""The one field that a replay does not have."""

OF_THE_STATE = ("state", "resolved_at", "resolved_because", "latest", "message")
"""What an alert says of its present; the rest it has since it fired."""

TOLD_LATER = frozenset({"policy_version", "exemptions"})
"""What evidence has said from some release on: one that does not say it is no difference."""

FOR_EVER = 1 << 62
"""After all times."""


class Tier(NamedTuple):
    """A tier of a rule, in a shop: each is judged by itself (SEMANTICS R5)."""

    shop: str
    rule: str
    severity: str


class Difference(NamedTuple):
    """An alert that is not the same on both sides; None: it is not there."""

    alert_id: str
    live: Document | None
    replayed: Document | None
    fields: Sequence[str]
    """Which differ, where it is there on both sides."""
    written: int | None
    """When its last state was recorded, in milliseconds."""

    @property
    def tier(self) -> Tier:
        """Whose alert it is."""
        return tier_of(self.some)

    @property
    def some(self) -> Document:
        """One of the two."""
        return self.live or self.replayed or {}

    @property
    def fired_at(self) -> int:
        """When it fired."""
        return _time(self.some, "fired_at") or 0

    @property
    def begins(self) -> int:
        """The first instant at which the two differ."""
        if self.live and self.replayed and set(self.fields) <= set(OF_THE_STATE):
            ends = [_time(each, "resolved_at") for each in (self.live, self.replayed)]
            return min((end for end in ends if end is not None), default=self.fired_at)
        return self.fired_at

    @property
    def ends(self) -> int:
        """The last instant of either; FOR_EVER where one fires still."""
        sides = [each for each in (self.live, self.replayed) if each is not None]
        return max(_time(each, "resolved_at") or FOR_EVER for each in sides)


def tier_of(alert: Document) -> Tier:
    """Whose alert it is."""
    return Tier(str(alert["shop_id"]), str(alert["rule"]), str(alert["severity"]))


def instants_of(alert: Document) -> Sequence[int]:
    """When it fired, and when it resolved, if it did."""
    times = (_time(alert, "fired_at"), _time(alert, "resolved_at"))
    return [time for time in times if time is not None]


def _time(alert: Document, name: str) -> int | None:
    text = alert.get(name)
    return parse_time(text) if isinstance(text, str) else None


class Seen(NamedTuple):
    """A live alert as it was at the clock that is compared at, and when its last state was recorded."""

    document: Document
    written: int


def as_of(states: Sequence[Written], decided: int) -> Seen | None:
    """What had been written of an alert when all up to ``decided`` was decided; None: it fired after.

    Of one that has resolved since, and whose older state compaction took, only what it has since it fired is known.
    """
    last = states[-1]
    if all(instant <= decided for instant in instants_of(last.document)):
        return Seen(last.document, last.at)
    if instants_of(last.document)[0] > decided:
        return None
    for state in reversed(states):
        if state.document["state"] == "firing":
            return Seen(state.document, last.at)
    return Seen({name: value for name, value in last.document.items() if name not in OF_THE_STATE}, last.at)


def documents_of(alerts: Iterable[Alert]) -> dict[str, Document]:
    """As whoever reads the topic would see them, but for the time of writing."""
    return {alert.alert_id: orjson.loads(orjson.dumps(document(alert, None))) for alert in alerts}


def differences(live: Mapping[str, Seen], replayed: Mapping[str, Document]) -> list[Difference]:
    """In the order of firing; empty if all are equal."""
    found = [
        Difference(name, _document(live.get(name)), replayed.get(name), fields, _written(live.get(name)))
        for name in {**live, **replayed}
        if (fields := _fields(live.get(name), replayed.get(name))) is not None
    ]
    return sorted(found, key=lambda each: (each.fired_at, each.alert_id))


def _fields(live: Seen | None, replayed: Document | None) -> Sequence[str] | None:
    """Those that differ, none where a side is missing; None where all are equal."""
    if live is None or replayed is None:
        return ()
    mine = live.document
    names = mine.keys() if mine.keys() < replayed.keys() else {**mine, **replayed}
    return [
        name for name in names if name != OF_WRITING and not _agree(mine.get(name), replayed.get(name))
    ] or None


def _agree(mine: object, replayed: object) -> bool:
    """Whether a field says the same, as far as the release that wrote ``mine`` could tell."""
    if isinstance(mine, list) and isinstance(replayed, list):
        return len(mine) == len(replayed) and all(map(_agree, mine, replayed))
    if isinstance(mine, dict) and isinstance(replayed, dict):
        told = [name for name in {**mine, **replayed} if mine.get(name) is not None or name not in TOLD_LATER]
        return all(mine.get(name) == replayed.get(name) for name in told)
    return mine == replayed


def _document(seen: Seen | None) -> Document | None:
    return None if seen is None else seen.document


def _written(seen: Seen | None) -> int | None:
    return None if seen is None else seen.written
