"""A recording that is held in memory, and the timelines of it."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from stream.archive.gaps import Gap
from stream.archive.recorded import Block, Recorded, blocks_of
from stream.backtest.timeline.part import Made, made
from stream.backtest.timeline.rows import Timeline
from stream.engine.reading import read_event, topic_of
from stream.policy.spec import PolicySet


@dataclass(frozen=True)
class Held:
    """Records by partition."""

    records: Mapping[int, Sequence[Recorded]]
    name: str = "held"
    gaps: Sequence[Gap] = ()
    says: str = field(default="what it holds")

    def partitions(self) -> Sequence[int]:
        """Those that have records."""
        return sorted(self.records)

    def read(self, partition: int, shops: frozenset[bytes] | None = None) -> Iterator[Recorded]:
        """In their order."""
        return iter(self.records[partition])

    def blocks(self, partition: int) -> Iterator[Block]:
        """In their order."""
        return blocks_of(self.read(partition))

    def fingerprint(self) -> str:
        """Whatever it was given."""
        return self.says


def as_lines(lines: Iterable[bytes]) -> Held:
    """A recording of JSON lines."""
    return Held({0: [Recorded(None, None, line, 0, number, 0) for number, line in enumerate(lines, 1)]})


def as_archive(lines: Iterable[bytes], partitions: int) -> Held:
    """The same as records of topics, by shop in so many partitions."""
    found: dict[int, list[Recorded]] = {number: [] for number in range(partitions)}
    for offset, line in enumerate(lines):
        event = read_event(None, None, line)
        key = event.shop_id.encode()
        number = zlib.crc32(key) % partitions
        found[number].append(Recorded(topic_of(event), key, line, number, offset, 0))
    return Held(found)


def timeline_of(policy: PolicySet, recording: Held, *, quickly: bool = True) -> Timeline:
    """All partitions, in memory."""
    parts = [made(policy, each, recording.blocks(each), quickly=quickly) for each in recording.partitions()]
    return Timeline(
        [each.part for each in parts],
        min((each.first_ms for each in parts if each.first_ms is not None), default=None),
        max((each.latest_ms for each in parts if each.latest_ms is not None), default=None),
        max((each.end_ms for each in parts if each.end_ms is not None), default=None),
        sum(each.events for each in parts),
        sum(each.refused for each in parts),
        [refused for each in parts for refused in each.refusals],
    )


def told(found: Made) -> tuple[object, ...]:
    """All that a part says, in an order that does not hang on how it was made."""
    orders = [witness.order_id for witness in found.witnesses.all]
    rows = {
        metric: sorted(
            (found.part.shops[shop], *counts, None if witness < 0 else orders[witness])
            for shop, *counts, witness in zip(*(column.tolist() for column in of), strict=True)
        )
        for metric, of in found.part.rows.items()
    }
    return rows, found.first_ms, found.latest_ms, found.end_ms, found.events, found.refusals
