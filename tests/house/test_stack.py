"""Does `docker-compose.yml` hold together, and is what it starts confined?  Docker's engine is not needed for that."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from stream.cli.config.sources import fields, is_secret
from tests.cli.shell import shopwatch
from tests.house.tree import ROOT

MISSING = "docker-compose is not there; install it (Debian, Ubuntu: apt-get install docker-compose)"
WANTED = {
    "kafka",
    "topics",
    "worker",
    "notify",
    "api",
    "prometheus",
    "alertmanager",
    "grafana",
    "kafka-ui",
    "simulator",
}
PROFILES = {"kafka-ui": ["ui"], "simulator": ["demo"]}
WRITES_TO_ITSELF = {"kafka"}
"""Makes its settings at its start."""


@pytest.fixture(scope="module")
def stack() -> Mapping[str, Any]:
    """The file as docker-compose understands it, with all profiles."""
    program = shutil.which("docker-compose")
    assert program, MISSING
    done = subprocess.run(  # noqa: S603 - Debian's program, our file
        [program, "--profile", "ui", "--profile", "demo", "config"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    read: Mapping[str, Any] = yaml.safe_load(done.stdout)
    return read


@pytest.fixture(scope="module")
def services(stack: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = stack["services"]
    return found


def test_all_of_it_is_there_and_what_only_some_want_has_a_profile(
    services: Mapping[str, Mapping[str, Any]],
) -> None:
    assert set(services) >= WANTED
    assert {
        name: service["profiles"] for name, service in services.items() if "profiles" in service
    } == PROFILES


def test_every_image_is_pinned_and_ours_is_built_here(services: Mapping[str, Mapping[str, Any]]) -> None:
    for name, service in services.items():
        assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+", service["image"]), name
        assert ("build" in service) == service["image"].startswith("shopwatch:"), name
    for image in re.findall(r"(?m)^FROM (\S+)", (ROOT / "Dockerfile").read_text("utf-8")):
        assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", image)


def test_nobody_is_root_nor_becomes_it_and_only_mounts_are_written_to(
    services: Mapping[str, Mapping[str, Any]],
) -> None:
    for name, service in services.items():
        assert str(service["user"]).partition(":")[0] not in {"0", "root", ""}, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not {"privileged", "cap_add", "network_mode", "pid", "devices"} & set(service), name
        assert service.get("read_only", False) is (name not in WRITES_TO_ITSELF), name
    assert re.search(r"(?m)^USER 10001:10001$", (ROOT / "Dockerfile").read_text("utf-8"))


def test_what_runs_says_how_it_is_and_is_started_again_and_what_ends_is_waited_for(
    services: Mapping[str, Mapping[str, Any]],
) -> None:
    once = {name for name, service in services.items() if service["restart"] in {"no", "on-failure", False}}
    assert once == {"topics", "tokens", "simulator"}
    for name, service in services.items():
        assert name in once or (service["restart"], "healthcheck" in service) == ("unless-stopped", True), (
            name
        )
        for other, how in service.get("depends_on", {}).items():
            ended = "service_completed_successfully" if other in once else "service_healthy"
            assert how["condition"] == ended, (name, other)


def test_it_is_reached_from_this_machine_alone(services: Mapping[str, Mapping[str, Any]]) -> None:
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published
    assert [port for port in published if not str(port).startswith("127.0.0.1:")] == []


def test_what_is_mounted_is_in_the_repository_and_read_only(
    stack: Mapping[str, Any], services: Mapping[str, Mapping[str, Any]]
) -> None:
    for name, service in services.items():
        for mount in service.get("volumes", []):
            source, _, rest = mount.partition(":")
            if source in stack["volumes"]:
                continue
            assert rest.endswith(":ro"), (name, mount)
            assert source.startswith(str(ROOT)), (name, mount)
            assert any((ROOT / source).iterdir()) if (ROOT / source).is_dir() else (ROOT / source).is_file()


def test_a_secret_is_a_file_and_stands_nowhere_else(
    stack: Mapping[str, Any], services: Mapping[str, Mapping[str, Any]]
) -> None:
    for secret in stack["secrets"].values():
        assert (ROOT / secret["file"]).is_file()
    hidden = {name.variable for name, info in fields().items() if is_secret(info)}
    for name, service in services.items():
        for variable in service.get("environment", {}):
            assert variable not in hidden, name
            assert not re.search(r"PASSWORD(?!_?_FILE)|TOKEN(?!S$)|SECRET", variable), (name, variable)


def test_its_variables_are_settings(services: Mapping[str, Mapping[str, Any]]) -> None:
    known = {name.variable for name in fields()}
    for name, service in services.items():
        ours = {variable for variable in service.get("environment", {}) if variable.startswith("SHOPWATCH_")}
        assert ours <= known, name


def test_kafka_speaks_only_within_and_to_this_machine(services: Mapping[str, Mapping[str, Any]]) -> None:
    told = services["kafka"]["environment"]
    assert told["KAFKA_ADVERTISED_LISTENERS"] == "CONTAINERS://kafka:9092,HOST://127.0.0.1:9094"
    assert told["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_a_notifier_starts_with_the_subscriptions_that_ship(
    services: Mapping[str, Mapping[str, Any]],
) -> None:
    done = shopwatch("notify", "check", ROOT / "stack" / "subscriptions.toml")
    assert (done.code, done.out.decode()) == (0, "OK 0 merchants, 0 endpoints\n"), done.err


def test_alertmanager_tells_whoever_it_names(stack: Mapping[str, Any]) -> None:
    config = yaml.safe_load((ROOT / "grafana" / "alertmanager.yml").read_text("utf-8"))
    assert config["route"]["receiver"] in {receiver["name"] for receiver in config["receivers"]}
    rules = yaml.safe_load((ROOT / "grafana" / "rules" / "alerts.yaml").read_text("utf-8"))
    severities = {rule["labels"]["severity"] for group in rules["groups"] for rule in group["rules"]}
    assert severities == {"critical", "warning"}


def test_prometheus_finds_what_it_scrapes_and_its_rules(services: Mapping[str, Mapping[str, Any]]) -> None:
    config = yaml.safe_load((ROOT / "grafana" / "prometheus.yml").read_text("utf-8"))
    scraped = [found for job in config["scrape_configs"] for found in job.get("dns_sd_configs", [])]
    assert {name for found in scraped for name in found["names"]} == {"worker", "notify", "api"}
    for found in scraped:
        (name,) = found["names"]
        told = services[name]["environment"]
        served = {value for key, value in told.items() if key.endswith("_HTTP")}
        assert f"0.0.0.0:{found['port']}" in served
        # Merchants reach another port than Prometheus.
        assert [port for port in services[name].get("ports", []) if port.endswith(f":{found['port']}")] == []
    (place,) = config["rule_files"]
    (mounted,) = [mount for mount in services["prometheus"]["volumes"] if "/rules" in mount]
    assert mounted.split(":")[1] == place.rpartition("/")[0]
