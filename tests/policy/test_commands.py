"""Do `policy check`, `show` and `test` say what there is to say, and end as they should?"""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from stream.cli.policy import app
from stream.policy.showing import describe
from tests.policy.documents import HEAD, ON_TIME, RULE, head, read

TIER = "warning.below = 0.9\n"
WHOLE = HEAD + ON_TIME + RULE + TIER
LATER = head("2", "2024-02-01T00:00:00Z") + ON_TIME + RULE + TIER
TEST = """\
[[tests]]
name = "ten late orders"
start = 2024-03-01T00:00:00
orders = [{ count = 10 }]
"""
PASSES = TEST + 'expect = [{ rule = "late", severity = "warning", fired_at = "48h" }]\n'
FAILS = TEST.replace("ten", "ten more") + "expect = []\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the files are, and the command too."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, "utf-8")


def policy(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_policy_that_is_right_is_one_line(folder: Path) -> None:
    write(folder, a__toml=WHOLE)
    found = policy("check", "a.toml")
    assert (found.exit_code, found.stdout) == (0, "OK test: version 1\n")


def test_v1_files_given_together_are_versions_of_one_policy(folder: Path) -> None:
    write(folder, a__toml=WHOLE, b__toml=LATER)
    assert policy("check", "b.toml", "a.toml").stdout == "OK test: versions 1, 2\n"
    write(folder, b__toml=LATER.replace('"test"', '"toast"'))
    found = policy("check", "a.toml", "b.toml")
    assert found.exit_code == 1
    assert 'b.toml:2: policy.name is "toast", and in a.toml it is "test"' in found.stderr


def test_every_mistake_of_every_file_is_told_at_once(folder: Path) -> None:
    write(folder, a__toml=WHOLE.replace("0.9", "9"), b__toml=LATER.replace("30d", "30"))
    found = policy("check", "a.toml", "b.toml")
    assert found.exit_code == 1
    assert found.stderr.splitlines() == [
        "a.toml:13: rules.late.warning.below is 9, no share of all; write a number from 0 to 1, such as 0.90 for 90 %",
        'b.toml:12: rules.late.window is "30", a duration without a unit; write one such as "30d", "24h" or "90s"',
        "shopwatch policy: 2 mistakes, listed above",
    ]


@pytest.mark.parametrize("command", ["check", "show", "test"])
def test_files_that_cannot_be_read_are_told_in_one_line_each(folder: Path, command: str) -> None:
    (folder / "b.test.toml").write_bytes(b"x = 1\n\xff")
    found = policy(command, "a.test.toml", "b.test.toml")
    assert found.exit_code == 1
    assert found.stderr.splitlines()[:2] == [
        "a.test.toml:1: it cannot be read (No such file or directory); name a policy file that can",
        "b.test.toml:2: it is not UTF-8 from here on; save the file as UTF-8",
    ]


def test_what_a_policy_does_is_shown_in_words(folder: Path) -> None:
    write(folder, a__toml=WHOLE)
    found = policy("show", "a.toml")
    assert (found.exit_code, found.stdout) == (0, describe(read(WHOLE)))


def test_the_tests_beside_a_policy_are_run(folder: Path) -> None:
    write(folder, a__toml=WHOLE, a__test__toml=PASSES)
    found = policy("test", "a.toml")
    assert found.exit_code == 0
    assert found.stdout.splitlines() == ["ok     a.test.toml: ten late orders", "1 test, 0 failed"]


def test_a_test_file_that_is_named_twice_is_run_once(folder: Path) -> None:
    write(folder, a__toml=WHOLE, a__test__toml=PASSES)
    assert policy("test", "a.toml", "a.test.toml").stdout.splitlines()[-1] == "1 test, 0 failed"


def test_a_test_that_fails_shows_its_place_and_what_came_instead(folder: Path) -> None:
    write(folder, a__toml=WHOLE, a__test__toml=PASSES + FAILS)
    found = policy("test", "a.test.toml")
    assert found.exit_code == 1
    assert found.stdout.splitlines() == [
        "ok     a.test.toml: ten late orders",
        "FAILED a.test.toml:6: ten more late orders",
        "  got      late.warning of S, fired at 2d (2024-03-03 00:00:00), still firing, 0 good, 10 bad, 10 counted",
        "2 tests, 1 failed",
    ]


def test_mistakes_of_all_test_files_are_told_at_once_and_those_of_a_policy_they_share_once(
    folder: Path,
) -> None:
    shared = 'policies = ["a.toml"]\n'
    write(
        folder,
        a__toml=WHOLE.replace("0.9", "9"),
        b__test__toml=shared + PASSES,
        c__test__toml=shared + FAILS + "x = 1\n",
    )
    found = policy("test", "b.test.toml", "c.test.toml")
    assert found.exit_code == 1
    assert [line.split(" ")[0] for line in found.stderr.splitlines()] == [
        "a.toml:13:",
        "c.test.toml:7:",
        "shopwatch",
    ]


def test_a_policy_without_tests_is_told_where_they_should_be(folder: Path) -> None:
    write(folder, a__toml=WHOLE)
    found = policy("test", "a.toml")
    assert (found.exit_code, found.stderr.splitlines()[0].split(" ")[0]) == (1, "a.test.toml:1:")
