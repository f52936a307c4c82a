"""Does Grafana find its datasource and its dashboards, and Prometheus its rules?"""

import subprocess

import yaml

from tests.house.tree import ROOT
from tests.ops.prometheus import found

GRAFANA = ROOT / "grafana"


def test_prometheus_reads_its_configuration() -> None:
    done = subprocess.run(  # noqa: S603 - Debian's
        [found("promtool"), "check", "config", "--syntax-only", GRAFANA / "prometheus.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_jobs_are_called_what_rules_and_dashboards_ask_for() -> None:
    config = yaml.safe_load((GRAFANA / "prometheus.yml").read_text("utf-8"))
    jobs = [each["job_name"] for each in config["scrape_configs"]]
    assert all(job.startswith("shopwatch-") for job in jobs)
    assert "shopwatch-worker" in jobs


def test_the_datasource_scrapes_as_often_as_prometheus_does() -> None:
    """Grafana's ``$__rate_interval`` is made of it."""
    config = yaml.safe_load((GRAFANA / "prometheus.yml").read_text("utf-8"))
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yaml").read_text("utf-8"))[
        "datasources"
    ]
    assert source["type"] == "prometheus"
    assert source["jsonData"]["timeInterval"] == config["global"]["scrape_interval"]
