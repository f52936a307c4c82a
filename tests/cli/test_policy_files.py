"""Are all problems of policy files told, each with its file and line?"""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from stream.cli.main import make_app
from stream.cli.policy_files import in_lines, read_policy_files
from stream.policy.problems import PolicyError

GOOD = """
[policy]
name = "p"
version = "{version}"
effective_from = 202{version}-01-01T00:00:00Z
time_zone = "UTC"
[metrics.on_time]
kind = "on_time_ship"
[rules.late]
metric = "on_time"
window = "1d"
warning = {{ below = 0.9 }}
"""


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def problems(*paths: Path) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        read_policy_files(paths)
    return list(in_lines(caught.value))


def test_files_are_versions_of_one_policy(tmp_path: Path) -> None:
    paths = [write(tmp_path, f"{number}.toml", GOOD.format(version=number)) for number in (2, 1)]
    assert [version.version for version in read_policy_files(paths).versions] == ["1", "2"]


def test_every_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    latin = write(tmp_path, "latin.toml", b"[policy]\nname = '\xe9'\n")
    gone = tmp_path / "gone.toml"
    assert problems(latin, gone) == [
        f"{latin}:2: it is not UTF-8 from here on; save the file as UTF-8",
        f"{gone}:1: it cannot be read (No such file or directory); name a policy file that can",
        "the policy cannot be used: 2 problems, listed above",
    ]


def test_every_problem_of_every_file_is_told(tmp_path: Path) -> None:
    one = write(tmp_path, "one.toml", GOOD.format(version=1).replace("below = 0.9", "below = 9"))
    two = write(tmp_path, "two.toml", GOOD.format(version=2).replace('"1d"', '"soon"'))
    first, second, *_, last = problems(one, two)
    assert first.startswith(f"{one}:12: ")
    assert second.startswith(f"{two}:11: ")
    assert last == "the policy cannot be used: 2 problems, listed above"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Missing option '--policy'"),
        (("--policy", "good.toml", "--until", "2024-01-01T00:00:00Z"), "give --drain too"),
        (("--policy", "good.toml", "--drain", "--until", "2024-01-01T00:00:00"), "has no offset"),
        (("--policy", "good.toml", "--lateness", "soon"), "'soon' is not a duration such as 10s"),
        (("--policy", "good.toml", "--http", "here"), "'here' is not HOST:PORT"),
        (("--policy", "good.toml", "--http", f":{'9' * 5_000}"), "is not HOST:PORT"),
    ],
)
def test_a_mistaken_command_line_of_the_worker_is_exit_code_2(
    arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "good.toml", GOOD.format(version=1))
    ended = CliRunner().invoke(make_app("worker"), ["worker", *arguments], env={"COLUMNS": "200"})
    assert ended.exit_code == 2
    assert said in ended.output


def test_a_worker_with_a_bad_policy_ends_before_it_looks_for_kafka(tmp_path: Path) -> None:
    bad = write(tmp_path, "bad.toml", GOOD.format(version=1).replace('"1d"', '"soon"'))
    ended = CliRunner().invoke(make_app("worker"), ["worker", "--policy", str(bad)])
    assert ended.exit_code == 1
