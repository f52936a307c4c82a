"""How is each endpoint, and may it be sent something now?

What fails waits by itself: an endpoint that is not known to be well gets one message at a time, and those in trouble or slow share
a few places of their own, so that however many they are, the others' places stay free.  One per process, shared by its desks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from stream.merchant.notify.buckets import Bucket
from stream.merchant.notify.outcome import Outcome, Verdict
from stream.merchant.notify.patience import OF_ENDPOINTS, Dice, pause
from stream.merchant.notify.subscriptions import Book, Channel
from topics.notifications import Trouble

AT_ONCE = 4
"""Messages under way to an endpoint that is well."""
SLOW_MS = 2_000
PLACES = 512
PLACES_OF_THE_TROUBLED = 64


class Gate(Enum):
    """What stands between a message and its endpoint."""

    OPEN = "open"
    LATER = "later"
    """See `Health.not_before`."""
    BUSY = "busy"
    """Enough is under way to it."""
    FULL = "full"
    """Enough is under way to all."""


@dataclass(slots=True)
class Health:
    """What is known of one endpoint; ``proven``: its last attempt was delivered."""

    bucket: Bucket | None
    at_once: int
    failures: int = 0
    not_before: int = 0
    disabled_at: int | None = None
    proven: bool = False
    slow: bool = False
    under_way: int = 0
    why: str = ""
    """What came of the last attempt that failed."""

    @property
    def troubled(self) -> bool:
        """Whether it shares the few places."""
        return self.slow or self.failures > 0

    @property
    def allowed(self) -> int:
        """How much may be under way to it."""
        return self.at_once if self.proven and not self.failures else 1


@dataclass(slots=True)
class Endpoints:
    """All endpoints of ``book``."""

    book: Book
    dice: Dice
    places: int = PLACES
    places_of_the_troubled: int = PLACES_OF_THE_TROUBLED
    _health: dict[str, Health] = field(default_factory=dict)
    _taken: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    _place: dict[str, list[bool]] = field(default_factory=dict)

    def health(self, name: str) -> Health:
        """Of an endpoint of the book."""
        found = self._health.get(name)
        if found is None:
            _, endpoint = self.book.endpoints[name]
            is_channel = isinstance(endpoint, Channel)
            bucket = Bucket(endpoint.per_minute) if isinstance(endpoint, Channel) else None
            found = self._health[name] = Health(bucket, 1 if is_channel else AT_ONCE)
        return found

    def gate(self, name: str, now: int) -> Gate:
        """Whether something may be sent to it, which is not gone."""
        health = self.health(name)
        if health.not_before > now:
            return Gate.LATER
        if health.under_way >= health.allowed:
            return Gate.BUSY
        return Gate.OPEN if self.room(troubled=health.troubled) > 0 else Gate.FULL

    def room(self, *, troubled: bool) -> int:
        """How many places are free."""
        most = self.places_of_the_troubled if troubled else self.places
        return most - self._taken[troubled]

    def begin(self, name: str) -> None:
        """Something is sent to it."""
        health = self.health(name)
        health.under_way += 1
        self._taken[health.troubled] += 1
        self._place.setdefault(name, []).append(health.troubled)

    def end(self, name: str, outcome: Outcome, now: int) -> bool:
        """What came of it; whether what must be remembered of the endpoint has changed."""
        health = self.health(name)
        self.leave(name)
        if outcome.verdict is Verdict.GONE:
            changed, health.disabled_at, health.why = health.disabled_at is None, now, outcome.why
            return changed
        if outcome.verdict is Verdict.FAILED:
            health.proven = False
            return self._failed(health, outcome, now)
        changed = health.failures > 0
        health.failures, health.not_before = 0, 0
        health.proven, health.slow = True, outcome.took_ms > SLOW_MS
        return changed

    def leave(self, name: str) -> None:
        """What was under way is so no more, and nothing is known of what came of it."""
        self.health(name).under_way -= 1
        self._taken[self._place[name].pop()] -= 1

    def _failed(self, health: Health, outcome: Outcome, now: int) -> bool:
        """Of several under way together the first failure counts: they failed of one cause."""
        if health.not_before > now and outcome.retry_after_ms is None:
            return False
        health.failures += 1
        health.why = outcome.why
        waits = pause(health.failures, OF_ENDPOINTS, self.dice, outcome.retry_after_ms)
        health.not_before = max(health.not_before, now + waits)
        return True

    def trouble(self, name: str) -> Trouble | None:
        """What must be remembered of it; None: nothing."""
        health = self.health(name)
        if not health.failures and health.disabled_at is None:
            return None
        return Trouble(
            address=self._address(name),
            failures=health.failures,
            not_before=health.not_before,
            disabled_at=health.disabled_at,
            why=health.why,
        )

    def remember(self, name: str, trouble: Trouble) -> bool:
        """What was known of it before; whether it is the same endpoint still."""
        if name not in self.book.endpoints or trouble.address != self._address(name):
            return False
        health = self.health(name)
        health.failures = max(health.failures, trouble.failures)
        health.not_before = max(health.not_before, trouble.not_before)
        health.disabled_at = health.disabled_at or trouble.disabled_at
        health.why = health.why or trouble.why
        return True

    def all_in_trouble(self) -> Iterator[tuple[str, Mapping[str, object]]]:
        """Name and standing of those that failed last."""
        for name, health in self._health.items():
            if health.failures or health.disabled_at is not None:
                yield name, {"failures": health.failures, "disabled": health.disabled_at is not None}

    def _address(self, name: str) -> str:
        return self.book.endpoints[name][1].url.digest()
