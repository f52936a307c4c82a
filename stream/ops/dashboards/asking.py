"""How is Prometheus asked for a metric?  Always for the jobs and instances that were chosen, and for ranges as long as the panel wants.

Expressions stay within PromQL of Prometheus 2.42.
"""

from stream.ops.catalogue import SHOPS, WORST_RATE, Metric

CHOSEN = 'job=~"$job", instance=~"$instance"'
"""Stands in every selector: what Grafana's dashboard-linter asks for, and what keeps two installations apart."""

INTERVAL = "$__rate_interval"
"""Long enough for four scrapes, whatever the panel's width."""

RANGE = "$__range"
"""All that the dashboard shows."""


def series(metric: Metric | str, *matchers: str, end: str = "") -> str:
    """The series of a metric that the reader has chosen; ``end`` is that of a histogram's series."""
    name = metric if isinstance(metric, str) else metric.name
    return f"{name}{end}{{{', '.join((CHOSEN, *matchers))}}}"


def rate(metric: Metric | str, *matchers: str, end: str = "") -> str:
    """A counter's growth a second."""
    return f"rate({series(metric, *matchers, end=end)}[{INTERVAL}])"


def increase(metric: Metric, *matchers: str, over: str = INTERVAL) -> str:
    """A counter's growth within a step of the panel, or ``over`` a range."""
    return f"increase({series(metric, *matchers)}[{over}])"


def by(operator: str, labels: str, expression: str) -> str:
    """One number for all series that are alike in ``labels``."""
    return f"{operator} by ({labels}) ({expression})"


def quantile_of_all(share: float, metric: Metric) -> str:
    """Of all of a histogram's observations since the processes began.

    What comes right after a start comes before the first scrape, and is no growth to Prometheus.
    """
    return f"histogram_quantile({share:g}, {by('sum', 'le', series(metric, end='_bucket'))})"


def quantile(share: float, metric: Metric, *matchers: str, labels: str = "", over: str = INTERVAL) -> str:
    """Of a histogram's observations within a step of the panel, or ``over`` a range."""
    kept = f"{labels}, le" if labels else "le"
    grown = (
        f"{'rate' if over == INTERVAL else 'increase'}({series(metric, *matchers, end='_bucket')}[{over}])"
    )
    return f"histogram_quantile({share:g}, {by('sum', kept, grown)})"


def worse_than_the_middle(*matchers: str) -> str:
    """By how much a shop is worse than the median shop: what all shops have in common is not in it.

    Prometheus does not know whether a low rate is the bad one or a high one; but it is the worst that are named, so that on average
    they are on the bad side.
    """
    rates = by("max", "shop_id, metric, window", series(WORST_RATE, *matchers))
    named = by("avg", "metric, window", series(WORST_RATE))
    median = f"histogram_quantile(0.5, {by('sum', 'metric, window, le', series(SHOPS, end='_bucket'))})"
    each = "on (metric, window)"
    return f"({rates} - {each} group_left () {median}) * {each} group_left () sgn({named} - {each} {median})"
