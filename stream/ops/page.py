"""How does the catalogue read as a page?  `docs/metrics.md`, made of it."""

from collections.abc import Iterator

from stream.ops.catalogue import CATALOGUE, Metric, Process
from stream.ops.dashboards.all import DASHBOARDS

_HEAD = """# Metrics

Made from `stream/ops/catalogue.py` by `python -m stream.ops`; a test holds it to that.

`shopwatch worker --http HOST:PORT` serves those of the worker at `/metrics`, and beside them `process_*` (CPU, memory, open files,
when it was started); so do `shopwatch notify --http HOST:PORT` and `shopwatch api --metrics-http HOST:PORT`. Seconds, ratios from 0 to 1, and whole things are the only units. A counter ends in `_total`; a histogram has
`_bucket`, `_sum` and `_count`, a gauge histogram, which counts what is there now, only `_bucket`.

## How many series

However many shops there are, a worker has as many series: only the two metrics of the worst shops name any, `--worst-shops` of each
metric and window. A shop is known here by its document of rates as last written, so what is said of shops is as old as that
(`shopwatch_rates_waiting`). A rate that a rule would not judge, of fewer than `min_orders`, is in no bucket.

The *worst* have the lowest rate where a policy's tiers say `below`, the highest where they say `above`. A shop that is clearly worse
than the last of them, by more than two points, is shown; one that is shown stays until it is clearly better. With several workers each
shows the worst of its own partitions: take `topk` or `bottomk` of all. A shop without a flaw is not among the worst. Scores are no
rates, and not among these.

A scrape is answered by a thread, in slices, with the event loop going on between them; what it says of shops was put together before,
about once a second. `python -m benchmarks.scrape` measures what that costs with 100,000 shops.

Jobs are told apart by Prometheus's label `job`: its values begin with `shopwatch`, and each group of workers has its own
(`grafana/prometheus.yml`).
"""

_RULES = """## Rules and dashboards

`grafana/rules` has recording and alerting rules for Prometheus 2.42 or later, each with tests (`promtool test rules
grafana/rules/tests/*.yaml`), and what to do about each alert in `docs/runbook.md`. Their `runbook_url` begins with
`https://shopwatch.example/docs`: put your own address there.

`grafana/dashboards` has the dashboards, for Grafana 13; `grafana/provisioning` hands them to it. They choose their datasource, jobs
and instances; a change is made in `stream/ops/dashboards` and written by `python -m stream.ops`. Every expression in them is asked of a
real Prometheus in the tests; a Grafana server itself has not loaded them yet (`docs/decisions.md`).

A shop's name leads to its page of the API (`docs/api.md`), which asks for a token, and to the API's JSON, which a browser is shown once it
has a session there and if Grafana is of the same site as the API. Where the API is, is the variable *API*. Grafana decodes the links of
a table: to a shop with `/`, `&`, `#`, `?`, `+` or `%` in its id lead those under *Elsewhere* of *Shop*.

| dashboard | |
| --- | --- |"""

_PROCESSES: tuple[tuple[Process, str], ...] = (
    ("worker", "The worker"),
    ("notify", "The notifier"),
    ("api", "The API"),
)


def page() -> str:
    """All of it."""
    return "\n".join([_HEAD, *_tables()])


def _tables() -> Iterator[str]:
    yield _RULES
    yield from (f"| shopwatch / {each.title} | {each.description} |" for each in DASHBOARDS)
    yield ""
    for process, title in _PROCESSES:
        yield f"## {title}\n"
        yield "| metric | kind | labels | unit | |"
        yield "| --- | --- | --- | --- | --- |"
        yield from (_row(metric) for metric in CATALOGUE if metric.of == process)
        yield ""
    yield "## Buckets\n"
    yield "| histogram | up to and including |"
    yield "| --- | --- |"
    for metric in CATALOGUE:
        if metric.buckets:
            yield f"| `{metric.name}` | {', '.join(f'{bound:,.8g}' for bound in metric.buckets)} |"
    yield ""


def _row(metric: Metric) -> str:
    labels = ", ".join(metric.labels)
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.unit} | {metric.help} |"
