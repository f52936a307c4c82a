"""What is wrong with the pipeline, so that an alert may say more of it than of a shop?

Asked of what is on Kafka: the workers' clocks, the ends of the input topics, the alerts of all shops.  Three things: a partition that is
behind, an input topic that has gone silent while the others move, and so many shops at once that it was not the shops.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from stream.merchant.notify.subscriptions import HoldRules
from stream.policy.durations import duration_words
from topics.ledger import Clock

STALE = "stale"
SILENT = "silent"
MASS = "mass"
"""Reasons; that of a topic that is silent has its name behind it, as in ``silent.ships``."""

Alarms = Mapping[str, str]
"""Why, in words, by reason."""


@dataclass(slots=True)
class Watchman:
    """Told of everything, and asked what is wrong; all times are real time in milliseconds."""

    rules: HoldRules
    known_shops: int = 0
    _clocks: dict[int, Clock] = field(default_factory=dict)
    _ends: Mapping[tuple[str, int], int] = field(default_factory=dict)
    _fired: deque[tuple[int, str]] = field(default_factory=deque)
    _last_fired: dict[str, int] = field(default_factory=dict)
    _mass_until: int = 0
    _mass: str = ""

    def clock(self, partition: int, clock: Clock) -> None:
        """How far a partition is decided."""
        self._clocks[partition] = clock

    def ends(self, ends: Mapping[tuple[str, int], int]) -> None:
        """Where each input topic's partition ends, by the contract's name."""
        self._ends = ends

    def fired(self, shop: str, at: int, now: int) -> None:
        """An alert of ``shop`` began to fire, as was written at ``at``; told of the same one twice it counts once."""
        if self.rules.mass_share is None:
            return
        if self._last_fired.get(shop, -1) < at:
            self._last_fired[shop] = at
            self._fired.append((at, shop))
        horizon = at - self.rules.mass_within_ms
        while self._fired and self._fired[0][0] < horizon:
            was, gone = self._fired.popleft()
            if self._last_fired.get(gone) == was:
                del self._last_fired[gone]
        count = len(self._last_fired)
        if count >= self.rules.mass_shops and count > self.rules.mass_share * self.known_shops:
            self._mass_until = now + self.rules.mass_within_ms
            within = duration_words(self.rules.mass_within_ms)
            self._mass = f"{count} of {self.known_shops} shops began to fire within {within}"

    def alarms(self, partition: int, now: int) -> Alarms:
        """What is wrong as far as ``partition`` is concerned."""
        found = {}
        if (behind := self._behind(partition, now)) is not None:
            found[STALE] = f"partition {partition} {behind}"
        for topic, silence in self._silences().items():
            found[f"{SILENT}.{topic}"] = f"{topic} is silent for {_rough(silence)} while the others move"
        if now < self._mass_until:
            found[MASS] = self._mass
        return found

    def alarms_of_all(self, partitions: int, now: int) -> Alarms:
        """What is wrong anywhere; of several partitions that are behind one is named."""
        found: dict[str, str] = {}
        for partition in range(partitions):
            for reason, why in self.alarms(partition, now).items():
                found.setdefault(reason, why)
        return found

    def _behind(self, partition: int, now: int) -> str | None:
        """By its watermark or by the records that it has not read; one that no worker has ever worked on is not."""
        clock = self._clocks.get(partition)
        if clock is None:
            return None
        lag = sum(
            max(0, end - clock.next.get(topic, 0)) for (topic, n), end in self._ends.items() if n == partition
        )
        if self.rules.lag is not None and lag > self.rules.lag:
            return f"has {lag} records that are not read yet"
        delay = 0 if clock.decided is None else now - clock.decided
        if self.rules.delay_ms is not None and delay > self.rules.delay_ms:
            return f"is decided up to {_rough(delay)} ago only"
        return None

    def _silences(self) -> Mapping[str, int]:
        """By topic, how far its newest event lies behind the newest of all, where that is too far; one never used is not silent."""
        newest: dict[str, int] = {}
        for clock in self._clocks.values():
            for topic, at in clock.newest.items():
                newest[topic] = max(newest.get(topic, at), at)
        last, most = max(newest.values(), default=0), self.rules.silence_ms
        return {} if most is None else {topic: last - at for topic, at in newest.items() if last - at > most}


def _rough(length: int) -> str:
    """A duration in whole minutes: the same in messages a moment apart."""
    return duration_words(max(60_000, length // 60_000 * 60_000))
