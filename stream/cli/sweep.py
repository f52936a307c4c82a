"""`shopwatch sweep`: what would every one of many variants of a policy have done, and which does no other beat?"""

import csv
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stream.cli.backtest.choices import ArchiveDir, From, Jsonl, To, range_of
from stream.cli.options import Json
from stream.cli.policy_files import in_lines, read_sources
from stream.cli.saying import CommandError, errors_in_one_line, say
from stream.cli.tables import PAPER, new_table, print_table
from stream.cli.writing import must_be_writable, whole_files
from stream.policy.problems import PolicyError
from stream.policy.reading import Source, read_policies
from stream.policy.spec import PolicySet

COMMAND = "sweep"

try:
    from stream.archive.errors import ArchiveError
    from stream.archive.recording import open_jsonl
    from stream.backtest.errors import BacktestError
    from stream.backtest.span import reach
    from stream.backtest.sweep.documents import figures, readable, table, whole
    from stream.backtest.sweep.grid import Asked, Row, Sweep
    from stream.backtest.sweep.grid import sweep as swept
    from stream.backtest.sweep.page import page
    from stream.backtest.sweep.paths import Vary, read_vary
    from stream.backtest.sweep.variants import Variant, affected, variants
    from stream.backtest.timeline.dask import Cluster
    from stream.backtest.timeline.refused import none_counts
    from stream.backtest.timeline.run import Processes, beside
    from stream.cli.backtest.covering import Opened, covering, first_read
    from stream.cli.backtest.incidents import incidents_of
    from stream.cli.backtest.progress import shown
except ModuleNotFoundError as _error:
    say(COMMAND, f"it needs {_error.name}: install shopwatch[backtest]")
    sys.exit(1)

_SHADES = ("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725")
"""From the least to the most, told apart by everybody."""

Policy = Annotated[
    list[Path],
    typer.Option("--policy", metavar="FILE", help="The policy; repeat it for further versions."),
]
Varies = Annotated[
    list[str],
    typer.Option(
        "--vary",
        metavar="PATH=VALUES",
        help="A key of the policy and its values: FIRST:LAST:STEP in numbers or durations, or a list with commas. Again for a grid.",
    ),
]
LabelsFile = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        metavar="FILE",
        help="Incidents: a CSV, or the JSON of `simulate`. Default: cohorts that ended beyond the policy's own line.",
    ),
]
Measure = Annotated[
    str, typer.Option("--heat", help="What the heat map shows: alerts, shops, precision, recall or lead.")
]
Jobs = Annotated[int, typer.Option(min=0, help="Processes that read the recording; 0: one a processor.")]
Dask = Annotated[
    str | None,
    typer.Option(
        "--dask",
        metavar="ADDRESS",
        help="Read on a Dask cluster, whose scheduler this is; it has to see the same files.",
    ),
]
CsvFile = Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the grid.")]
HtmlFile = Annotated[
    Path | None,
    typer.Option("--html", metavar="FILE", help="Write one page with the heat map; it needs no network."),
]

_MEASURES: Mapping[str, str] = {
    "alerts": "alerts_a_day",
    "shops": "shops",
    "precision": "precision",
    "recall": "recall",
    "lead": "lead_ms",
}


def sweep(  # noqa: PLR0913, PLR0917 - the options of a command
    policy: Policy,
    vary: Varies,
    archive: ArchiveDir = None,
    jsonl: Jsonl = None,
    begin: From = None,
    end: To = None,
    labels: LabelsFile = None,
    heat: Measure = "alerts",
    jobs: Jobs = 0,
    dask: Dask = None,
    as_json: Json = False,  # noqa: FBT002 - a flag
    to_csv: CsvFile = None,
    to_html: HtmlFile = None,
) -> None:
    """Judge what was recorded by every variant of a policy: alerts a day, shops, precision, recall, lead time.

    Marked with * is what no other variant beats. What is read is kept beside the recording, in NAME.timelines: a sweep over
    other thresholds, windows or timers does not read it again.
    """
    if heat not in _MEASURES:
        raise typer.BadParameter(f"{heat!r} is none of {', '.join(_MEASURES)}", param_hint="--heat")
    files = [path for path in (to_csv, to_html) if path is not None]
    with errors_in_one_line(COMMAND, ArchiveError, BacktestError):
        _check_files(files, to_html)
        varied = [read_vary(each) for each in vary]
        sources, baseline = _policy(policy)
        grid = variants(sources, varied)
        for line in _followed(grid, varied):
            say(COMMAND, line)
        policies = [baseline, *(each.policy for each in grid[:1])]
        incidents = None if labels is None else incidents_of(COMMAND, labels, policies)
        first, last = range_of(begin, end)
        asked = Asked(baseline, grid, affected(baseline, varied), first, last, incidents)
        where = archive or jsonl
        source = _opened(archive, jsonl, asked)
        recording = source.recording
        with shown() as progress:
            found = swept(
                asked,
                recording,
                beside(where) if where else None,
                spread=Processes(jobs) if dask is None else Cluster(dask),
                progress=progress.reached,
            )
        source.must_cover(found.read.begin, found.read.end)
        if found.refused:
            say(COMMAND, none_counts(found.refused, found.first_refused))
        told = "cohorts" if incidents is None else "given"
        made = {
            to_csv: _csv(found, varied),
            to_html: page(found, varied, recording.name, told) if to_html else b"",
        }
        with whole_files(COMMAND, *files) as drafts:
            for draft in drafts:
                draft.write(made[draft.path])
    if as_json:
        typer.echo(orjson.dumps(whole(found, varied, recording.name, told)))
    else:
        _show(found, varied, heat, recording.name)


