"""How does a verdict timeline lie in a directory?  Parquet, one file a partition and metric, and the bad orders beside."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from stream.backtest.timeline.part import Made
from stream.backtest.timeline.refused import Refused
from stream.backtest.timeline.rows import Part, Rows, Timeline, Witness

WHOLE = "timeline.json"
"""Written last: a directory without it is none."""

_GROUP = 4_096
"""So many witnesses lie together: whoever asks for one reads them all."""


class PartNote(NamedTuple):
    """What the reading of one partition has shown, beside its rows."""

    partition: int
    metrics: Sequence[str]
    first_ms: int | None
    latest_ms: int | None
    end_ms: int | None
    events: int
    refused: int
    refusals: Sequence[Refused]
    by_hand: int


def write_part(directory: Path, partition: int, made: Made) -> PartNote:
    """The files of one partition."""
    place = directory / f"partition={partition}"
    place.mkdir()
    metrics = list(made.part.rows)
    for number, metric in enumerate(metrics):
        frame = pl.DataFrame(made.part.rows[metric]._asdict())
        frame.write_parquet(place / f"rows-{number}.parquet", compression="lz4", statistics=False)
    shops = pl.DataFrame({"shop": made.part.shops}, schema={"shop": pl.String})
    shops.write_parquet(place / "shops.parquet")
    _table_of(made.witnesses.all).write_parquet(
        place / "witnesses.parquet", compression="zstd", compression_level=1, row_group_size=_GROUP
    )
    return PartNote(
        partition,
        metrics,
        made.first_ms,
        made.latest_ms,
        made.end_ms,
        made.events,
        made.refused,
        made.refusals,
        made.by_hand,
    )


def _table_of(witnesses: Sequence[Witness]) -> pl.DataFrame:
    """A row each.  Lists are gathered by Polars, which would make a series of its own of each that it takes from Python."""
    counts = [len(each.values) for each in witnesses]
    values = pl.DataFrame(
        {
            "witness": np.repeat(np.arange(len(counts)), counts),
            "values": [value for each in witnesses for value in each.values],
        },
        schema={"witness": pl.Int32, "values": pl.Binary},
    )
    gathered = values.group_by("witness", maintain_order=True).agg("values")
    order_ids = pl.Series("order_id", [each.order_id for each in witnesses], pl.String)
    return gathered.insert_column(1, order_ids)


def write_whole(directory: Path, notes: Sequence[PartNote]) -> None:
    """That all partitions are there, and what is known of them."""
    (directory / WHOLE).write_text(json.dumps(notes), "utf-8")


def read_timeline(directory: Path) -> Timeline:
    """What was written; rows are read when they are asked for."""
    notes = [_note(each) for each in json.loads((directory / WHOLE).read_text("utf-8"))]
    return Timeline(
        [_part(directory / f"partition={note.partition}", note) for note in notes],
        min((note.first_ms for note in notes if note.first_ms is not None), default=None),
        max((note.latest_ms for note in notes if note.latest_ms is not None), default=None),
        max((note.end_ms for note in notes if note.end_ms is not None), default=None),
        sum(note.events for note in notes),
        sum(note.refused for note in notes),
        [refused for note in notes for refused in note.refusals],
    )


def _note(told: list[Any]) -> PartNote:
    note = PartNote(*told)
    return note._replace(refusals=[Refused(*each) for each in note.refusals])


def _part(place: Path, note: PartNote) -> Part:
    shops = pl.read_parquet(place / "shops.parquet")["shop"].to_list()
    return Part(shops, StoredRows(place, note.metrics), StoredWitnesses(place / "witnesses.parquet"))


@dataclass(frozen=True, slots=True)
class StoredRows(Mapping[str, Rows]):
    """Reads the rows of a metric each time that they are asked for."""

    place: Path
    metrics: Sequence[str]

    def __getitem__(self, metric: str) -> Rows:
        if metric not in self.metrics:
            raise KeyError(metric)
        file = self.place / f"rows-{self.metrics.index(metric)}.parquet"
        frame = pl.read_parquet(file).rechunk()
        return Rows(*(frame[name].to_numpy() for name in Rows._fields))

    def __iter__(self) -> Iterator[str]:
        return iter(self.metrics)

    def __len__(self) -> int:
        return len(self.metrics)


@dataclass(frozen=True, slots=True)
class StoredWitnesses:
    """Reads those that are asked for."""

    file: Path

    def find(self, indexes: Sequence[int]) -> Mapping[int, Witness]:
        """Those of ``indexes``."""
        wanted = pl.Series(sorted(indexes), dtype=pl.Int32)
        frame = pl.scan_parquet(self.file).filter(pl.col("witness").is_in(wanted.implode())).collect()
        return {index: Witness(order_id, values) for index, order_id, values in frame.iter_rows()}
