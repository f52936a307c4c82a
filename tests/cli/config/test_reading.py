"""Which settings are in force, where does each come from, and what is said of those that are wrong?"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from stream.cli.config.errors import MistakenSettingsError
from stream.cli.config.given import Given, found, without_settings
from stream.cli.config.reading import InForce, Value, read
from stream.kafka.access import Security

SECRET = "open sesame"  # noqa: S105 - nobody's


def settings(tmp_path: Path, text: str = "", **environ: str) -> InForce:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    return read(environ, file)


def value(in_force: InForce, name: str) -> Value:
    (one,) = [each for each in in_force.values() if each.name == name]
    return one


def mistakes(tmp_path: Path, text: str = "", **environ: str) -> list[str]:
    with pytest.raises(MistakenSettingsError) as caught:
        settings(tmp_path, text, **environ).security()
    return [line.replace(f"{tmp_path}/", "") for line in caught.value.lines]


def test_a_variable_goes_before_the_file_and_that_before_the_default(tmp_path: Path) -> None:
    text = '[worker]\ngroup = "of the file"\nlateness = "20s"\n'
    in_force = settings(tmp_path, text, SHOPWATCH_GROUP="of the environment")
    group, lateness, ahead = (value(in_force, f"worker.{key}") for key in ("group", "lateness", "max_ahead"))
    assert (group.value, group.origin) == ("of the environment", "SHOPWATCH_GROUP")
    assert (lateness.value, lateness.origin) == ("20s", f"{tmp_path}/settings.toml:3")
    assert (ahead.value, ahead.origin) == ("1d", "default")
    assert in_force.from_file() == {"SHOPWATCH_LATENESS": "20s"}


def test_a_variable_that_is_empty_says_nothing(tmp_path: Path) -> None:
    assert value(settings(tmp_path, SHOPWATCH_GROUP=""), "worker.group").origin == "default"


def test_paths_of_a_file_are_seen_from_where_it_lies_and_those_of_a_variable_from_here(
    tmp_path: Path,
) -> None:
    of_file = value(settings(tmp_path, '[worker]\npolicy = ["a.toml", "/b.toml"]\n'), "worker.policy")
    assert of_file.value == [f"{tmp_path}/a.toml", "/b.toml"]
    of_variable = value(settings(tmp_path, SHOPWATCH_POLICY="a.toml:b.toml"), "worker.policy")
    assert of_variable.value == ["a.toml", "b.toml"]


@pytest.mark.parametrize("by_variable", [True, False])
def test_a_secret_may_lie_in_a_file_of_its_own_and_is_shown_by_nobody(
    tmp_path: Path,
    by_variable: bool,  # noqa: FBT001 - a case
) -> None:
    (tmp_path / "secret").write_text(f"{SECRET}\n")
    text = '[kafka]\nsecurity_protocol = "SASL_PLAINTEXT"\nsasl_username = "me"\n'
    if by_variable:
        in_force = settings(tmp_path, text, SHOPWATCH_SASL_PASSWORD_FILE=str(tmp_path / "secret"))
        origin = f"SHOPWATCH_SASL_PASSWORD_FILE ({tmp_path}/secret)"
    else:
        in_force = settings(tmp_path, f'{text}sasl_password_file = "secret"\n')
        origin = f"{tmp_path}/settings.toml:4 ({tmp_path}/secret)"
    password = value(in_force, "kafka.sasl_password")
    assert (password.value, password.secret, password.origin) == (None, True, origin)
    assert in_force.security() == Security("SASL_PLAINTEXT", "PLAIN", "me", SECRET)
    assert SECRET not in f"{in_force.values()} {in_force.settings!r} {in_force.security()!r}"


def test_all_that_is_wrong_is_said_at_once_each_with_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    text = (
        "lag = 1\n"
        "worker = 2\n"
        "[kafka]\n"
        'bootstrp = "a:1"\n'
        'bootstrap = "a"\n'
        'security_protocol = "TLS"\n'
        'sasl_password_file = "gone"\n'
        'ssl_key_password_file = "empty"\n'
        "[wurker]\n"
    )
    said = mistakes(tmp_path, text, SHOPWATCH_LATENESS="10", SHOPWATCH_RATES_PER_SECOND="0")
    assert said == [
        "settings.toml:1: lag is no setting; did you mean log?",
        "settings.toml:2: worker is a table: write [worker]",
        "settings.toml:4: kafka.bootstrp is no setting; did you mean bootstrap?",
        "settings.toml:7: gone cannot be read (No such file or directory)",
        "settings.toml:8: empty is empty",
        "settings.toml:9: wurker is no setting; did you mean worker?",
        "settings.toml:5: kafka.bootstrap: 'a' is not HOST:PORT",
        "settings.toml:6: kafka.security_protocol: Input should be 'PLAINTEXT', 'SSL', 'SASL_PLAINTEXT' or 'SASL_SSL'",
        "SHOPWATCH_LATENESS: worker.lateness: '10' is not a duration such as 10s or 1d12h",
        "SHOPWATCH_RATES_PER_SECOND: worker.rates_per_second: Input should be greater than or equal to 1",
    ]


@pytest.mark.parametrize(
    ("text", "environ", "complaint"),
    [
        ("= 1", {}, "settings.toml is not TOML: Invalid statement (at line 1, column 1)"),
        ("", {"SHOPWATCH_SASL_USERNAME": "me"}, "sasl_username is given, but security_protocol is PLAINTEXT"),
        (
            '[kafka]\nsecurity_protocol = "SSL"\nssl_ca_file = "gone.pem"',
            {},
            "ssl_ca_file gone.pem cannot be used: ",
        ),
        (
            "",
            {"SHOPWATCH_SASL_PASSWORD": SECRET, "SHOPWATCH_SASL_PASSWORD_FILE": "x"},
            "SHOPWATCH_SASL_PASSWORD_FILE: kafka.sasl_password is given twice, by value and by file; give one",
        ),
    ],
)
def test_what_cannot_be_used_is_said_without_a_secret(
    tmp_path: Path, text: str, environ: Mapping[str, str], complaint: str
) -> None:
    (line,) = mistakes(tmp_path, text, **environ)
    assert line.startswith(complaint)
    assert SECRET not in line


def test_a_file_that_is_named_must_be_there_and_the_one_of_this_directory_need_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert found(None, {}).file is None
    (tmp_path / "shopwatch.toml").touch()
    assert found(None, {}).file == Path("shopwatch.toml")
    with pytest.raises(MistakenSettingsError, match=r"gone\.toml cannot be read"):
        found(Path("gone.toml"), {}).security()


def test_what_was_never_set_needs_no_reading() -> None:
    given = Given({"SHOPWATCH_LATENESS": "nonsense"}, None)
    assert given.security() == Security()


def test_a_kafka_of_ones_own_is_not_spoken_to_as_another_wants_it() -> None:
    told = {"SHOPWATCH_SASL_PASSWORD_FILE": "x", "SHOPWATCH_SSL_CA_FILE": "y", "SHOPWATCH_GROUP": "g"}
    assert without_settings(told) == {"SHOPWATCH_GROUP": "g", "SHOPWATCH_CONFIG": "/dev/null"}


def test_services_log_as_the_file_says_unless_a_variable_does(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('log = "json"\n')
    assert Given({}, file).log() == "json"
    assert Given({"SHOPWATCH_LOG": "console"}, file).log() is None  # the variable is there already
    assert Given({}, None).log() is None
