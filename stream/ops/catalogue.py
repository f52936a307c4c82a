"""What do shopwatch's processes count and show?  Every metric, as data.

Registration (`registry`), `docs/metrics.md`, the dashboards and the tests of both are made from this.  No label names an
order, and only two metrics name a shop: those of the worst ones, of which there are so many as `--worst-shops` says.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram", "gauge histogram"]
Unit = Literal[
    "records", "letters", "shops", "alerts", "verdicts", "seconds", "ratio", "partitions", "count", "info"
]
Process = Literal["worker", "notify", "api"]

SOON_S = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
"""From a transaction on a quiet broker to one after which the watchdog ends the process."""

RECOVERED_S = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 900.0)
"""Up to where the watchdog ends a recovery."""

FETCHED = (1.0, 10.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_000.0)
"""Records of a batch: up to `stream.worker.settings.Settings.max_poll_records`."""

LASTED_S = (
    60.0,
    300.0,
    900.0,
    3_600.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    259_200.0,
    604_800.0,
    2_592_000.0,
)
"""An alert lasts from a minute to as long as the longest usual window, 30 d."""

DELIVERED_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1_800.0, 7_200.0, 43_200.0, 259_200.0)
"""From at once to the last try of three days."""

RATES = (
    0.0,
    0.01,
    0.02,
    0.05,
    0.1,
    0.15,
    0.2,
    0.3,
    0.4,
    0.5,
    0.6,
    0.7,
    0.8,
    0.85,
    0.9,
    0.95,
    0.98,
    0.99,
    1.0,
)
"""Where rates are told apart: finest where the lines of policies lie, near 0 and near 1.  Multiples of 1/200, see `levels`."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric.  Names begin with ``shopwatch_``; seconds, ratios of 0 to 1, and whole things are the only units.

    ``buckets`` are a histogram's upper bounds, included, without infinity.  ``of`` is the process that serves it.
    """

    name: str
    kind: Kind
    labels: tuple[str, ...]
    unit: Unit
    help: str
    buckets: tuple[float, ...] = ()
    of: Process = "worker"


# -- what is read

EVENTS = Metric(
    "shopwatch_events_total",
    "counter",
    ("topic", "result"),
    "records",
    "Records read: joined, repeated, late (behind the clock), after_until (a drain's), dead_letter",
)
BATCHES = Metric(
    "shopwatch_batch_records",
    "histogram",
    ("topic",),
    "records",
    "Records of a batch as it was fetched from one partition",
    FETCHED,
)
DEAD_LETTERS = Metric(
    "shopwatch_dead_letters_total",
    "counter",
    ("topic", "reason"),
    "letters",
    "Records kept as dead letters, by why",
)
HOLES = Metric(
    "shopwatch_log_holes_total",
    "counter",
    ("topic",),
    "count",
    "Places where offsets are missing from an input topic (retention, compaction, transactions)",
)
LAG = Metric(
    "shopwatch_lag_records",
    "gauge",
    ("topic", "partition"),
    "records",
    "Records in the topic that are not applied yet",
)
EVENT_LAG = Metric(
    "shopwatch_event_time_lag_seconds",
    "gauge",
    ("topic", "partition"),
    "seconds",
    "How far the newest event that was read lies behind real time (with --clock events: behind the newest of any topic)",
)
SILENCE = Metric(
    "shopwatch_topic_silence_seconds",
    "gauge",
    ("topic", "partition"),
    "seconds",
    "How far the newest event of a topic lies behind the newest of any topic",
)

# -- what is decided

WATERMARK = Metric(
    "shopwatch_watermark_timestamp_seconds",
    "gauge",
    ("partition",),
    "seconds",
    "Up to which event time everything is decided, in seconds since 1970",
)
WATERMARK_DELAY = Metric(
    "shopwatch_watermark_delay_seconds",
    "gauge",
    ("partition",),
    "seconds",
    "How far what is decided lies behind real time (with --clock events: behind the newest event read)",
)
RETRACTIONS = Metric(
    "shopwatch_retractions_total",
    "counter",
    (),
    "verdicts",
    "Verdicts already counted that a later fact overturned",
)
ALERTS = Metric(
    "shopwatch_alerts_total",
    "counter",
    ("rule", "severity", "state"),
    "alerts",
    "Alerts written: firing, resolved",
)
OPEN_ALERTS = Metric(
    "shopwatch_open_alerts",
    "gauge",
    ("rule", "severity", "state"),
    "alerts",
    "Tiers of shops that are firing or pending, by the shops' rates as last written",
)
FLAPS = Metric(
    "shopwatch_alert_flaps_total",
    "counter",
    ("rule", "severity"),
    "alerts",
    "Alerts that fired within 24 h after the last of the same shop and tier had resolved, since this worker has the partition",
)
LASTED = Metric(
    "shopwatch_alert_duration_seconds",
    "histogram",
    ("rule",),
    "seconds",
    "How long an alert that resolved had fired, in event time",
    LASTED_S,
)
EXEMPTIONS = Metric(
    "shopwatch_exemptions_in_force",
    "gauge",
    ("effect",),
    "count",
    "Exemptions that are published and whose range holds the worker's clock",
)
EXEMPTION = Metric(
    "shopwatch_exemption_info",
    "gauge",
    ("exemption", "effect"),
    "info",
    "An exemption in force, of the 50 that began last; always 1",
)
POLICY = Metric(
    "shopwatch_policy_info",
    "gauge",
    ("policy", "digest"),
    "info",
    "The policy set in force; always 1",
)

# -- how the shops stand

SHOPS = Metric(
    "shopwatch_shops",
    "gauge histogram",
    ("metric", "window"),
    "shops",
    "Shops by their rate (le), of those that have at least the least min_orders of the rules over this metric and window",
    RATES,
)
KNOWN_SHOPS = Metric(
    "shopwatch_known_shops",
    "gauge",
    (),
    "shops",
    "Shops of which rates were written",
)
WORST_RATE = Metric(
    "shopwatch_worst_shop_ratio",
    "gauge",
    ("metric", "window", "shop_id"),
    "ratio",
    "The rate of a shop among the worst; who is in stays in while within 2 points of the last",
)
WORST_COUNTED = Metric(
    "shopwatch_worst_shop_units",
    "gauge",
    ("metric", "window", "shop_id"),
    "count",
    "How many units the rate of a shop among the worst is made of",
)
RATES_WRITTEN = Metric(
    "shopwatch_rates_written_total",
    "counter",
    (),
    "records",
    "Documents of rates written",
)
RATES_WAITING = Metric(
    "shopwatch_rates_waiting",
    "gauge",
    ("partition",),
    "shops",
    "Shops whose rates wait to be written",
)

# -- the ledger

TRANSACTIONS = Metric(
    "shopwatch_transactions_total",
    "counter",
    (),
    "count",
    "Transactions committed",
)
TRANSACTION_SECONDS = Metric(
    "shopwatch_transaction_seconds",
    "histogram",
    (),
    "seconds",
    "From the begin of a transaction, which appends to the ledger, to its commit",
    SOON_S,
)
TRANSACTION_RECORDS = Metric(
    "shopwatch_transaction_records_total",
    "counter",
    (),
    "records",
    "Records written in transactions",
)
COMMITTING = Metric(
    "shopwatch_committing_seconds",
    "gauge",
    (),
    "seconds",
    "How long the oldest commit under way has taken so far; 0 where none is",
)
RECOVERIES = Metric(
    "shopwatch_recoveries_total",
    "counter",
    (),
    "count",
    "Recoveries installed: one a rebalance",
)
RECOVERY_SECONDS = Metric(
    "shopwatch_recovery_seconds",
    "histogram",
    (),
    "seconds",
    "How long a recovery took, from the ledger's first record to lanes that are ready",
    RECOVERED_S,
)
RECOVERY_RECORDS = Metric(
    "shopwatch_recovery_records_total",
    "counter",
    (),
    "records",
    "Ledger records read in recoveries",
)

# -- the worker

PARTITIONS = Metric(
    "shopwatch_partitions",
    "gauge",
    (),
    "partitions",
    "Partitions that this worker works off",
)
TOPIC_PARTITIONS = Metric(
    "shopwatch_topic_partitions",
    "gauge",
    (),
    "partitions",
    "Partitions that every topic has, whoever works them off",
)
BROKER_ANSWERED = Metric(
    "shopwatch_broker_answered_timestamp_seconds",
    "gauge",
    (),
    "seconds",
    "When the broker last answered, in seconds since 1970",
)

# -- the notifier

NOTIFY_SECONDS = Metric(
    "shopwatch_notify_seconds",
    "histogram",
    ("channel",),
    "seconds",
    "From the writing of an alert to the receiver's word that it has it",
    DELIVERED_S,
    "notify",
)
NOTIFY_ATTEMPTS = Metric(
    "shopwatch_notify_attempts_total",
    "counter",
    ("channel", "result"),
    "count",
    "Attempts to deliver a message: delivered, failed (to be tried again), given_up (no more tries, or an endpoint that is gone)",
    of="notify",
)
NOTIFY_WAITING = Metric(
    "shopwatch_notify_waiting",
    "gauge",
    ("channel",),
    "count",
    "Messages that wait for their next attempt",
    of="notify",
)
NOTIFY_HELD = Metric(
    "shopwatch_notify_held",
    "gauge",
    (),
    "count",
    "Messages to merchants that are held: a stale feed, a silent topic, a mass alert, or by hand",
    of="notify",
)

# -- the API

API_SHOPS = Metric(
    "shopwatch_api_shops",
    "gauge",
    (),
    "shops",
    "Shops of which anything is known",
    of="api",
)
API_ALERTS = Metric(
    "shopwatch_api_alerts",
    "gauge",
    (),
    "alerts",
    "Alerts that are known",
    of="api",
)
API_FIRING = Metric(
    "shopwatch_api_firing",
    "gauge",
    (),
    "alerts",
    "Alerts that fire",
    of="api",
)
API_STREAMS = Metric(
    "shopwatch_api_streams",
    "gauge",
    (),
    "count",
    "Streams that are open",
    of="api",
)
API_OPENED = Metric(
    "shopwatch_api_streams_opened_total",
    "counter",
    (),
    "count",
    "Streams opened",
    of="api",
)
API_CUT_OFF = Metric(
    "shopwatch_api_streams_cut_off_total",
    "counter",
    (),
    "count",
    "Streams cut off since nobody read them",
    of="api",
)
API_RECORDS = Metric(
    "shopwatch_api_records_total",
    "counter",
    (),
    "records",
    "Records of Kafka that were read",
    of="api",
)
API_STRAYS = Metric(
    "shopwatch_api_strays_total",
    "counter",
    (),
    "records",
    "Records that were left out",
    of="api",
)
API_READY = Metric(
    "shopwatch_api_ready",
    "gauge",
    (),
    "count",
    "1: all is known, and Kafka answers",
    of="api",
)

CATALOGUE: tuple[Metric, ...] = (
    EVENTS,
    BATCHES,
    DEAD_LETTERS,
    HOLES,
    LAG,
    EVENT_LAG,
    SILENCE,
    WATERMARK,
    WATERMARK_DELAY,
    RETRACTIONS,
    ALERTS,
    OPEN_ALERTS,
    FLAPS,
    LASTED,
    EXEMPTIONS,
    EXEMPTION,
    POLICY,
    SHOPS,
    KNOWN_SHOPS,
    WORST_RATE,
    WORST_COUNTED,
    RATES_WRITTEN,
    RATES_WAITING,
    TRANSACTIONS,
    TRANSACTION_SECONDS,
    TRANSACTION_RECORDS,
    COMMITTING,
    RECOVERIES,
    RECOVERY_SECONDS,
    RECOVERY_RECORDS,
    PARTITIONS,
    TOPIC_PARTITIONS,
    BROKER_ANSWERED,
    NOTIFY_SECONDS,
    NOTIFY_ATTEMPTS,
    NOTIFY_WAITING,
    NOTIFY_HELD,
    API_SHOPS,
    API_ALERTS,
    API_FIRING,
    API_STREAMS,
    API_OPENED,
    API_CUT_OFF,
    API_RECORDS,
    API_STRAYS,
    API_READY,
)
"""All of them, in the order in which people read them."""

SHOWN_AT_ONCE: tuple[Metric, ...] = (
    OPEN_ALERTS,
    EXEMPTIONS,
    EXEMPTION,
    SHOPS,
    KNOWN_SHOPS,
    WORST_RATE,
    WORST_COUNTED,
)
"""Those that are shown whole, all series of them together: what is no more is gone from the next scrape on."""
