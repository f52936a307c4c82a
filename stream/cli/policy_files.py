"""What do the policy files named on a command line say together, or what is wrong with all of them?"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import typer

from stream.policy.problems import PolicyError, Problem
from stream.policy.reading import Source, read_policies
from stream.policy.spec import PolicySet


def read_policy_files(paths: Sequence[Path]) -> PolicySet:
    """The policy whose versions are these files.  Raises PolicyError, which carries every problem of every file.

    As long as one cannot be read at all, what the others say together is not known: only such files are told of then.
    """
    return read_policies(read_sources(paths))


def policies_or_exit(paths: Sequence[Path], tell: Callable[[str], object]) -> PolicySet:
    """The same; what is wrong is told line by line, and ends the command with exit code 1."""
    try:
        return read_policy_files(paths)
    except PolicyError as error:
        for line in in_lines(error):
            tell(line)
        raise typer.Exit(1) from None


def read_sources(paths: Iterable[Path]) -> list[Source]:
    """The texts of these files.  Raises PolicyError, which names all that cannot be read."""
    read = [_read(path) for path in paths]
    unreadable = [problem for problem in read if isinstance(problem, Problem)]
    if unreadable:
        raise PolicyError(unreadable)
    return [source for source in read if isinstance(source, Source)]


def in_lines(error: PolicyError) -> Iterable[str]:
    """Each problem in a line, then how many there are."""
    yield from map(str, error.problems)
    count = len(error.problems)
    yield f"the policy cannot be used: {count} problem{'s' if count > 1 else ''}, listed above"


def _read(path: Path) -> Source | Problem:
    try:
        text = path.read_bytes()
    except OSError as error:
        return Problem(
            str(path), 1, None, f"it cannot be read ({error.strerror})", "name a policy file that can"
        )
    try:
        return Source(str(path), text.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        return Problem(str(path), line, None, "it is not UTF-8 from here on", "save the file as UTF-8")
