"""Does a scrape say what was counted and shown, so that Prometheus can read it?"""

import subprocess
import threading
from collections import Counter

import pytest
from prometheus_client.parser import text_string_to_metric_families

from stream.ops.catalogue import (
    ALERTS,
    CATALOGUE,
    EVENTS,
    LAG,
    NOTIFY_SECONDS,
    RECOVERY_SECONDS,
    SHOWN_AT_ONCE,
    WORST_RATE,
    Metric,
)
from stream.ops.expected import expected
from stream.ops.marketplace import Marketplace
from stream.ops.picture import Picture
from stream.ops.registry import SLICE, Metrics
from tests.ops.prometheus import found as program
from tests.ops.story import TWO, document

BUDGET_WORKER = 250
"""Series of a worker apart from those by partition, reason, rule, metric and shop."""


def samples(text: bytes) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


def full(shops: int = 2) -> Metrics:
    """Every metric has a series."""
    metrics = Metrics()
    metrics.prepare(expected(TWO))
    for metric in CATALOGUE:
        if metric.of == "worker" and metric not in SHOWN_AT_ONCE:
            metrics._series(metric, dict.fromkeys(metric.labels, "1"))
    marketplace = Marketplace(TWO, 50)
    part = marketplace.shops()
    for shop in range(shops):
        part.tell(f"shop-{shop}", document((100 + shop % 50, shop % 37), (90, shop % 19)))
    metrics.show_at_once(marketplace.picture([part], 0))
    return metrics


def test_counters_gauges_and_histograms_are_read_back_by_the_librarys_own_reader() -> None:
    metrics = Metrics()
    metrics.count(EVENTS, 3, topic="orders", result="joined")
    metrics.show(LAG, 5, topic="orders", partition="0")
    metrics.observe(RECOVERY_SECONDS, 7.5)
    found = samples(metrics.text())
    assert found["shopwatch_events_total", (("result", "joined"), ("topic", "orders"))] == 3
    assert found["shopwatch_lag_records", (("partition", "0"), ("topic", "orders"))] == 5
    assert found["shopwatch_recovery_seconds_bucket", (("le", "5.0"),)] == 0
    assert found["shopwatch_recovery_seconds_bucket", (("le", "10.0"),)] == 1
    assert found["shopwatch_recovery_seconds_sum", ()] == 7.5
    assert "process_start_time_seconds" in {name for name, _ in found}


@pytest.mark.parametrize("shop", ['a"b', "a\nb", "a\\n", "漁具店", "", "}", "\ud800"])
def test_whatever_a_shop_is_called_its_line_can_be_read(shop: str) -> None:
    metrics = Metrics()
    metrics.show_at_once(Picture({WORST_RATE: [(("on_time", "3d", shop), 0.5)]}))
    found = samples(metrics.text())
    labels = {dict(labels)["shop_id"] for name, labels in found if name == WORST_RATE.name}
    assert labels == {shop.encode("utf-8", "replace").decode()}


