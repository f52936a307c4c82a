"""When is a part of the marketplace sent to Kafka, so that it keeps its pace and its order?

Kafka keeps the order within a partition only.  So time is cut in slices: all of one is acknowledged before the next is sent, and
an event is older than the newest that can have been read by no more than its own delay and a slice.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from stream.admin.cluster import Cluster
from stream.cli.closing import close
from stream.cli.connecting import once_kafka_answers, open_producer
from stream.cli.first import Told, first_of, told_to_stop
from stream.cli.quiet import quiet_libraries
from stream.cli.saying import say
from stream.feed.bulk import Bulk
from stream.feed.records import Record
from stream.simulate.arrivals import Arrival
from stream.simulate.shops import MINUTE
from topics.catalogue import INPUTS

COMMAND = "simulate"
SLICE_S = 0.1
"""With a pace: ten slices a second."""
SLICE = 10 * MINUTE
"""Without one."""
STUCK_S = 5.0
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


async def send(bootstrap: str, prefix: str, arrivals: Iterable[Arrival], pace: Pace) -> Sent:
    """All of them at their time, or until Ctrl-C; raises MissingTopicsError, FeedError."""
    quiet_libraries()
    with told_to_stop() as told:
        show = _Show(bootstrap, prefix, arrivals, pace)
        await first_of(show.run(), told.wait())
        return show.sent(told)


class _Show:
    def __init__(self, bootstrap: str, prefix: str, arrivals: Iterable[Arrival], pace: Pace) -> None:
        self._bootstrap = bootstrap
        self._prefix = prefix
        self._arrivals = arrivals
        self._pace = pace
        self._said: set[str] = set()
        self._bulk: Bulk | None = None
        self._no_events = 0

    async def run(self) -> None:
        """To the end."""
        bootstrap = self._bootstrap
        cluster = Cluster(bootstrap, self._prefix)
        async with await once_kafka_answers(COMMAND, bootstrap, cluster.open) as opened:
            partitions = await opened.partitions(INPUTS)
        producer = await once_kafka_answers(COMMAND, bootstrap, lambda: open_producer(bootstrap))
        self._bulk = Bulk(producer, self._prefix, partitions, self._tell_waiting)
        try:
            await self._send(self._bulk)
        finally:
            await close(producer.stop())

    async def _send(self, bulk: Bulk) -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        for until, part in _slices(self._arrivals, self._pace.slice_ms):
            wait_s = began_s + self._pace.due_s(until) - loop.time()
            if self._pace.speed is not None and wait_s < -BEHIND_S:
                self._say_once("it falls behind its speed; what is late is sent as fast as Kafka takes it")
            await asyncio.sleep(wait_s)
            await self._acknowledged(bulk, part)
            self._no_events += sum(not arrival.whole for arrival in part)

    async def _acknowledged(self, bulk: Bulk, part: Sequence[Arrival]) -> None:
        records = (Record(arrival.topic, arrival.key, arrival.value, None) for arrival in part)
        sending = asyncio.ensure_future(bulk.send(records))
        try:
            while not (await asyncio.wait({sending}, timeout=STUCK_S))[0]:
                self._tell_waiting()
            sending.result()
        finally:
            sending.cancel()

    def sent(self, told: Told) -> Sent:
        """So far."""
        counts = {} if self._bulk is None else self._bulk.acknowledged
        return Sent({topic: counts.get(topic, 0) for topic in INPUTS}, self._no_events, told.signal)

    def _tell_waiting(self) -> None:
        self._say_once(f"Kafka at {self._bootstrap} does not acknowledge what is sent; waiting for it")

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            say(COMMAND, text)
        self._said.add(text)


def _slices(arrivals: Iterable[Arrival], length: int) -> Iterator[tuple[int, Sequence[Arrival]]]:
    for number, part in groupby(arrivals, lambda arrival: arrival.arrives_at // length):
        yield (number + 1) * length, list(part)
