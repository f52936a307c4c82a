"""How do records become a Parquet file, and a file records again?"""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl

from stream.archive.errors import BrokenFileError

_HEADERS = pl.List(pl.Struct({"name": pl.String, "value": pl.Binary}))
_TIME = pl.Datetime("ms", "UTC")


def parquet_of(records: Sequence[Any]) -> bytes:
    """A file of Kafka's ``records``: key, value and headers byte for byte, where they lay, and when they were recorded."""
    frame = pl.DataFrame(
        [
            pl.Series("key", [record.key for record in records], pl.Binary),
            pl.Series("value", [record.value for record in records], pl.Binary),
            _headers(records),
            pl.Series("partition", [record.partition for record in records], pl.Int32),
            pl.Series("offset", [record.offset for record in records], pl.Int64),
            pl.Series("timestamp", [record.timestamp for record in records], pl.Int64).cast(_TIME),
        ]
    )
    file = io.BytesIO()
    frame.write_parquet(file, compression="zstd", row_group_size=frame.height)
    return file.getvalue()


def _headers(records: Sequence[Any]) -> pl.Series:
    if not any(record.headers for record in records):
        return pl.Series("headers", [[]], _HEADERS).new_from_index(0, len(records))
    listed = [[{"name": name, "value": value} for name, value in record.headers] for record in records]
    return pl.Series("headers", listed, _HEADERS)


def digest_of(file: bytes) -> str:
    """Other bytes, another digest."""
    return hashlib.blake2b(file, digest_size=16).hexdigest()


def frame_of(path: Path, digest: str) -> pl.DataFrame:
    """Key, value, offset and timestamp (in milliseconds) of a file; raises BrokenFileError where it is not what was written."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BrokenFileError(path, f"cannot be read ({error.strerror})") from None
    if digest_of(data) != digest:
        raise BrokenFileError(path, "is not what was written: it was cut off or changed")
    frame = pl.read_parquet(io.BytesIO(data), columns=["key", "value", "offset", "timestamp"])
    return frame.with_columns(pl.col("timestamp").to_physical())
