"""Can what `docs/deploy.md`, `docs/config.md` and `docs/runbook.md` say be typed, and are their settings settings?"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
import yaml

from stream.cli.config.sources import fields
from stream.cli.main import COMMANDS
from tests.house.tree import ROOT

DOCS = ("deploy.md", "config.md", "runbook.md")
TEXTS = {name: (ROOT / "docs" / name).read_text("utf-8") for name in DOCS}
FIGURES = (ROOT / "docs" / "performance.md").read_text("utf-8")


def typed() -> Iterator[str]:
    """Every command of a block or within a line."""
    for text in TEXTS.values():
        for block in re.findall(r"(?s)```\n(.*?)```", text):
            yield from (
                line.partition("#")[0].strip() for line in block.splitlines() if line.startswith("shopwatch ")
            )
        yield from re.findall(r"`(?:[^`]* )?(shopwatch [a-z][^`]*)`", text)


@pytest.mark.parametrize("line", sorted(set(typed())))
def test_a_command_that_is_shown_can_be_typed(line: str) -> None:
    words = line.split()[1:]
    named = {command.name: command for command in COMMANDS}
    app = typer.Typer(add_completion=False)
    named[words[0]].add_to(app)
    app.callback()(lambda: None)
    command: Any = typer.main.get_command(app)
    for word in words:
        command = getattr(command, "commands", {}).get(word, command)
    assert command.name in words
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_every_variable_is_a_setting_or_its_file() -> None:
    known = {name.variable for name in fields()}
    told = set(re.findall(r"SHOPWATCH_[A-Z_]+", TEXTS["deploy.md"]))
    assert {name.removesuffix("_FILE") for name in told} <= known


def test_the_figures_are_those_that_were_measured() -> None:
    sizes = TEXTS["deploy.md"].partition("## How large")[2].partition("## How protected")[0]
    for figure in ("59,800", "15.1", "544", "2,800", "3,860", "9"):
        assert figure in sizes
        assert f"| {figure} |" in FIGURES


def test_the_manifest_asks_for_what_a_worker_serves_and_confines_it() -> None:
    (text,) = re.findall(r"(?s)```yaml\n(.*?)```", TEXTS["deploy.md"])
    pod = yaml.safe_load(text)["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert {each["name"].removesuffix("_FILE") for each in container["env"]} <= {
        name.variable for name in fields()
    }
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert {mount["name"] for mount in container["volumeMounts"]} == {
        volume["name"] for volume in pod["volumes"]
    }
