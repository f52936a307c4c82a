"""How many microseconds does each part of the engine take for an event?

Reading, joining, deciding and encoding are calls of their own, and timed as such, batch by batch.  Deciding is taken apart
by sampling (`sampler`) in a second pass: its seconds are those of the first, its shares those of the samples.  Each engine
that there is, compiled or plain, is measured; only the plain one can be sampled.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks.children import Engine, alone_on, best_engine
from benchmarks.driving import Drive, Spent
from benchmarks.figures import Figure, figure
from benchmarks.kafka import Kafka
from benchmarks.policies import FILES, policy, text_of
from benchmarks.sampler import sampled
from benchmarks.sizes import Sizes
from benchmarks.stream import Told, peak, recording
from stream.engine.engine import Changes

VERDICTS, WINDOWS, JUDGING, REST = (
    f"deciding: {part}" for part in ("verdicts", "windows", "judging", "timers and the rest")
)
PARTS: Mapping[str, str] = {
    "stream.engine": REST,
    "stream.engine.verdicts": VERDICTS,
    "stream.engine.view": VERDICTS,
    "stream.engine.findings": VERDICTS,
    "stream.engine.exempting": VERDICTS,
    "stream.engine.kinds": VERDICTS,
    "stream.engine.windows": WINDOWS,
    "stream.engine.placing": WINDOWS,
    "stream.engine.judging": JUDGING,
    "stream.engine.rules": JUDGING,
    "stream.engine.scores": JUDGING,
    "stream.engine.states": JUDGING,
    "stream.engine.alerts": JUDGING,
    "stream.engine.messages": JUDGING,
}
STREAMS = {"a peak": peak, "a recording of days": recording}


async def measure(_kafka: Kafka, sizes: Sizes, _logs: Path, say: Callable[[str], None]) -> Sequence[Figure]:
    """Both policies on both kinds of stream; every pass in a process of its own."""
    cases = [(name, stream, engine) for stream in STREAMS for name in FILES for engine in _engines()]
    found: dict[tuple[str, str, Engine], dict[str, list[float]]] = {case: {} for case in cases}
    for number in range(1, sizes.engine_rounds + 1):
        say(f"engine, round {number} of {sizes.engine_rounds}")
        for name, stream, engine in cases:
            measured = in_parts if engine == "plain" else in_steps
            parts = alone_on(engine, measured, name, stream, sizes.engine_events, sizes.shops)
            for part, value in parts.items():
                found[name, stream, engine].setdefault(part, []).append(value)
            say(f"  {name}, {stream}, {engine}: {parts['in all']:.1f} us an event")
    return [
        figure(f"engine, {part}", values, "us an event", f"{name} policy, {stream}, {engine}")
        for (name, stream, engine), parts in found.items()
        for part, values in parts.items()
    ]


def _engines() -> Sequence[Engine]:
    """Compiled code has no stack to sample: it is plain Python that is taken apart."""
    return ("plain",) if best_engine() == "plain" else ("compiled", "plain")


def in_steps(name: str, stream: str, events: int, shops: int) -> dict[str, float]:
    """Microseconds an event by step."""
    return _steps(Drive(policy(text_of(name))).all(STREAMS[stream](events, shops).told()))


def in_parts(name: str, stream: str, events: int, shops: int) -> dict[str, float]:
    """The same, and deciding by part."""
    told = STREAMS[stream](events, shops).told()
    steps = _steps(Drive(policy(text_of(name))).all(told))
    decided = {part: share * steps["deciding"] for part, share in _shares(name, told).items()}
    return {**steps, **decided}


def _steps(spent: Spent) -> dict[str, float]:
    micro = 1e6 / spent.events
    return {
        "reading": spent.reading * micro,
        "joining": spent.joining * micro,
        "deciding": spent.deciding * micro,
        "encoding": spent.encoding * micro,
        "in all": _total(spent) * micro,
    }


def _total(spent: Spent) -> float:
    return spent.reading + spent.joining + spent.deciding + spent.encoding


def _shares(name: str, told: Sequence[Told]) -> dict[str, float]:
    """Of deciding."""
    drive, counts = _Sampled(policy(text_of(name))), Counter[str]()
    drive.counts = counts
    drive.all(told)
    total = max(1, counts.total())
    return {part: counts[part] / total for part in (VERDICTS, WINDOWS, JUDGING, REST)}


class _Sampled(Drive):
    """Samples while deciding."""

    counts: "Counter[str]"

    def decide(self, watermark: int) -> Changes:
        with sampled(PARTS) as found:
            changes = super().decide(watermark)
        self.counts += found
        return changes
