"""How many events a second, beside others who do the same job?  One process each, on a backlog in Kafka, in turn.

The clock starts when a tenth has been worked off and stops with the last, so neither imports nor joining the group count.
A worker is done when all offsets are committed (they are, in one transaction with what was concluded) and it has come to
rest: nothing is left to decide or to write.  The others are done when their last event is.  What runs alone has a core to
itself, and Kafka the others; two workers have what there is.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import plain_faust, quix_place, reading_alone
from benchmarks.children import Child, Engine, best_engine, child, worker
from benchmarks.cores import Cores, keep, kept
from benchmarks.driving import LATENESS_MS
from benchmarks.figures import Figure, figure
from benchmarks.kafka import Kafka, Placed, placed
from benchmarks.policies import FILES
from benchmarks.sizes import Sizes
from benchmarks.stream import flooded, peak, recording

LOOK_S = 0.1
REST_LOOKS = 5
REST_SHARE = 0.4
"""A worker at rest asks Kafka for ends and heartbeats, for less than this share of a core."""
PATIENCE_S = 120.0
ALONE = "worker, seed policy"
FLOOD = "worker, seed policy, half of the events broken"
OPTIONS = ("--clock", "events", "--lateness", f"{LATENESS_MS}ms")

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """What one run came to."""

    events_a_second: float
    cpu_s_a_million: float


@dataclass(slots=True)
class Sample:
    """One look."""

    at_s: float
    done: int
    cpu_s: float


@dataclass(frozen=True, slots=True)
class Contest:
    """All that runs in a round."""

    kafka: Kafka
    sizes: Sizes
    logs: Path
    say: Say
    paces: dict[str, list[Pace]] = field(default_factory=dict)
    _cores: Cores = field(default_factory=Cores.here)

    async def run(self) -> list[Figure]:
        """All rounds."""
        size = self.sizes.events
        told = peak(size, self.sizes.shops).told()
        live, flood = placed(told), placed(flooded(told))
        days = placed(recording(size, self.sizes.shops).told())
        short = placed(peak(self.sizes.faust_events, self.sizes.shops).told())
        for number in range(1, self.sizes.rounds + 1):
            self.say(f"throughput, round {number} of {self.sizes.rounds}")
            await self._round(live, flood, days, short)
        found = [each for name, paces in self.paces.items() for each in _figures(name, paces)]
        return [*found, self._own_cost(), *self._ratios()]

    async def _round(self, live: Placed, flood: Placed, days: Placed, short: Placed) -> None:
        await self._take(ALONE, live, self._worker("seed"))
        await self._take(FLOOD, flood, self._worker("seed"))
        await self._take("plain Faust", short, self._other(plain_faust))
        await self._take("worker, one rule", live, self._worker("one rule"))
        await self._take("reading and decoding alone", live, self._other(reading_alone))
        if quix_place.PYTHON.exists():
            await self._take("Quix Streams", live, self._other(quix_place))
        await self._take("worker, seed policy, a recording of days", days, self._worker("seed"))
        await self._take("two workers, seed policy", live, self._worker("seed", workers=2))
        if best_engine() != "plain":
            plain = self._worker("seed", engine="plain")
            await self._take("worker, seed policy, the engine not compiled", live, plain)

    async def _take(self, name: str, rows: Placed, run: Callable[[str, int], Awaitable[Pace]]) -> None:
        async with self.kafka.topics() as prefix:
            await self.kafka.fill(prefix, rows)
            with kept(self._bystanders(), self._cores):
                pace = await run(prefix, _count(rows))
        self.paces.setdefault(name, []).append(pace)
        self.say(
            f"  {name}: {pace.events_a_second:,.0f} events/s, {pace.cpu_s_a_million:.1f} CPU s a million"
        )

    def _bystanders(self) -> Sequence[int]:
        """Whoever looks on, which is this process, and the broker if it is ours."""
        return [os.getpid()] if self.kafka.pid is None else [os.getpid(), self.kafka.pid]

    def _worker(
        self, policy: str, workers: int = 1, engine: Engine | None = None
    ) -> Callable[[str, int], Awaitable[Pace]]:
        async def run(prefix: str, events: int) -> Pace:
            with ExitStack() as stack:
                started = [
                    stack.enter_context(
                        worker(
                            prefix,
                            FILES[policy],
                            self.logs,
                            *OPTIONS,
                            address=self.kafka.address,
                            engine=engine,
                        )
                    )
                    for _ in range(workers)
                ]
                for each in started:
                    keep(each.process.pid, self._cores.first if workers == 1 else self._cores.all)
                return await self._watched(started, f"{prefix}g", events)

        return run

    async def _watched(self, workers: Sequence[Child], group: str, events: int) -> Pace:
        samples: list[Sample] = []
        deadline = time.monotonic() + PATIENCE_S
        while not _at_rest(samples, events):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the worker has not come to rest in {PATIENCE_S:.0f} s")
            await asyncio.sleep(LOOK_S)
            for each in workers:
                each.must_live()
            done = await self.kafka.committed(group)
            samples.append(Sample(time.monotonic(), done, sum(each.cpu_s() for each in workers)))
        first = next(sample for sample in samples if sample.done >= events // 10)
        last = samples[-1 - REST_LOOKS]
        return _pace(first, Sample(last.at_s, events, last.cpu_s))

    def _other(self, module: object) -> Callable[[str, int], Awaitable[Pace]]:
        async def run(prefix: str, events: int) -> Pace:
            script, python = str(module.__file__), getattr(module, "PYTHON", None)  # type: ignore[attr-defined]
            script = str(getattr(module, "SCRIPT", script))
            arguments = (script, self.kafka.address, prefix, str(events))
            name = Path(script).stem
            with child(
                name, arguments, self.logs, sys.executable if python is None else str(python)
            ) as running:
                keep(running.process.pid, self._cores.first)
                first, last = await _both_lines(running)
            return _pace(first, last)

        return run

    def _own_cost(self) -> Figure:
        """Of a million events and a million broken ones, what is more than of the events alone."""
        both = zip(self.paces[FLOOD], self.paces[ALONE], strict=True)
        costs = [2 * flood.cpu_s_a_million - alone.cpu_s_a_million for flood, alone in both]
        return figure("CPU: a broken event by itself", costs, "s a million events", f"{FLOOD}, less {ALONE}")

    def _ratios(self) -> list[Figure]:
        ours = ALONE
        return [
            figure(
                f"times as fast as {other}",
                [
                    mine.events_a_second / theirs.events_a_second
                    for mine, theirs in zip(self.paces[ours], self.paces[other], strict=True)
                ],
                "times",
                f"{ours}; both in one round",
            )
            for other in ("plain Faust", "Quix Streams", "reading and decoding alone")
            if other in self.paces
        ]


def _count(rows: Placed) -> int:
    return sum(map(len, rows.values()))


async def _both_lines(running: Child) -> tuple[Sample, Sample]:
    deadline = time.monotonic() + PATIENCE_S
    while len(lines := running.lines()) < 2:
        running.must_live()
        if time.monotonic() > deadline:
            raise TimeoutError(f"{running.name} is not done in {PATIENCE_S:.0f} s")
        await asyncio.sleep(LOOK_S)
    first, last = (Sample(**json.loads(line)) for line in lines[:2])
    return first, last


def _at_rest(samples: Sequence[Sample], events: int) -> bool:
    """All is committed, and the last half second was quiet."""
    lately = samples[-1 - REST_LOOKS :]
    if len(lately) <= REST_LOOKS or lately[0].done < events:
        return False
    return lately[-1].cpu_s - lately[0].cpu_s < REST_SHARE * (lately[-1].at_s - lately[0].at_s)


def _pace(first: Sample, last: Sample) -> Pace:
    events = max(1, last.done - first.done)
    passed = max(last.at_s - first.at_s, 1e-3)
    return Pace(events / passed, (last.cpu_s - first.cpu_s) * 1e6 / events)


def _figures(name: str, paces: Sequence[Pace]) -> list[Figure]:
    return [
        figure(
            f"events a second: {name}", [pace.events_a_second for pace in paces], "events/s", "one backlog"
        ),
        figure(f"CPU: {name}", [pace.cpu_s_a_million for pace in paces], "s a million events", "one backlog"),
    ]
