"""`shopwatch policy`: are policy files right, do they do what their tests say, and what do they do?"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from stream.backtest.scenario import SUFFIX, Suite, read_suite
from stream.backtest.scenario_run import Outcome, run
from stream.cli.policy_files import read_policy_files, read_sources
from stream.cli.saying import say
from stream.policy.problems import PolicyError, Problem
from stream.policy.showing import describe
from stream.policy.spec import PolicySet

app = typer.Typer(no_args_is_help=True, help="Check, test or explain policy files.")

Files = Annotated[
    list[Path],
    typer.Argument(help="The files of one policy, each a version of it.", metavar="FILE..."),
]
Tested = Annotated[
    list[Path],
    typer.Argument(
        help=f"Policy files, whose tests are in NAME{SUFFIX} beside them, or test files.", metavar="FILE..."
    ),
]


@app.command()
def check(files: Files) -> None:
    """Say whether a policy is right; every mistake is told with its line and what would be right."""
    policy = _policy(files)
    versions = ", ".join(version.version for version in policy.versions)
    typer.echo(f"OK {policy.name}: version{'s' if len(policy.versions) > 1 else ''} {versions}")


@app.command()
def show(files: Files) -> None:
    """Say in plain words what a policy does."""
    typer.echo(describe(_policy(files)), nl=False)


@app.command()
def test(files: Tested) -> None:
    """Run the tests of policies: what fires, and when, is what they expect, and nothing else."""
    outcomes = [outcome for suite in _suites(files) for outcome in run(suite)]
    for outcome in outcomes:
        _report(outcome)
    failed = sum(1 for outcome in outcomes if outcome.differences)
    typer.echo(f"{len(outcomes)} test{'' if len(outcomes) == 1 else 's'}, {failed} failed")
    if failed:
        raise typer.Exit(1)


def _policy(files: Sequence[Path]) -> PolicySet:
    """What the files say together; ends the command if anything is wrong."""
    with _mistakes_in_lines():
        return read_policy_files(files)


def _suites(files: Sequence[Path]) -> list[Suite]:
    """What the test files say; ends the command if any is wrong, with the mistakes of all, each once."""
    suites: list[Suite] = []
    problems: dict[Problem, None] = {}
    for file in dict.fromkeys(map(_tests_of, files)):
        try:
            suites.append(read_suite(file, lambda path: read_sources([path])[0]))
        except PolicyError as error:
            problems |= dict.fromkeys(error.problems)
    with _mistakes_in_lines():
        if problems:
            raise PolicyError(problems)
    return suites


@contextmanager
def _mistakes_in_lines() -> Iterator[None]:
    try:
        yield
    except PolicyError as error:
        for line in map(str, error.problems):
            typer.echo(line, err=True)
        count = len(error.problems)
        say("policy", f"{count} mistake{'' if count == 1 else 's'}, listed above")
        raise typer.Exit(1) from None


def _tests_of(file: Path) -> Path:
    return file if file.name.endswith(SUFFIX) else file.with_name(file.name.removesuffix(".toml") + SUFFIX)


def _report(outcome: Outcome) -> None:
    scenario = outcome.scenario
    if not outcome.differences:
        typer.echo(f"ok     {scenario.file}: {scenario.name}")
        return
    typer.echo(f"FAILED {scenario.file}:{scenario.line}: {scenario.name}")
    for line in outcome.differences:
        typer.echo(f"  {line}")
