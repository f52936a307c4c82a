"""Which gaps does a manifest tell of?  Nobody who reads an archive may take it for whole where it is not."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from stream.archive.gaps import Gap
from stream.archive.manifest import Manifest, Place
from stream.archive.ranges import Range, meet, without


def missing(manifest: Manifest, begin_ms: int | None = None, end_ms: int | None = None) -> Sequence[Gap]:
    """All between these times; without one, between the earliest and the latest that were ever asked for."""
    if not manifest.asked:
        return ()
    wanted = (
        min(asked.begin_ms for asked in manifest.asked) if begin_ms is None else begin_ms,
        max(asked.end_ms for asked in manifest.asked) if end_ms is None else end_ms,
    )
    return [*_lost(manifest, wanted), *_unread(manifest, wanted)]


def unfinished(manifest: Manifest, begin_ms: int | None = None) -> Sequence[Gap]:
    """What a run of `shopwatch archive` was asked for and never came to, of partitions that it never came to, from ``begin_ms`` on.

    Who reads the others alone reads of some shops everything, of some nothing, or orders without what became of them.
    """
    alike: dict[tuple[str, Range], list[int]] = defaultdict(list)
    for asked in manifest.asked:
        wanted = max(asked.begin_ms, asked.begin_ms if begin_ms is None else begin_ms), asked.end_ms
        for topic, count in asked.partitions.items():
            for partition in range(count):
                read = [
                    (each.begin_ms, each.end_ms) for each in manifest.reads.get(Place(topic, partition), ())
                ]
                first = next(iter(without(wanted, read)), None)
                if first is not None and first[0] == wanted[0] and partition not in alike[topic, first]:
                    alike[topic, first].append(partition)
    return [Gap(topic, partitions, *span, None) for (topic, span), partitions in alike.items() if partitions]


def _lost(manifest: Manifest, wanted: Range) -> Iterator[Gap]:
    for place in sorted(manifest.lost):
        for lost in sorted(manifest.lost[place], key=lambda lost: lost.first):
            if meet((lost.begin_ms, lost.end_ms), wanted):
                span = max(lost.begin_ms, wanted[0]), min(lost.end_ms, wanted[1])
                yield Gap(place.topic, (place.partition,), *span, (lost.first, lost.after - 1))


def _unread(manifest: Manifest, wanted: Range) -> Iterator[Gap]:
    """Partitions of a topic that lack the same time are told together: mostly all of them do."""
    alike: dict[tuple[str, Range], list[int]] = defaultdict(list)
    for place in _places(manifest):
        read = [(read.begin_ms, read.end_ms) for read in manifest.reads.get(place, ())]
        for span in without(wanted, read):
            alike[place.topic, span].append(place.partition)
    for (topic, span), partitions in alike.items():
        yield Gap(topic, partitions, *span, None)


def _places(manifest: Manifest) -> Iterator[Place]:
    """As many partitions as there were lately."""
    for topic, count in manifest.asked[-1].partitions.items():
        for partition in range(count):
            yield Place(topic, partition)
