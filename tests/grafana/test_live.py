"""Does every expression of dashboards and rules return data of a real worker, by a real Prometheus?

A made-up marketplace goes through Kafka and a worker, whose numbers a Prometheus scrapes; a notifier's are told to a registry
as the notifier tells them.  Then everything that is asked is asked.
"""

import asyncio
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from stream.broker import Broker
from stream.broker.ports import free_port
from stream.ops.catalogue import CATALOGUE, NOTIFY_ATTEMPTS, NOTIFY_HELD, NOTIFY_SECONDS, NOTIFY_WAITING
from stream.ops.registry import Metrics
from stream.worker.health import Health, serve
from stream.worker.watchdog import Vitals
from tests.cli.shell import COMMAND, ROOT, Shell, environment
from tests.grafana.dashboards import EXPRESSIONS, QUERIED
from tests.grafana.prometheus import Prometheus, prometheus
from tests.kafka_fixture import OtherKafka
from tests.merchant.api.process import Api
from tests.worker.rig import Rig

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("prometheus")]
"""One process has them all: what they look at takes seconds to come about."""

POLICY = Path(__file__).with_name("live.toml")
MARKET = (
    "--days",
    "3",
    "--shops",
    "8",
    "--scenario",
    "warehouse_stops",
    "--broken",
    "0.02",
    "--late",
    "0.01",
)

FIRED, RESOLVED = (f'sum(shopwatch_alerts_total{{state="{state}"}})' for state in ("firing", "resolved"))
FIRING = 'sum(shopwatch_open_alerts{state="firing"})'


