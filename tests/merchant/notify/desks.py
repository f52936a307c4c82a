"""A desk by hand: no Kafka, no network, and the time is said."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from stream.merchant.notify.desk import Desk
from stream.merchant.notify.endpoints import Endpoints
from stream.merchant.notify.outbox import Parcel
from stream.merchant.notify.outcome import Outcome, Verdict
from stream.merchant.notify.records import Record, decode, endpoint_of
from stream.merchant.notify.subscriptions import Book
from stream.merchant.notify.tally import Sums
from tests.merchant.notify.stories import NOW
from topics.alerts import Alert
from topics.notifications import Command, Message, Trouble

DELIVERED = Outcome(Verdict.DELIVERED)
REFUSED = Outcome(Verdict.REFUSED, "answered 400")
FAILED = Outcome(Verdict.FAILED, "answered 503")
GONE = Outcome(Verdict.GONE, "answered 410")


@dataclass
class Office:
    """One desk, what it has kept, and the time."""

    book: Book
    now: int = NOW
    dice: float = 0.5
    kept: dict[bytes, bytes] = field(default_factory=dict)
    sent: list[Message] = field(default_factory=list)
    desk: Desk = field(init=False)
    endpoints: Endpoints = field(init=False)
    tally: Sums = field(default_factory=Sums)
    endpoints_of: "Office | None" = None

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Anew, from what was kept."""
        other = self.endpoints_of
        self.endpoints = Endpoints(self.book, lambda: self.dice) if other is None else other.endpoints
        self.desk = Desk(self.book, self.endpoints, lambda: self.dice, self.tally)
        self.desk.restore(records(self.kept), self.now)
        self.desk.hear({})

    def take(self, *alerts: Alert) -> None:
        """Alerts were written."""
        for alert in alerts:
            self.desk.take(alert, self.now)

    def keep(self) -> None:
        """What has changed."""
        for key, value in self.desk.changes().items():
            if value is None:
                self.kept.pop(key, None)
            else:
                self.kept[key] = value

    def pick(self, later_ms: int = 0) -> list[Parcel]:
        """Let time pass, and take what may be sent."""
        self.now += later_ms
        parcels = self.desk.pick(self.now)
        self.keep()
        self.sent.extend(message for parcel in parcels for message in parcel.messages)
        return parcels

    def done(self, parcel: Parcel, outcome: Outcome = DELIVERED) -> None:
        """An answer."""
        self.desk.done(parcel, outcome, self.now)
        self.keep()

    def deliver(self, later_ms: int = 0) -> list[str]:
        """Send all that may be sent, until there is no more; which ids, in their order."""
        ids: list[str] = []
        self.now += later_ms
        while parcels := self.pick():
            for parcel in parcels:
                ids += [message.id for message in parcel.messages]
                self.done(parcel)
        return ids

    def follow(self, command: Command) -> None:
        """An operator speaks."""
        self.desk.follow(command)
        self.keep()


def records(kept: dict[bytes, bytes]) -> Iterable[Record | tuple[str, Trouble]]:
    """As a desk takes them up."""
    for key, value in kept.items():
        record = decode(key, value)
        yield (endpoint_of(key) or "", record) if isinstance(record, Trouble) else record
