"""What has happened?  Alerts that fired or resolved, and what else is worth a line; the newest matter most."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from topics.alerts import Alert
from topics.times import millis

KEPT = 200
"""More lines than any terminal has."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An alert in a state, or a ``text``, at an event time in milliseconds."""

    at: int
    alert: Alert | None = None
    text: str = ""


@dataclass(slots=True)
class Happenings:
    """The newest of them, and how many alerts fire; an alert that is written again is no news."""

    latest: deque[Happening] = field(default_factory=lambda: deque(maxlen=KEPT))
    """The oldest first."""
    fired: int = 0
    resolved: int = 0
    """Since the view began."""
    _firing: set[str] = field(default_factory=set)

    @property
    def firing(self) -> int:
        """How many alerts fire now."""
        return len(self._firing)

    def begin(self, alerts: Iterable[Alert]) -> None:
        """These were known before the view began."""
        known = list(alerts)
        self._firing = {alert.alert_id for alert in known if alert.resolved_at is None}
        self.latest.extend(sorted(map(_happening, known), key=_when)[-KEPT:])

    def take(self, alert: Alert) -> Happening | None:
        """An alert was written; None if it is known in this state."""
        fires, known = alert.resolved_at is None, alert.alert_id in self._firing
        if fires and known:
            return None
        self.fired += not known
        if fires:
            self._firing.add(alert.alert_id)
        else:
            self._firing.discard(alert.alert_id)
            self.resolved += 1
        happening = _happening(alert)
        self.latest.append(happening)
        return happening

    def forget(self, alert_id: str) -> None:
        """An alert was deleted."""
        self._firing.discard(alert_id)

    def tell(self, at: int, text: str) -> None:
        """A line beside the alerts."""
        self.latest.append(Happening(at, text=text))


def _happening(alert: Alert) -> Happening:
    return Happening(millis(alert.fired_at if alert.resolved_at is None else alert.resolved_at), alert)


def _when(happening: Happening) -> tuple[int, str]:
    return happening.at, happening.alert.alert_id if happening.alert else ""
