"""`shopwatch config`, and options that begin with what the settings say."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer
from typer.testing import CliRunner

from stream.cli.config.given import Given
from stream.cli.config.sources import fields, is_secret
from stream.cli.main import COMMANDS
from tests.cli.shell import ROOT, shopwatch

NO_DEFAULT = {"bootstrap", "policy", "allow_network"}
"""What is a value of its own, or a list: click's default is another than that of the setting."""

TEXT = (ROOT / "docs" / "config.md").read_text("utf-8")
OPTIONS_ONLY = {"SHOPWATCH_CONFIG", "DEMO_SECONDS"}
"""Variables of options that are no settings: where those are, and how long a demo takes."""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command that there is, with its name."""
    for command in COMMANDS:
        app = typer.Typer(add_completion=False)
        command.add_to(app)
        app.callback()(lambda: None)
        yield from _commands(command.name, typer.main.get_command(app))


def _commands(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    for below in getattr(command, "commands", {}).values():
        yield from _commands(name, below)


@pytest.fixture(scope="module")
def options() -> Mapping[str, list[Any]]:
    """All options that are set by a variable, by that."""
    by_variable: dict[str, list[Any]] = {}
    for _, command in commands():
        for option in command.params:
            if isinstance(option.envvar, str):
                by_variable.setdefault(option.envvar, []).append(option)
    return by_variable


def test_every_variable_of_an_option_is_a_setting(options: Mapping[str, list[Any]]) -> None:
    assert set(options) - OPTIONS_ONLY <= {name.variable for name in fields()}


def test_every_setting_is_an_option_but_for_how_kafka_is_spoken_to(options: Mapping[str, list[Any]]) -> None:
    rest = {name.key for name in fields() if name.variable not in options}
    assert {key for key in rest if not key.startswith(("security_", "sasl_", "ssl_"))} == set()


def test_options_and_settings_have_one_name_and_one_default(options: Mapping[str, list[Any]]) -> None:
    for name, info in fields().items():
        for option in options.get(name.variable, []):
            assert option.name == name.key, name
            own = {None, ""} if option.required or option.name in NO_DEFAULT else set()
            default = getattr(option.default, "value", option.default)
            assert str(default) == str(info.default) or default in own, name


def test_every_setting_is_in_the_documentation() -> None:
    told = {tuple(row) for row in re.findall(r"(?m)^\| `([\w.]+)` \| `(SHOPWATCH_\w+)` \|", TEXT)}
    assert told == {(str(name), name.variable) for name in fields()}


def test_the_example_of_the_documentation_holds(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    file = tmp_path / "shopwatch.toml"
    file.write_text(example)
    example = re.sub(r'"/run/secrets/.*"', f'"{_some_secret(tmp_path)}"', example)
    file.write_text(re.sub(r"(?m)^ssl_ca_file.*\n", "", example))
    Given({}, file).security()


def _some_secret(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("secret")
    return tmp_path / "secret"


def test_no_secret_is_an_option(options: Mapping[str, list[Any]]) -> None:
    assert [name for name, info in fields().items() if is_secret(info) and name.variable in options] == []


def test_it_prints_what_is_in_force_and_where_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[worker]\nlateness = "20s"\n[kafka]\nsecurity_protocol = "SASL_PLAINTEXT"\n')
    told: dict[str, Any] = {
        "SHOPWATCH_SASL_USERNAME": "me",
        "SHOPWATCH_SASL_PASSWORD": "open sesame",
        "SHOPWATCH_LATENES": "1s",
    }
    done = shopwatch("--config", file, "config", "--json", **told)
    assert done.code == 0, done.err
    assert done.err == "shopwatch config: SHOPWATCH_LATENES is no setting; did you mean SHOPWATCH_LATENESS?\n"
    rows = {row["name"]: row for row in map(json.loads, done.lines)}
    assert rows["worker.lateness"] == {
        "name": "worker.lateness",
        "variable": "SHOPWATCH_LATENESS",
        "value": "20s",
        "from": f"{file}:2",
        "secret": False,
        "set": True,
    }
    assert rows["kafka.sasl_password"]["from"] == "SHOPWATCH_SASL_PASSWORD"
    table = shopwatch("config", SHOPWATCH_CONFIG=str(file), **told)
    assert re.search(r"kafka\.sasl_password +\(hidden\) +SHOPWATCH_SASL_PASSWORD", table.out.decode())
    assert "open sesame" not in done.out.decode() + table.out.decode()


def test_mistaken_settings_end_a_command_as_a_mistaken_option_does(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[worker]\nlateness = 10\n")
    done = shopwatch("--config", file, "topics", "list")
    assert (done.code, done.out) == (2, b"")
    assert done.err == f"shopwatch topics: {file}:2: worker.lateness: Input should be a valid string\n"


@pytest.mark.parametrize("command", ["api", "notify", "alerts"])
def test_a_form_of_log_that_there_is_not_is_a_mistake_of_every_command(command: str) -> None:
    done = shopwatch(command, SHOPWATCH_LOG="loud")
    assert (done.code, done.out) == (2, b"")
    assert (
        done.err == f"shopwatch {command}: SHOPWATCH_LOG: log: Input should be 'auto', 'json' or 'console'\n"
    )


def test_networks_are_a_list_with_spaces_and_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[notify]\nallow_network = ["10.1.0.0/16", "fd00::/8"]\nallow_http = true\n')
    subscriptions = tmp_path / "subscriptions.toml"
    subscriptions.write_text(
        'severities = ["warning"]\n[merchants.m]\nshops = ["s"]\n'
        '[merchants.m.webhooks.w]\nurl = "http://w.example/"\n'
        'secrets = ["whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="]\n'
    )

    def checked(*arguments: str | Path, **told: Any) -> int:
        return shopwatch(*arguments, "notify", "check", subscriptions, **told).code

    assert (checked(), checked("--config", file), checked(SHOPWATCH_NOTIFY_ALLOW_HTTP="true")) == (1, 0, 0)
    for told in ("10.1.0.0/16 fd00::/8", "10.1.0.0/16"):
        done = shopwatch("config", "--json", SHOPWATCH_NOTIFY_ALLOW_NETWORK=told)
        rows = {row["name"]: row["value"] for row in map(json.loads, done.lines)}
        assert rows["notify.allow_network"] == told.split()
    wrong = shopwatch("config", SHOPWATCH_NOTIFY_ALLOW_NETWORK="10.1.0.1/16")
    assert wrong.code == 2
    assert wrong.err.startswith("shopwatch config: SHOPWATCH_NOTIFY_ALLOW_NETWORK: notify.allow_network: ")


def test_an_option_goes_before_its_variable_and_that_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[worker]\ngroup = "of the file"\n')
    app = typer.Typer()

    @app.command()
    def show(group: Annotated[str, typer.Option(envvar="SHOPWATCH_GROUP")] = "default") -> None:
        typer.echo(group)

    def shown(*arguments: str, at: Path | None = file, **environ: str) -> str:
        defaults = Given(environ, at).defaults(typer.main.get_group(app))
        said: str = CliRunner().invoke(app, arguments, env=environ, default_map=defaults.get("show")).output
        return said.strip()

    told: dict[str, Any] = {"SHOPWATCH_GROUP": "of the variable"}
    assert shown("--group", "of the option", **told) == "of the option"
    assert shown(**told) == "of the variable"
    assert shown() == "of the file"
    assert shown(at=None) == "default"
