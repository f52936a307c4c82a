"""What becomes of the records of a batch?  Each is read, looked at and joined, or refused with a reason.

This is the one loop over all events, so it is compiled with the engine; it knows neither Kafka nor the clock.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, final

from stream.engine.reading import UnreadableEvent
from stream.worker.hosted import Read

KEYS_REMEMBERED: Final = 65_536
"""So many that belong here are not asked after again."""


class Bounds(NamedTuple):
    """Events after these instants are not for now: further ahead than the clock allows, or than a drain goes."""

    ahead: int
    until: int


class Refused(NamedTuple):
    """A record of Kafka that cannot be counted: why, in a word and in a sentence."""

    record: Any
    reason: str
    detail: str


@final
class Taken:
    """What a batch has come to: how many events came to what, what was refused, and the times of the others."""

    __slots__ = ("newest", "oldest", "outcomes", "refused")

    def __init__(self) -> None:
        self.outcomes: dict[str, int] = {}
        self.refused: list[Refused] = []
        self.newest: int | None = None
        self.oldest: int | None = None


@final
class Intake:
    """Reads records by ``read`` and joins events by ``apply``, if their keys belong where they are, in ``partition`` (None: anywhere)."""

    def __init__(
        self,
        read: Read,
        apply: Callable[[Any], str],
        belongs: Callable[[bytes], int | None],
        partition: int,
    ) -> None:
        self._read = read
        self._apply = apply
        self._belongs = belongs
        self._partition = partition
        self._at_home: set[bytes] = set()
        """Keys that belong here."""

    def take(self, topic: str, records: Sequence[Any], bounds: Bounds) -> Taken:
        """All of them, those of ``topic`` by its name in the contract."""
        taken, (ahead, until) = Taken(), bounds
        outcomes, refused, joined = taken.outcomes, taken.refused, 0
        for record in records:
            key = record.key
            try:
                event = self._read(topic, key, record.value)
            except UnreadableEvent as error:
                refused.append(Refused(record, error.reason, str(error)))
                continue
            at: int = event.occurred_at
            place = None if key is None or key in self._at_home else self._place_of(key)
            if place is not None:
                detail = f"its key belongs in partition {place} (--partitioner)"
                refused.append(Refused(record, "wrong_partition", detail))
                continue
            if at > ahead:
                detail = "it happened further ahead than --max-ahead allows"
                refused.append(Refused(record, "from_the_future", detail))
                continue
            outcome = "after_until" if at > until else self._apply(event)
            if outcome == "too_old":
                refused.append(Refused(record, outcome, "older than anything it could be joined to"))
                continue
            if outcome == "joined":
                joined += 1
            else:
                outcomes[outcome] = outcomes.get(outcome, 0) + 1
            if at <= until:
                _note(taken, at)
        if joined:
            outcomes["joined"] = joined
        return taken

    def _place_of(self, key: bytes) -> int | None:
        """Where else ``key`` belongs; None: here, or anywhere."""
        place = self._belongs(key)
        if place is not None and place != self._partition:
            return place
        if len(self._at_home) >= KEYS_REMEMBERED:
            self._at_home.clear()
        self._at_home.add(key)
        return None


def _note(taken: Taken, at: int) -> None:
    if taken.newest is None or at > taken.newest:
        taken.newest = at
    if taken.oldest is None or at < taken.oldest:
        taken.oldest = at