def test_promtool_finds_nothing_wrong_with_what_a_worker_serves() -> None:
    done = subprocess.run(  # noqa: S603 - Debian's
        [program("promtool"), "check", "metrics"], input=full(200).text(), capture_output=True, check=False
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")


def test_every_metric_of_the_catalogue_is_served_by_its_process_and_no_other_is() -> None:
    found = {name for name, _ in samples(full().text())}
    names = {metric.name for metric in CATALOGUE if metric.of == "worker"} - {"shopwatch_exemption_info"}
    ends = ("_bucket", "_sum", "_count")
    assert {name for name in names if name not in found and f"{name}_bucket" not in found} == set()
    stems = {name.removesuffix(end) for name in found for end in ("", *ends)}
    assert {name for name in found if not name.startswith("process_") and not {name} | stems & names} == set()
    notify = Metrics("notify")
    notify.observe(NOTIFY_SECONDS, 1, channel="webhook")
    assert {name for name, _ in samples(notify.text()) if name.startswith("shopwatch_")} == {
        f"shopwatch_notify_{end}" for end in ("seconds_bucket", "seconds_sum", "seconds_count", "held")
    }


def test_what_is_bounded_is_there_from_the_start_at_zero() -> None:
    metrics = Metrics()
    metrics.prepare(expected(TWO))
    found = samples(metrics.text())
    labels = (("rule", "late"), ("severity", "critical"), ("state", "firing"))
    assert found[ALERTS.name, labels] == 0
    assert found[EVENTS.name, (("result", "dead_letter"), ("topic", "refunds"))] == 0


def test_gauges_of_a_partition_that_was_given_up_are_forgotten() -> None:
    metrics = Metrics()
    for number in ("0", "1"):
        metrics.show(LAG, 5, topic="orders", partition=number)
    metrics.forget_partition(0)
    text = metrics.text().decode()
    assert 'partition="1"' in text
    assert 'partition="0"' not in text


def test_what_was_shown_at_once_before_is_gone_with_the_next() -> None:
    metrics = Metrics()
    metrics.show_at_once(Picture({WORST_RATE: [(("on_time", "3d", "a"), 0.5)]}))
    metrics.show_at_once(Picture({WORST_RATE: [(("on_time", "3d", "b"), 0.5)]}))
    text = metrics.text().decode()
    assert 'shop_id="b"' in text
    assert 'shop_id="a"' not in text


def test_a_scrape_gives_way_to_other_threads_every_few_lines() -> None:
    pauses: list[None] = []
    text = full(1_000).text(lambda: pauses.append(None))
    assert len(pauses) == text.count(b"\n") // SLICE


def test_a_scrape_beside_a_thread_that_counts_is_whole() -> None:
    """Scrapes are served from threads of their own."""
    metrics, stop = full(100), threading.Event()

    def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            metrics.show(LAG, 1, topic="orders", partition=str(number % 64))
            metrics.forget_partition(number % 64)
            metrics.count(EVENTS, topic="orders", result="joined")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert all(samples(metrics.text(lambda: None)) for _ in range(20))
    finally:
        stop.set()
        thread.join()


def test_with_a_hundred_thousand_shops_there_are_as_many_series_as_with_a_hundred() -> None:
    """The budget: whatever the marketplace, and only the two metrics of the worst shops name any."""
    few, many = full(100).text(), full(100_000).text()
    of_few, of_many = Counter(name for name, _ in samples(few)), Counter(name for name, _ in samples(many))
    assert of_few == of_many
    named = {name: of_many[name] for name, labels in samples(many) if "shop_id" in dict(labels)}
    assert named == {"shopwatch_worst_shop_ratio": 2 * 50, "shopwatch_worst_shop_units": 2 * 50}
    rated, tiers = len(TWO.rated), len(TWO.tiers)
    assert of_many.total() <= BUDGET_WORKER + rated * (20 + 2 * 50) + tiers * (14 + 2 + 2 + 2)
    assert len(many) < 50_000


def test_the_catalogue_names_each_metric_once_in_base_units() -> None:
    names = [metric.name for metric in CATALOGUE]
    assert len(set(names)) == len(names)
    for metric in CATALOGUE:
        keeps_the_rules_of_names(metric)


def keeps_the_rules_of_names(metric: Metric) -> None:
    name = metric.name
    assert name.startswith("shopwatch_")
    assert (metric.kind == "counter") == name.endswith("_total")
    assert (metric.unit == "seconds") == name.endswith("_seconds")
    assert (metric.unit == "ratio") == name.endswith("_ratio")
    assert (metric.unit == "info") == name.endswith("_info")
    assert bool(metric.buckets) == ("histogram" in metric.kind)
    assert list(metric.buckets) == sorted(metric.buckets)
    assert metric.help
    assert not metric.help.endswith(".")
    assert "shop_id" not in metric.labels or name.startswith("shopwatch_worst_shop_")
    assert "order_id" not in metric.labels
