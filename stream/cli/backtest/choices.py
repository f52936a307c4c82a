"""What can be asked of a backtest on the command line, and what is no question?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from stream.cli.options import access, secured
from stream.cli.policy_files import in_lines, read_policy_files
from stream.cli.saying import CommandError, say
from stream.kafka.access import Access
from stream.policy.durations import milliseconds
from stream.policy.problems import PolicyError
from stream.policy.spec import PolicySet
from topics.times import TimeError, parse_time

COMMAND = "backtest"


class Policies(NamedTuple):
    """What is compared."""

    baseline: PolicySet
    candidate: PolicySet


def _time(text: str | None) -> str | None:
    try:
        if text is not None:
            parse_time(text)
    except TimeError as error:
        raise typer.BadParameter(str(error)) from None
    return text


def _duration(text: str) -> str:
    if milliseconds(text) is None:
        raise typer.BadParameter(f"{text!r} is not a duration such as 24h or 1d12h")
    return text


Baseline = Annotated[
    list[Path],
    typer.Option("--baseline", metavar="FILE", help="The policy as it is; repeat it for further versions."),
]
Candidate = Annotated[
    list[Path],
    typer.Option(
        "--candidate", metavar="FILE", help="The policy as it would be; repeat it for further versions."
    ),
]
ArchiveDir = Annotated[
    Path | None, typer.Option("--archive", metavar="DIR", help="What `shopwatch archive` has written.")
]
Jsonl = Annotated[
    Path | None,
    typer.Option(
        "--jsonl", metavar="FILE", help="A recording of `simulate` or `load`: JSON lines, plain or .gz."
    ),
]
Kafka = Annotated[
    Access | None,
    typer.Option(
        "--bootstrap",
        metavar="HOST:PORT",
        parser=access,
        callback=secured,
        help="Kafka itself, read into a folder for once.",
    ),
]
From = Annotated[
    str | None,
    typer.Option("--from", callback=_time, help="Compare from this time on, RFC 3339 with an offset."),
]
To = Annotated[
    str | None,
    typer.Option("--to", callback=_time, help="Up to this time, included. Goes with --from."),
]
Shops = Annotated[
    list[str] | None,
    typer.Option(
        "--shops", metavar="SHOP[,SHOP]|@FILE", help="These alone, again for more; @FILE has one a line."
    ),
]
LabelsFile = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        metavar="FILE",
        help="Incidents: a CSV, or the JSON of `simulate`. Default: cohorts that ended beyond the baseline's line.",
    ),
]
FlapWithin = Annotated[
    str,
    typer.Option(
        callback=_duration, metavar="DURATION", help="An alert so soon after the last of its tier is a flap."
    ),
]
CsvFile = Annotated[
    Path | None, typer.Option("--csv", metavar="FILE", help="Write every alert with what became of it.")
]
HtmlFile = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write one page to send round; it needs no network."),
]
_Count = typer.Option(min=0, metavar="N")


def _most(what: str) -> object:
    return typer.Option(min=0, metavar="N", help=f"Exit with 3 if more {what}.")


def _least(what: str) -> object:
    return typer.Option(
        min=0, max=1, metavar="X", help=f"Exit with 3 if the candidate's {what} is less, from 0 to 1."
    )


MaxAdded = Annotated[int | None, _most("alerts are added")]
MaxRemoved = Annotated[int | None, _most("alerts are removed")]
MaxChanged = Annotated[int | None, _most("alerts change in any way")]
MaxShops = Annotated[int | None, _most("shops are touched")]
MaxAlerts = Annotated[int | None, _most("alerts of the candidate fire")]
MaxFlaps = Annotated[int | None, _most("alerts of the candidate flap")]
MinPrecision = Annotated[float | None, _least("precision")]
MinRecall = Annotated[float | None, _least("recall")]


def policies_of(baseline: Sequence[Path], candidate: Sequence[Path]) -> Policies:
    """Both, or every problem of both, each in a line, and the end of the command."""
    read: list[PolicySet] = []
    for paths in (baseline, candidate):
        try:
            read.append(read_policy_files(paths))
        except PolicyError as error:
            for line in in_lines(error):
                say(COMMAND, line)
    if len(read) < 2:
        raise typer.Exit(1)
    return Policies(*read)


def range_of(begin: str | None, end: str | None) -> tuple[int | None, int | None]:
    """Both ends or neither; raises CommandError."""
    if (begin is None) != (end is None):
        given, lacking = ("--from", "--to") if end is None else ("--to", "--from")
        raise CommandError(
            f"{given} alone is half a range; give {lacking} too, or neither: all that was recorded"
        )
    if begin is None or end is None:
        return None, None
    first, last = parse_time(begin), parse_time(end)
    if last < first:
        raise CommandError(f"--to {end} lies before --from {begin}; exchange the two")
    return first, last


def shops_of(given: Sequence[str] | None) -> frozenset[str] | None:
    """The names on the command line and in the files that it names; None: all.  Raises CommandError."""
    if not given:
        return None
    names = {name.strip() for text in given for name in _names(text)} - {""}
    if not names:
        raise CommandError("--shops names none; leave it out for all of them")
    return frozenset(names)


def _names(text: str) -> Sequence[str]:
    if not text.startswith("@"):
        return text.split(",")
    path = Path(text[1:])
    try:
        return path.read_text("utf-8").splitlines()
    except OSError as error:
        raise CommandError(
            f"{path} cannot be read ({error.strerror}); give a file with a shop a line"
        ) from None
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8; save the file as UTF-8") from None
