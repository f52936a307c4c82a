"""What is a measured number?  A figure, its value and unit, beside what it was measured, and how far the runs lay apart."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """The median of ``runs`` values, the least and the greatest of which are ``low`` and ``high``."""

    figure: str
    value: float
    unit: str
    beside: str
    low: float
    high: float
    runs: int


def figure(name: str, values: Iterable[float], unit: str, beside: str) -> Figure:
    """Of one value or more."""
    found = [_rounded(value) for value in values]
    return Figure(
        figure=name,
        value=_rounded(median(found)),
        unit=unit,
        beside=beside,
        low=min(found),
        high=max(found),
        runs=len(found),
    )


def _rounded(value: float) -> float:
    """Three digits are more than a run repeats."""
    return float(f"{value:.3g}")


def write(path: Path, figures: Sequence[Figure]) -> None:
    """As JSON, one figure a line."""
    lines = ",\n".join("  " + msgspec.json.encode(each).decode() for each in figures)
    path.write_text(f"[\n{lines}\n]\n", "utf-8")


def read(path: Path) -> list[Figure]:
    """What `write` has written."""
    return msgspec.json.decode(path.read_bytes(), type=list[Figure])
