"""Is the pipeline well?  The dashboard *Pipeline*: how much comes through, how late, and what went wrong."""

from stream.ops import catalogue as of
from stream.ops.dashboards.asking import by, increase, quantile, quantile_of_all, rate, series
from stream.ops.dashboards.document import Dashboard, Row
from stream.ops.dashboards.panels import WHOLE, Line, Panel, Query

UNREADABLE, LATE = 'result="dead_letter"', 'result="late"'


def _stat(title: str, description: str, expression: str, unit: str, *lines: Line) -> Panel:
    return Panel(title, description, (Query(expression, title.lower()),), "stat", unit, 4, 4, lines=lines)


def _up(name: str) -> str:
    return series(name)


NOW = Row(
    "Now",
    (
        _stat("Processes", "Those that Prometheus reaches.", f"sum({_up('up')})", "short"),
        _stat(
            "Partitions without an owner",
            "Their shops are not judged.",
            f"sum(max by (job) ({series(of.TOPIC_PARTITIONS)}) - sum by (job) ({series(of.PARTITIONS)}))",
            "short",
            Line("red", 1),
        ),
        _stat(
            "Decided behind real time",
            "The slowest partition: lateness and a little more, where all is read.",
            f"max({series(of.WATERMARK_DELAY)})",
            "s",
            Line("orange", 60),
            Line("red", 300),
        ),
        _stat(
            "Lag",
            "Records that wait to be applied.",
            f"sum({series(of.LAG)})",
            "short",
            Line("orange", 100_000),
        ),
        _stat(
            "Dead letters",
            "Their share of all records read.",
            f"sum({rate(of.EVENTS, UNREADABLE)}) / (sum({rate(of.EVENTS)}) > 0 or vector(1))",
            "percentunit",
            Line("orange", 0.001),
            Line("red", 0.01),
        ),
        _stat(
            "Kafka answered",
            "How long ago, to the worker that has waited longest: a scrape ago or so where all is well.",
            f"max(time() - {series(of.BROKER_ANSWERED)})",
            "s",
            Line("orange", 30),
            Line("red", 60),
        ),
    ),
)

THROUGHPUT = Row(
    "Throughput",
    (
        Panel(
            "Read, by topic",
            "Records a second.",
            (Query(by("sum", "topic", rate(of.EVENTS)), "{{topic}}"),),
            unit="cps",
            width=8,
            style="stacked",
        ),
        Panel(
            "Read, by what became of them",
            "Joined: part of what is known. Repeated: known before. Late: behind the clock. Dead letter: unreadable.",
            (Query(by("sum", "result", rate(of.EVENTS)), "{{result}}"),),
            unit="cps",
            width=8,
        ),
        Panel(
            "Records of a batch",
            "On average, as they were fetched: batches grow under load.",
            (
                Query(
                    f"{by('sum', 'topic', rate(of.BATCHES, end='_sum'))} / {by('sum', 'topic', rate(of.BATCHES, end='_count'))}",
                    "{{topic}}",
                ),
            ),
            width=8,
        ),
        Panel(
            "Rates written",
            "Documents a second, within the budget --rates-per-second.",
            (Query(by("sum", "instance", rate(of.RATES_WRITTEN)), "{{instance}}"),),
            unit="wps",
        ),
        Panel(
            "Rates waiting",
            "Shops whose rates have changed and are not written yet.",
            (Query(by("sum", "instance", series(of.RATES_WAITING)), "{{instance}}"),),
            unit=WHOLE,
        ),
    ),
)

