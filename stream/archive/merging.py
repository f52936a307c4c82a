"""In which order are the topics of a partition read, without holding all of them?

By the time of recording, and at one instant in the order of the contract.  Within a topic the log's order holds: where a producer's
own times go back, a record counts as recorded with the latest before it.
"""

from collections.abc import Iterator, Sequence

import polars as pl


class _Topic:
    """One topic's frames, of which the first that is not yet told is held."""

    def __init__(self, rank: int, frames: Iterator[pl.DataFrame]) -> None:
        self.rank = rank
        self._frames = frames
        self._held = pl.DataFrame()

    def has_more(self) -> bool:
        """Whether anything is left; then some of it is held."""
        while self._held.is_empty():
            frame = next(self._frames, None)
            if frame is None:
                return False
            self._held = self._ordered(frame)
        return True

    def _ordered(self, frame: pl.DataFrame) -> pl.DataFrame:
        # What an earlier frame had later is told already, so the latest before is the latest within this frame.
        return frame.with_columns(
            pl.col("timestamp").cum_max().alias("at"), pl.lit(self.rank, pl.Int8).alias("rank")
        )

    @property
    def end(self) -> tuple[int, int]:
        """The place of the last that is held; whatever comes later has no lower one."""
        return self._held["at"][-1], self.rank

    def up_to(self, end: tuple[int, int]) -> pl.DataFrame:
        """What is held up to that place, and is not held any more."""
        at, rank = end
        count = self._held["at"].search_sorted(at, side="right" if self.rank <= rank else "left")
        told, self._held = self._held[:count], self._held[count:]
        return told


def merged(topics: Sequence[Iterator[pl.DataFrame]]) -> Iterator[pl.DataFrame]:
    """Frames that together are all of ``topics``, each of which has ``offset`` and ``timestamp``; ``rank`` says whose a row is.

    The order does not depend on how the records are spread over frames.
    """
    waiting = [_Topic(rank, frames) for rank, frames in enumerate(topics)]
    while waiting := [topic for topic in waiting if topic.has_more()]:
        end = min(topic.end for topic in waiting)
        told = [part for topic in waiting if not (part := topic.up_to(end)).is_empty()]
        yield told[0] if len(told) == 1 else pl.concat(told).sort("at", "rank", "offset")
