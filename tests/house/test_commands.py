"""Do the files that set the project up agree with each other?"""

import re
import tomllib
from collections.abc import Mapping

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def pins(name: str) -> Mapping[str, str]:
    """Version by project, of a lock file."""
    text = (ROOT / name).read_text("utf-8")
    return {
        found["name"]: found["version"]
        for found in re.finditer(r"(?m)^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)", text)
    }


ALL, RUNNING = pins("requirements.txt"), pins("requirements-run.txt")
WANTED = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
SERVED = [
    Requirement(text)
    for extra in ("api", "notify")
    for text in PROJECT["project"]["optional-dependencies"][extra]
]
"""What the services of docker-compose.yml need besides."""
WANTED_TOO = [Requirement(text) for text in PROJECT["project"]["optional-dependencies"]["dev"]]


@pytest.mark.parametrize("wanted", [*WANTED, *WANTED_TOO], ids=lambda wanted: wanted.name)
def test_the_lock_holds_what_the_project_asks_for(wanted: Requirement) -> None:
    assert wanted.specifier.contains(ALL[canonicalize_name(wanted.name)]), "run `make lock`"


def test_the_image_runs_what_was_tested() -> None:
    assert RUNNING.items() <= ALL.items(), "run `make lock`"
    assert {canonicalize_name(wanted.name) for wanted in [*WANTED, *SERVED]} <= set(RUNNING)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-run.txt"])
def test_every_pin_has_its_hashes_and_no_place_to_fetch_it_from(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    unhashed = re.findall(r"(?m)^[\w.-]+==.*(?<!\\)$", text)
    assert unhashed == []
    assert re.findall(r"(?m)^(?!    --hash=sha256:[0-9a-f]{64}|[\w.-]+==).+$", text) == []


def test_the_build_backend_is_the_one_that_is_locked() -> None:
    assert PROJECT["build-system"]["requires"] == [f"hatchling=={ALL['hatchling']}"]


def test_every_target_is_listed_by_make_alone() -> None:
    phony = re.findall(r"(?m)^\.PHONY: (.*)$", MAKEFILE)[0].split()
    assert re.findall(r"(?m)^([a-z-]+):.* ## .+$", MAKEFILE) == phony


def test_ci_runs_what_a_person_runs() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert re.findall(r"(?m)^make ([a-z-]+)$", script) == ["check", "test", "test-compiled"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_kafka_in_a_container_is_the_kafka_of_this_machine() -> None:
    jars = (ROOT / "stream" / "broker" / "jars.txt").read_text("utf-8")
    version = re.findall(r"org\.apache\.kafka:kafka_2\.13:(\S+)", jars)[0]
    assert f"image: apache/kafka:{version}\n" in (ROOT / "docker-compose.yml").read_text("utf-8")