DELAY = Row(
    "Lag and watermark",
    (
        Panel(
            "Lag, by topic",
            "Records in Kafka that are not applied yet.",
            (Query(by("sum", "topic", series(of.LAG)), "{{topic}}"),),
            style="stacked",
            width=8,
        ),
        Panel(
            "Lag, by partition",
            "One that stands out is one large shop, or a worker in trouble.",
            (Query(by("sum", "partition", series(of.LAG)), "{{partition}}"),),
            width=8,
        ),
        Panel(
            "Decided behind real time, by partition",
            "What is not decided yet cannot be alerted.",
            (Query(by("max", "partition", series(of.WATERMARK_DELAY)), "{{partition}}"),),
            unit="s",
            width=8,
        ),
        Panel(
            "Watermark",
            "How many seconds of event time each partition decides a second: 1 is as fast as time, 0 is a standstill.",
            (Query(f"deriv({series(of.WATERMARK)}[$__rate_interval])", "{{partition}}"),),
            width=8,
        ),
        Panel(
            "Newest event behind real time, by topic",
            "The freshest partition of each topic.",
            (Query(by("min", "topic", series(of.EVENT_LAG)), "{{topic}}"),),
            unit="s",
            width=8,
        ),
        Panel(
            "Silence, by topic",
            "How far a topic's newest event lies behind the newest of any, in the partition where that is least. One that grows "
            "alone is a producer that is down.",
            (Query(by("min", "topic", series(of.SILENCE)), "{{topic}}"),),
            unit="s",
            width=8,
            lines=(Line("orange", 900), Line("red", 1_800)),
        ),
    ),
)

LEDGER = Row(
    "Ledger",
    (
        Panel(
            "Transactions",
            "Each a second, of all workers. A small broker does a few hundred.",
            (Query(by("sum", "instance", rate(of.TRANSACTIONS)), "{{instance}}"),),
            unit="ops",
            width=6,
        ),
        Panel(
            "Records of a transaction",
            "On average: ledger, alerts, rates and dead letters.",
            (
                Query(
                    f"{by('sum', 'instance', rate(of.TRANSACTION_RECORDS))} "
                    f"/ {by('sum', 'instance', rate(of.TRANSACTIONS))}",
                    "{{instance}}",
                ),
            ),
            width=6,
        ),
        Panel(
            "Time of a transaction",
            "From its begin to its commit; every alert waits for its own.",
            (
                Query(quantile(0.5, of.TRANSACTION_SECONDS), "half"),
                Query(quantile(0.99, of.TRANSACTION_SECONDS), "99 in a hundred"),
            ),
            unit="s",
            width=6,
            lines=(Line("red", 2),),
        ),
        Panel(
            "Under way",
            "How long the oldest commit under way has taken so far.",
            (Query(by("max", "instance", series(of.COMMITTING)), "{{instance}}"),),
            unit="s",
            width=6,
            lines=(Line("red", 30),),
        ),
    ),
)

RECOVERY = Row(
    "Recovery",
    (
        Panel(
            "Recoveries",
            "One a rebalance: workers that come and go. The rest of the time nothing is here.",
            (Query(by("sum", "instance", increase(of.RECOVERIES)), "{{instance}}"),),
            unit=WHOLE,
            style="bars",
            width=6,
        ),
        Panel(
            "Time of a recovery",
            "Half of those of the workers that run took no longer, and 99 in a hundred; partitions stand still meanwhile.",
            (
                Query(quantile_of_all(0.5, of.RECOVERY_SECONDS), "half"),
                Query(quantile_of_all(0.99, of.RECOVERY_SECONDS), "99 in a hundred"),
            ),
            unit="s",
            width=6,
        ),
        Panel(
            "Read in recoveries",
            "Ledger records, policies and rates.",
            (Query(by("sum", "instance", increase(of.RECOVERY_RECORDS)), "{{instance}}"),),
            unit=WHOLE,
            style="bars",
            width=6,
        ),
        Panel(
            "Partitions, by worker",
            "Who works off how many.",
            (Query(by("sum", "instance", series(of.PARTITIONS)), "{{instance}}"),),
            unit=WHOLE,
            style="stacked",
            width=6,
        ),
    ),
)

