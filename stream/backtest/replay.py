"""What would the engine have concluded from a recording?  The whole of it, at once, without Kafka (SEMANTICS T5)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from stream.engine.alerts import Alert, document
from stream.engine.engine import Engine
from stream.engine.reading import Event, UnreadableEvent, read_event
from stream.policy.spec import PolicySet


@dataclass(frozen=True, slots=True)
class Refused:
    """A line of a recording that is no event; ``line`` counts from 1."""

    line: int
    reason: str
    detail: str


@dataclass(slots=True)
class Replay:
    """What came of a recording; documents are those of the topics, ``emitted_at`` being None."""

    alerts: list[dict[str, object]] = field(default_factory=list)
    """The last state of every alert, in the order of firing."""
    rates: Mapping[str, dict[str, object]] = field(default_factory=dict)
    """How every shop stands at the end."""
    refused: list[Refused] = field(default_factory=list)
    events: int = 0
    """How many were read, repeats included."""
    end_ms: int | None = None
    """Up to where all is decided; None: there was nothing to decide."""


def replay(policy: PolicySet, lines: Iterable[bytes], until_ms: int | None = None) -> Replay:
    """Read every line, then decide all of it, up to and including ``until_ms`` or the recording's own end.

    A line that is no event, a blank one too, is noted and passed over; facts after ``until_ms`` count for nothing.
    """
    found = Replay()
    engine = Engine(policy)
    for event in _read(lines, found):
        if until_ms is None or event.occurred_at <= until_ms:
            engine.apply(event)
    found.end_ms = engine.end() if until_ms is None else until_ms
    if found.end_ms is not None:
        latest = {alert.alert_id: alert for alert in engine.advance(found.end_ms).alerts}
        found.alerts = [document(alert, None) for alert in sorted(latest.values(), key=_by_firing)]
        found.rates = {shop: engine.rates(shop) for shop in sorted(engine.shops())}
    return found


def _by_firing(alert: Alert) -> tuple[int, str]:
    return alert.fired_at, alert.alert_id


def _read(lines: Iterable[bytes], found: Replay) -> Iterator[Event]:
    for number, line in enumerate(lines, 1):
        try:
            event = read_event(None, None, line)
        except UnreadableEvent as error:
            found.refused.append(Refused(number, error.reason, str(error)))
        else:
            found.events += 1
            yield event
