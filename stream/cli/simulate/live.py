"""When is a part of the marketplace sent to Kafka, so that it keeps its pace and its order?

Kafka keeps the order within a partition only.  So time is cut in slices: all of one is acknowledged before the next is sent, and
an event is older than the newest that can have been read by no more than its own delay and a slice.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NoReturn

from stream.admin.cluster import Cluster
from stream.cli.connecting import input_limits, once_kafka_answers, open_producer
from stream.cli.first import Told, first_of, told_to_stop
from stream.cli.progress import Progress, progress_of
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import CommandError, say
from stream.feed.records import Record
from stream.feed.sending import Sending
from stream.kafka.access import Access
from stream.kafka.closing import close
from stream.simulate.arrivals import Arrival
from stream.simulate.shops import MINUTE
from topics.catalogue import INPUTS

COMMAND = "simulate"
SLICE_S = 0.1
"""With a pace: ten slices a second."""
SLICE = 10 * MINUTE
"""Without one."""
BEHIND_S = 5.0


@dataclass(frozen=True, slots=True)
class Pace:
    """``speed`` is simulated seconds a second; None: as fast as Kafka takes it."""

    begins: int
    speed: float | None

    @property
    def slice_ms(self) -> int:
        """How long a slice is, in simulated milliseconds."""
        return SLICE if self.speed is None else max(1, int(self.speed * SLICE_S * 1000))

    def due_s(self, at: int) -> float:
        """How many seconds after the first event the marketplace has come to ``at``."""
        return 0.0 if self.speed is None else (at - self.begins) / 1000 / self.speed


@dataclass(slots=True)
class Sent:
    """What was acknowledged, by topic; whether somebody stopped it."""

    by_topic: dict[str, int]
    no_events: int
    stopped_by: int | None


async def send(bootstrap: Access, prefix: str, arrivals: Iterable[Arrival], pace: Pace, ends: int) -> Sent:
    """All of them at their time, or until Ctrl-C, which is shown; raises MissingTopicsError, FeedError.

    From ``ends`` on hardly anything is left.
    """
    quiet_libraries()
    with told_to_stop() as told:
        show = _Show(bootstrap, prefix, arrivals, pace)
        with progress_of(COMMAND, ends - pace.begins, "records") as progress:
            await first_of(show.run(progress), told.wait())
        return show.sent(told)


class _Show:
    def __init__(self, bootstrap: Access, prefix: str, arrivals: Iterable[Arrival], pace: Pace) -> None:
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._arrivals = arrivals
        self._pace = pace
        self._said: set[str] = set()
        self._sending: Sending | None = None
        self._number = 0
        self._no_events = 0

    async def run(self, progress: Progress) -> None:
        """To the end."""
        bootstrap = self._bootstrap
        cluster = Cluster(bootstrap, self._prefix)
        async with await once_kafka_answers(COMMAND, bootstrap, cluster.open) as opened:
            limits = await input_limits(opened)
        producer = await once_kafka_answers(COMMAND, bootstrap, lambda: open_producer(bootstrap))
        self._sending = Sending(producer, self._prefix, _no_record_may_be_refused, self._tell_waiting, limits)
        try:
            await self._send(self._sending, progress)
        finally:
            await close(producer.stop())

    async def _send(self, sending: Sending, progress: Progress) -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        for until, part in _slices(self._arrivals, self._pace.slice_ms):
            wait_s = began_s + self._pace.due_s(until) - loop.time()
            if self._pace.speed is not None and wait_s < -BEHIND_S:
                self._say_once("it falls behind its speed; what is late is sent as fast as Kafka takes it")
            await asyncio.sleep(wait_s)
            for arrival in part:
                self._number += 1
                await sending.send(self._number, Record(arrival.topic, arrival.key, arrival.value, None))
                progress.reached(self._number, until - self._pace.begins)
            await sending.finish()
            self._no_events += sum(not arrival.whole for arrival in part)

    def sent(self, told: Told) -> Sent:
        """So far."""
        counts = {} if self._sending is None else self._sending.acknowledged
        return Sent({topic: counts.get(topic, 0) for topic in INPUTS}, self._no_events, told.signal)

    def _tell_waiting(self) -> None:
        self._say_once(f"Kafka at {self._bootstrap} does not acknowledge what is sent; waiting for it")

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            say(COMMAND, text)
        self._said.add(text)


def _no_record_may_be_refused(number: int, why: str) -> NoReturn:
    """Without it the marketplace would be another one."""
    raise CommandError(f"record {number} was not sent: {why}; its max.message.bytes is less than any use has")


def _slices(arrivals: Iterable[Arrival], length: int) -> Iterator[tuple[int, Sequence[Arrival]]]:
    for number, part in groupby(arrivals, lambda arrival: arrival.arrives_at // length):
        yield (number + 1) * length, list(part)
