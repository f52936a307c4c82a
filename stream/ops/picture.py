"""What is handed to a scrape at once?  Rows and histograms that belong together, made by the host and read by another thread."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from stream.ops.catalogue import Metric

Row = tuple[tuple[str, ...], float]
"""Label values, and a number."""

Histogram = tuple[tuple[str, ...], Sequence[tuple[str, int]]]
"""Label values, and how many up to each bound."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Whatever series of these metrics is not in here is no more."""

    gauges: Mapping[Metric, Sequence[Row]] = field(default_factory=dict)
    histograms: Mapping[Metric, Sequence[Histogram]] = field(default_factory=dict)