def _check_files(files: Sequence[Path], html: Path | None) -> None:
    if html is not None and find_spec("plotly") is None:
        raise CommandError("--html needs plotly: install shopwatch[backtest]")
    if len({path.resolve() for path in files}) < len(files):
        raise CommandError("--csv and --html need a file of their own each")
    for path in files:
        must_be_writable(path)


def _policy(paths: Sequence[Path]) -> tuple[Sequence[Source], PolicySet]:
    try:
        sources = read_sources(paths)
        return sources, read_policies(sources)
    except PolicyError as error:
        for line in in_lines(error):
            say(COMMAND, line)
        raise typer.Exit(1) from None


def _followed(grid: Sequence[Variant], varied: Sequence[Vary]) -> Iterator[str]:
    """A line for each ``clear_at`` that has to give way to a threshold."""
    for path in sorted({path for variant in grid for path in variant.followed}):
        count = sum(path in variant.followed for variant in grid)
        threshold = next(vary.name for vary in varied if vary.path[:-1] == tuple(path.split("."))[:-1])
        yield (
            f"{path} would lie beyond {threshold} in {count} of {len(grid)} variants, and is the threshold there; "
            f"vary it too to have it otherwise"
        )


def _opened(archive: Path | None, jsonl: Path | None, asked: Asked) -> Opened:
    if (archive is None) == (jsonl is None):
        raise CommandError("give one of --archive DIR and --jsonl FILE")
    if jsonl is not None:
        return Opened(open_jsonl(jsonl), str(jsonl))
    path, far = archive or Path(), max(reach(each.policy) for each in asked.variants)
    span = None if asked.begin is None or asked.end is None else (asked.begin, asked.end)
    return covering(COMMAND, path, str(path), span, first_read(asked.begin, far))


def _csv(found: Sweep, varied: Sequence[Vary]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(table(found, varied))
    return text.getvalue().encode()


# -- on a terminal


def _show(found: Sweep, varied: Sequence[Vary], heat: str, name: str) -> None:
    tiers = ", ".join(" ".join(key) for key in sorted(found.tiers))
    span = found.span.local(found.zone)
    typer.echo(f"{name}: {found.events} events of {found.shops} shops, {span}; alerts of {tiers}\n")
    if len(varied) == 2:
        _print_heat(found, varied, heat)
    grid = new_table(
        right=(*(vary.name for vary in varied), "alerts a day", "shops", "precision", "recall", "lead", "")
    )
    for row in found.rows:
        grid.add_row(*row.variant.values, *_cells(found, row), "*" if row.unbeaten else "")
    print_table(grid, "no variants")
    marked = sum(row.unbeaten for row in found.rows)
    typer.echo(
        f"{len(found.rows)} variants; * no other beats in precision, recall and lead time: {marked}"
        if marked
        else f"{len(found.rows)} variants; labels tell nothing of them, so none is marked"
    )


def _cells(found: Sweep, row: Row) -> Iterator[str]:
    told = figures(found, row)
    for key in _MEASURES.values():
        yield readable(key, told[key])


def _print_heat(found: Sweep, varied: Sequence[Vary], heat: str) -> None:
    """The first path downwards, the second across; the brighter, the more."""
    key, across = _MEASURES[heat], len(varied[1].values)
    told = [figures(found, row)[key] for row in found.rows]
    known = [each for each in told if each is not None]
    least, most = min(known, default=0), max(known, default=0)
    typer.echo(f"{heat}: {varied[0].name} downwards, {varied[1].name} across")
    drawn = Table(box=None, pad_edge=False, padding=(0, 0), show_header=True)
    drawn.add_column("", justify="right")
    for value in varied[1].values:
        drawn.add_column(value, justify="right")
    for number, value in enumerate(varied[0].values):
        begin = number * across
        cells = [
            _shaded(
                readable(key, told[at]) + ("*" if found.rows[at].unbeaten else " "), told[at], least, most
            )
            for at in range(begin, begin + across)
        ]
        drawn.add_row(f"{value} ", *cells)
    Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else PAPER).print(drawn)
    typer.echo("")


def _shaded(text: str, value: float | None, least: float, most: float) -> Text:
    if value is None:
        return Text(text)
    share = (value - least) / (most - least) if most > least else 0.0
    number = min(len(_SHADES) - 1, int(share * len(_SHADES)))
    return Text(f" {text}", style=f"{'black' if number > 2 else 'white'} on {_SHADES[number]}")