@pytest.fixture(scope="module")
def asked(kafka: Broker | OtherKafka, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that has scraped a worker before, while and after it read the marketplace."""
    tmp = tmp_path_factory.mktemp("live")
    rig = Rig(kafka.address, tmp)
    asyncio.run(rig.create(2))
    at, notify_at, api_at = f"127.0.0.1:{free_port()}", free_port(), f"127.0.0.1:{free_port()}"
    tokens = tmp / "tokens.toml"
    tokens.touch()
    api = Api(Shell(kafka.address, rig.prefix), tokens, ("--clock", "events", "--metrics-http", api_at))
    notifier = Metrics("notify")
    tell(notifier)
    stop = serve("127.0.0.1", notify_at, Health(Vitals()), notifier)
    try:
        jobs = {"worker": at, "notify": f"127.0.0.1:{notify_at}", "api": api_at}
        with api, prometheus(tmp, {f"shopwatch-{job}": where for job, where in jobs.items()}) as running:
            worker = rig.start(
                "worker",
                *(
                    "worker",
                    "--policy",
                    str(POLICY),
                    "--clock",
                    "events",
                    "--lateness",
                    "10m5s",
                    "--worst-shops",
                    "3",
                    "--http",
                    at,
                ),
                module="stream.cli.main",
            )
            # What is counted only after the first scrape has grown, for Prometheus.
            running.wait_for("sum(shopwatch_partitions)", 2)
            running.wait_for('count(shopwatch_events_total{result="joined"})', 4)
            sent = simulate(rig)
            running.wait_for("sum(shopwatch_events_total)", sent)
            tell(notifier)
            running.wait_for(f"0 - abs({FIRED} - {RESOLVED} - {FIRING})", 0)
            running.wait_for("sum(increase(shopwatch_notify_seconds_count[1m]))", 0.1)
            running.wait_for("sum(shopwatch_api_shops)", 8)
            assert worker.process.poll() is None, worker.describe()
            yield running
    finally:
        rig.end()
        stop()


def tell(metrics: Metrics) -> None:
    """What a notifier counts."""
    for result in ("delivered", "failed", "given_up"):
        metrics.count(NOTIFY_ATTEMPTS, 2, channel="webhook", result=result)
    metrics.observe(NOTIFY_SECONDS, 1.5, channel="webhook")
    metrics.show(NOTIFY_WAITING, 3, channel="webhook")
    metrics.show(NOTIFY_HELD, 0)


def simulate(rig: Rig) -> int:
    """Send the marketplace; how many records it has."""
    settings = {"SHOPWATCH_BOOTSTRAP": rig.address, "SHOPWATCH_TOPIC_PREFIX": rig.prefix}
    done = subprocess.run(  # noqa: S603 - ours
        [*COMMAND, "simulate", "--to", "kafka", *MARKET],
        env=environment(**settings),
        capture_output=True,
        text=True,
        check=True,
    )
    sent = re.search(r"sent (\d+) ", done.stdout)
    assert sent is not None, done.stdout
    return int(sent[1])


@pytest.fixture(scope="module")
def values(asked: Prometheus) -> dict[str, str]:
    """What the variables of Grafana are, chosen from the data as Grafana would."""
    shop, *_ = labels(asked, "shop", "shop")
    assert "on_time" in labels(asked, "marketplace", "metric")
    return {"shop": shop, "metric": "on_time", "__rate_interval": "1m", "__range": "5m"}


def labels(asked: Prometheus, dashboard: str, variable: str) -> list[str]:
    """The values that a reader can choose from."""
    found = re.fullmatch(r"label_values\((.+), (\w+)\)", QUERIED[dashboard, variable])
    assert found is not None
    series = re.sub(r"\$\w+", ".+", found[1])
    return sorted({each["metric"][found[2]] for each in asked.vector(series)})


def test_every_variable_offers_values(asked: Prometheus) -> None:
    assert [name for name in QUERIED if not labels(asked, *name)] == []
    assert labels(asked, "rules", "rule") == sorted(
        ["late", "late_week", "returns", "unanswered", "unscanned", "unscanned_week"]
    )


def test_every_expression_of_every_panel_returns_data(asked: Prometheus, values: dict[str, str]) -> None:
    nothing = [str(each) for each in EXPRESSIONS if not asked.numbers(each.filled(values))]
    assert nothing == []
    assert len(EXPRESSIONS) > 60


def test_the_worst_shop_is_the_furthest_on_the_bad_side_of_the_middle(
    asked: Prometheus, values: dict[str, str]
) -> None:
    """Whether a low rate is the bad one or a high one."""
    (worse,) = (each for each in EXPRESSIONS if each.panel == "The worst shops" and "sgn" in each.expression)
    for metric, bad in (("on_time", min), ("scanned", max), ("returned", max)):
        place = f'metric="{metric}", window="7d"'
        found = asked.vector(worse.filled({**values, "metric": metric, "window": "7d"}))
        by = {each["metric"]["shop_id"]: float(each["value"][1]) for each in found}
        rates = {
            each["metric"]["shop_id"]: float(each["value"][1])
            for each in asked.vector(f"shopwatch_worst_shop_ratio{{{place}}}")
        }
        assert by.keys() == rates.keys()
        assert rates[max(by, key=by.__getitem__)] == bad(rates.values())
        assert max(by.values()) > 0


def test_every_rule_is_evaluated_and_every_record_has_data(asked: Prometheus) -> None:
    asked.wait_for("count(job_metric_window:shopwatch_shops:median)", 1)
    rules = [rule for group in asked.ask("rules")["groups"] for rule in group["rules"]]
    assert [rule for rule in rules if rule["health"] != "ok"] == []
    records = [rule["name"] for rule in rules if rule["type"] == "recording"]
    assert [name for name in records if not asked.numbers(name)] == []
    files = (ROOT / "grafana" / "rules").glob("*.yaml")
    written = [group for file in files for group in yaml.safe_load(file.read_text("utf-8"))["groups"]]
    assert len(rules) == sum(len(group["rules"]) for group in written)


def test_the_api_is_scraped_and_knows_what_the_worker_wrote(asked: Prometheus) -> None:
    own = [metric.name for metric in CATALOGUE if metric.of == "api"]
    assert [name for name in own if not asked.numbers(f'{name}{{job="shopwatch-api"}}')] == []
    assert asked.numbers('min(shopwatch_api_ready{job="shopwatch-api"})') == [1]
    for counted in ("process_start_time_seconds", "process_resident_memory_bytes"):
        assert len(asked.numbers(f'{counted}{{job=~"shopwatch-(api|worker|notify)"}}')) == 3
    asked.wait_for(f"0 - abs(sum(shopwatch_api_firing) - {FIRING})", 0)


def test_the_numbers_are_those_of_the_marketplace(asked: Prometheus) -> None:
    assert asked.numbers("sum(shopwatch_known_shops)") == [8]
    assert asked.numbers('sum(shopwatch_shops_bucket{metric="returned", le="+Inf"})') == [8]
    assert asked.numbers("sum(shopwatch_exemptions_in_force)") == [1]
    assert asked.numbers('shopwatch_exemption_info{exemption="harbour-2025", effect="extend"}') == [1]
    (fired,), (resolved,), (firing,) = asked.numbers(FIRED), asked.numbers(RESOLVED), asked.numbers(FIRING)
    assert fired - resolved == firing > 0
    assert asked.numbers("sum(shopwatch_alert_duration_seconds_count)") == [resolved] > [10]
    assert asked.numbers("sum(shopwatch_alert_flaps_total)")[0] > 0
    letters, unread = "sum(shopwatch_dead_letters_total)", 'sum(shopwatch_events_total{result="dead_letter"})'
    assert asked.numbers(letters) == asked.numbers(unread)
    assert asked.numbers("max(count by (metric, window) (shopwatch_worst_shop_ratio))") == [3], (
        "--worst-shops"
    )
    worst = asked.numbers('shopwatch_worst_shop_ratio{metric="on_time", window="7d"}')
    assert all(0 <= rate < 1 for rate in worst)