ERRORS = Row(
    "Errors",
    (
        Panel(
            "Dead letters, by reason",
            "Records that could not be counted, a second; they lie untouched in the topic's .dlt.",
            (Query(by("sum", "topic, reason", rate(of.DEAD_LETTERS)), "{{topic}}: {{reason}}"),),
            unit="cps",
        ),
        Panel(
            "Late events",
            "Those behind the clock, as a share of all of the topic: more lateness, or a producer that is behind.",
            (
                Query(
                    f"{by('sum', 'topic', rate(of.EVENTS, LATE))} / {by('sum', 'topic', rate(of.EVENTS))}",
                    "{{topic}}",
                ),
            ),
            unit="percentunit",
        ),
        Panel(
            "Holes in the log",
            "Places where offsets are missing: retention has passed a group that was away, or a topic was cut.",
            (Query(by("sum", "topic", increase(of.HOLES)), "{{topic}}"),),
            unit=WHOLE,
            style="bars",
            width=6,
        ),
        Panel(
            "Starts",
            "How often a process has been started within the range shown.",
            (
                Query(
                    by("max", "job, instance", f"changes({series('process_start_time_seconds')}[$__range])"),
                    "{{instance}}",
                ),
            ),
            unit=WHOLE,
            width=6,
        ),
        Panel(
            "CPU",
            "Cores in use: a worker uses one at most.",
            (Query(by("sum", "job, instance", rate("process_cpu_seconds_total")), "{{instance}}"),),
            width=6,
        ),
        Panel(
            "Memory",
            "Resident: it grows with open orders and shops.",
            (Query(by("max", "job, instance", series("process_resident_memory_bytes")), "{{instance}}"),),
            unit="bytes",
            width=6,
        ),
    ),
)

NOTIFIER = Row(
    "Notifier",
    (
        Panel(
            "Attempts",
            "To deliver a message, a second, by channel and what came of it.",
            (Query(by("sum", "channel, result", rate(of.NOTIFY_ATTEMPTS)), "{{channel}}: {{result}}"),),
            unit="ops",
            width=8,
        ),
        Panel(
            "From alert to delivery",
            "Half of the messages took no longer, and 99 in a hundred.",
            (
                Query(quantile(0.5, of.NOTIFY_SECONDS, labels="channel"), "{{channel}}: half"),
                Query(quantile(0.99, of.NOTIFY_SECONDS, labels="channel"), "{{channel}}: 99 in a hundred"),
            ),
            unit="s",
            width=8,
        ),
        Panel(
            "Waiting and held",
            "Messages that wait for their next attempt, and those to merchants that are held until somebody decides.",
            (
                Query(by("sum", "channel", series(of.NOTIFY_WAITING)), "{{channel}}: waiting"),
                Query(f"sum({series(of.NOTIFY_HELD)})", "held"),
            ),
            unit=WHOLE,
            width=8,
        ),
    ),
)

API = Row(
    "API",
    (
        Panel(
            "Ready",
            "1: it knows all that there is, and Kafka answers it. Whoever asks one that is not is refused, or told that it is old.",
            (Query(by("min", "instance", series(of.API_READY)), "{{instance}}"),),
            unit=WHOLE,
            width=6,
        ),
        Panel(
            "Streams",
            "Pages and programs that are told of every change while they look.",
            (Query(by("sum", "instance", series(of.API_STREAMS)), "{{instance}}"),),
            unit=WHOLE,
            style="stacked",
            width=6,
        ),
        Panel(
            "Streams opened and cut off",
            "A minute, of all. One is cut off when what it is told is not read: a slow line, or a page that sleeps.",
            (
                Query(f"60 * sum({rate(of.API_OPENED)})", "opened"),
                Query(f"60 * sum({rate(of.API_CUT_OFF)})", "cut off"),
            ),
            width=6,
        ),
        Panel(
            "Read from Kafka",
            "Records of rates and alerts a second, and those that were left out, since they are not as the contract says.",
            (
                Query(by("sum", "instance", rate(of.API_RECORDS)), "{{instance}}"),
                Query(by("sum", "instance", rate(of.API_STRAYS)), "{{instance}}: left out"),
            ),
            unit="cps",
            width=6,
        ),
    ),
)

PIPELINE = Dashboard(
    "pipeline",
    "Pipeline",
    "Whether events come through in time, and what went wrong on the way.",
    (NOW, THROUGHPUT, DELAY, LEDGER, RECOVERY, ERRORS, NOTIFIER, API),
)
