"""What does a worker count and show?  A catalogue as data; `docs/worker.md` and the dashboards are held to it by tests.

No label names a shop or an order: series are bounded by topics, rules and reasons.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric, all of its names beginning with ``shopwatch_``."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...]
    help: str


EVENTS = Metric(
    "shopwatch_events_total",
    "counter",
    ("topic", "result"),
    "Records read: joined, repeated, late (behind the clock), after_until (a drain's), dead_letter",
)
DEAD_LETTERS = Metric(
    "shopwatch_dead_letters_total", "counter", ("topic", "reason"), "Records kept as dead letters, by why"
)
HOLES = Metric(
    "shopwatch_log_holes_total",
    "counter",
    ("topic",),
    "Places where offsets are missing from an input topic (retention, compaction, transactions)",
)
RETRACTIONS = Metric(
    "shopwatch_retractions_total", "counter", (), "Verdicts already counted that a later fact overturned"
)
ALERTS = Metric(
    "shopwatch_alerts_total", "counter", ("rule", "severity", "state"), "Alerts written: firing, resolved"
)
RATES_WRITTEN = Metric("shopwatch_rates_written_total", "counter", (), "Documents of rates written")
RATES_WAITING = Metric(
    "shopwatch_rates_waiting", "gauge", ("partition",), "Shops whose rates wait to be written"
)
LAG = Metric(
    "shopwatch_lag_records", "gauge", ("topic", "partition"), "Records in the topic that are not applied yet"
)
WATERMARK_DELAY = Metric(
    "shopwatch_watermark_delay_seconds",
    "gauge",
    ("partition",),
    "How far what is decided lies behind real time",
)
SILENCE = Metric(
    "shopwatch_topic_silence_seconds",
    "gauge",
    ("topic", "partition"),
    "How far the newest event of a topic lies behind the newest of any topic",
)
TRANSACTIONS = Metric("shopwatch_transactions_total", "counter", (), "Transactions committed")
TRANSACTION_SECONDS = Metric(
    "shopwatch_transaction_seconds", "histogram", (), "From the begin of a transaction to its commit"
)
TRANSACTION_RECORDS = Metric(
    "shopwatch_transaction_records_total", "counter", (), "Records written in transactions"
)
PARTITIONS = Metric("shopwatch_partitions", "gauge", (), "Partitions that this worker works off")
RECOVERIES = Metric("shopwatch_recoveries_total", "counter", (), "Recoveries installed")
RECOVERY_SECONDS = Metric("shopwatch_recovery_seconds", "gauge", (), "How long the last recovery took")
RECOVERY_RECORDS = Metric(
    "shopwatch_recovery_records_total", "counter", (), "Ledger records read in recoveries"
)
BROKER_ANSWERED = Metric(
    "shopwatch_broker_answered_timestamp_seconds",
    "gauge",
    (),
    "When the broker last answered, in seconds since 1970",
)
POLICY = Metric("shopwatch_policy_info", "gauge", ("policy", "digest"), "The policy set in force; always 1")

CATALOGUE: tuple[Metric, ...] = (
    EVENTS,
    DEAD_LETTERS,
    HOLES,
    RETRACTIONS,
    ALERTS,
    RATES_WRITTEN,
    RATES_WAITING,
    LAG,
    WATERMARK_DELAY,
    SILENCE,
    TRANSACTIONS,
    TRANSACTION_SECONDS,
    TRANSACTION_RECORDS,
    PARTITIONS,
    RECOVERIES,
    RECOVERY_SECONDS,
    RECOVERY_RECORDS,
    BROKER_ANSWERED,
    POLICY,
)

_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0)


class Metrics:
    """The catalogue in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._made = {metric.name: self._make(metric) for metric in CATALOGUE}

    def _make(self, metric: Metric) -> Counter | Gauge | Histogram:
        if metric.kind == "counter":
            return Counter(metric.name, metric.help, metric.labels, registry=self.registry)
        if metric.kind == "gauge":
            return Gauge(metric.name, metric.help, metric.labels, registry=self.registry)
        return Histogram(metric.name, metric.help, metric.labels, buckets=_BUCKETS, registry=self.registry)

    def count(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Add to a counter."""
        self._series(metric, labels).inc(amount)

    def show(self, metric: Metric, value: float, **labels: str) -> None:
        """Set a gauge."""
        self._series(metric, labels).set(value)

    def observe(self, metric: Metric, value: float) -> None:
        """Add to a histogram."""
        self._series(metric, {}).observe(value)

    def forget_partition(self, partition: int) -> None:
        """It is somebody else's: its gauges here would go on saying what was."""
        for metric in CATALOGUE:
            if metric.kind == "gauge" and "partition" in metric.labels:
                self._made[metric.name].remove_by_labels({"partition": str(partition)})

    def text(self) -> bytes:
        """What a scrape gets."""
        return generate_latest(self.registry)

    def total(self, metric: Metric) -> int:
        """The sum of a counter over its labels."""
        samples = [sample for family in self._made[metric.name].collect() for sample in family.samples]
        return int(sum(sample.value for sample in samples if sample.name == metric.name))

    def _series(self, metric: Metric, labels: Mapping[str, str]) -> Any:
        made = self._made[metric.name]
        return made.labels(**labels) if labels else made
