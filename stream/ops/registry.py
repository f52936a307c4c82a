"""How do numbers get into a scrape?  The catalogue in a registry of its own, written a slice at a time.

A scrape is served from a thread, and what it writes it writes under Python's lock: all at once, the event loop would stand
still meanwhile.  So the lock is given up after every few lines.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector

from stream.ops.catalogue import CATALOGUE, SHOWN_AT_ONCE, Metric, Process
from stream.ops.exposition import lines
from stream.ops.picture import Picture

SLICE = 50
"""So many lines are written at a time: less than a millisecond's work."""

PAUSE_S = 0.0005
"""Between two slices: enough for a thread that waits for Python's lock to get it."""


def pause() -> None:
    """Let other threads go on."""
    time.sleep(PAUSE_S)


class _Shown(Collector):
    """The picture that was handed over last."""

    def __init__(self) -> None:
        self.picture = Picture()

    def collect(self) -> Iterator[Family]:
        for metric, rows in self.picture.gauges.items():
            gauge = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
            for values, number in rows:
                gauge.add_metric(values, number)
            yield gauge
        for metric, histograms in self.picture.histograms.items():
            family = Family(metric.name, metric.help, "gaugehistogram")
            for values, buckets in histograms:
                labels = dict(zip(metric.labels, values, strict=True))
                for bound, number in buckets:
                    family.add_sample(f"{metric.name}_bucket", {**labels, "le": bound}, number)
            yield family


class Metrics:
    """What one ``process`` serves."""

    def __init__(self, process: Process = "worker") -> None:
        self._shown = _Shown()
        self._made = {
            metric.name: _make(metric)
            for metric in CATALOGUE
            if metric.of == process and metric not in SHOWN_AT_ONCE
        }
        self._collectors: tuple[Collector, ...] = (
            *self._made.values(),
            self._shown,
            ProcessCollector(registry=CollectorRegistry()),
        )

    def prepare(self, series: Iterable[tuple[Metric, Mapping[str, str]]]) -> None:
        """Show these from the start, at 0: what appears with its first count has not risen, for Prometheus."""
        for metric, labels in series:
            self._series(metric, labels)

    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        self._series(metric, labels).inc(amount)

    def show(self, metric: Metric, value: float, **labels: str) -> None:
        """Set a gauge."""
        self._series(metric, labels).set(value)

    def observe(self, metric: Metric, value: float, **labels: str) -> None:
        """Add to a histogram."""
        self._series(metric, labels).observe(value)

    def show_at_once(self, picture: Picture) -> None:
        """From here on scrapes show this instead of what was handed over before."""
        self._shown.picture = picture

    def forget_partition(self, partition: int) -> None:
        """It is somebody else's: its gauges here would go on saying what was."""
        for metric in CATALOGUE:
            if "partition" in metric.labels and metric.name in self._made:
                self._made[metric.name].remove_by_labels({"partition": str(partition)})

    def text(self, between: Callable[[], None] = pause) -> bytes:
        """What a scrape gets; ``between`` is called between two slices."""
        written = []
        for collector in self._collectors:
            for family in collector.collect():
                for line in lines(family):
                    written.append(line)
                    if len(written) % SLICE == 0:
                        between()
        return "".join(written).encode("utf-8", "replace")

    def total(self, metric: Metric) -> int:
        """The sum of a counter over its labels."""
        samples = [sample for family in self._made[metric.name].collect() for sample in family.samples]
        return int(sum(sample.value for sample in samples if sample.name == metric.name))

    def _series(self, metric: Metric, labels: Mapping[str, str]) -> Any:
        made = self._made[metric.name]
        return made.labels(**labels) if labels else made


def _make(metric: Metric) -> Counter | Gauge | Histogram:
    if metric.kind == "counter":
        return Counter(metric.name, metric.help, metric.labels, registry=None)
    if metric.kind == "gauge":
        return Gauge(metric.name, metric.help, metric.labels, registry=None)
    return Histogram(metric.name, metric.help, metric.labels, buckets=metric.buckets, registry=None)
