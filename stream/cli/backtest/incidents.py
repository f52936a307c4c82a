"""Which incidents does a file of labels tell of that is named on the command line?"""

from collections.abc import Collection, Sequence
from pathlib import Path

import typer

from stream.backtest.errors import LabelsError
from stream.backtest.incidents import Incident
from stream.backtest.labels import read_labels
from stream.cli.saying import CommandError, say
from stream.policy.spec import PolicySet


def incidents_of(command: str, path: Path, policies: Collection[PolicySet]) -> Sequence[Incident]:
    """All of them; or what is wrong with the file, each thing in a line of ``command``'s, and its end.  Raises CommandError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror}); give a file of labels") from None
    try:
        return read_labels(str(path), content, policies)
    except LabelsError as error:
        for line in error.lines:
            say(command, line)
        raise typer.Exit(1) from None
