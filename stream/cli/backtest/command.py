"""`shopwatch backtest`: what would this change of policy have done?"""

import csv
import io
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import orjson
import typer

from stream.cli.backtest import choices
from stream.cli.backtest.choices import COMMAND
from stream.cli.options import Json, TopicPrefix
from stream.cli.saying import CommandError, errors_in_one_line, say
from stream.cli.writing import must_be_writable, whole_files
from stream.policy.durations import milliseconds
from stream.policy.spec import PolicySet
from topics.times import rfc3339

try:
    from stream.archive.errors import ArchiveError
    from stream.backtest.answer import Answer, Asked, Origin, answer
    from stream.backtest.documents import COLUMNS, rows, whole
    from stream.backtest.errors import BacktestError
    from stream.backtest.gates import broken
    from stream.backtest.incidents import Incident
    from stream.backtest.judging import by_engine
    from stream.backtest.report.page import page
    from stream.backtest.span import Span, reach
    from stream.backtest.timeline.refused import none_counts
    from stream.cli.backtest.incidents import incidents_of
    from stream.cli.backtest.progress import shown
    from stream.cli.backtest.sources import Where, opened
    from stream.cli.backtest.tables import show
except ModuleNotFoundError as _error:
    say(COMMAND, f"it needs {_error.name}: install shopwatch[backtest]")
    sys.exit(1)

BROKEN = 3
"""Exit code where a gate is broken."""

NAMED = 5
"""So many of several shops are named in a line."""


@dataclass(frozen=True, slots=True)
class _Files:
    """What is to be written."""

    csv: Path | None
    html: Path | None

    @property
    def paths(self) -> Sequence[Path]:
        return [path for path in (self.csv, self.html) if path is not None]

    def check(self) -> None:
        """Raises CommandError, before any work is done."""
        if self.html is not None and find_spec("plotly") is None:
            raise CommandError("--html needs plotly: install shopwatch[backtest]")
        if len({path.resolve() for path in self.paths}) < len(self.paths):
            raise CommandError("--csv and --html need a file of their own each")
        for path in self.paths:
            must_be_writable(path)

    def write(self, found: Answer) -> None:
        """All of them, or none."""
        made = {self.csv: _csv(found) if self.csv else b"", self.html: page(found) if self.html else b""}
        with whole_files(COMMAND, *self.paths) as drafts:
            for draft in drafts:
                draft.write(made[draft.path])


def backtest(  # noqa: PLR0913, PLR0917 - what is compared, over what, and what is made of it: each is an option
    baseline: choices.Baseline,
    candidate: choices.Candidate,
    archive: choices.ArchiveDir = None,
    jsonl: choices.Jsonl = None,
    bootstrap: choices.Kafka = None,
    begin: choices.From = None,
    end: choices.To = None,
    shops: choices.Shops = None,
    labels: choices.LabelsFile = None,
    flap_within: choices.FlapWithin = "24h",
    as_json: Json = False,  # noqa: FBT002 - a flag
    csv_file: choices.CsvFile = None,
    html_file: choices.HtmlFile = None,
    max_added: choices.MaxAdded = None,
    max_removed: choices.MaxRemoved = None,
    max_changed: choices.MaxChanged = None,
    max_shops: choices.MaxShops = None,
    max_alerts: choices.MaxAlerts = None,
    max_flaps: choices.MaxFlaps = None,
    min_precision: choices.MinPrecision = None,
    min_recall: choices.MinRecall = None,
    topic_prefix: TopicPrefix = "",
) -> None:
    """Judge what was recorded under two policies, by the engine that runs in production, and say what changes.

    It writes nothing to Kafka and notifies nobody. A limit that is broken is said in a line, and the exit code is 3.
    """
    limits = {
        "--max-added": max_added,
        "--max-removed": max_removed,
        "--max-changed": max_changed,
        "--max-shops": max_shops,
        "--max-alerts": max_alerts,
        "--max-flaps": max_flaps,
        "--min-precision": min_precision,
        "--min-recall": min_recall,
    }
    where, files = Where(archive, jsonl, bootstrap, topic_prefix), _Files(csv_file, html_file)
    with errors_in_one_line(COMMAND, ArchiveError, BacktestError):
        where.check()
        first, last = choices.range_of(begin, end)
        chosen = choices.shops_of(shops)
        files.check()
        policies = choices.policies_of(baseline, candidate)
        incidents = None if labels is None else _incidents(labels, policies, chosen)
        within = milliseconds(flap_within) or 0
        found = _answer(where, Asked(*policies, first, last, within, incidents), chosen)
        files.write(found)
        if as_json:
            typer.echo(orjson.dumps(whole(found)))
        else:
            show(found)
    _end(broken(found, limits))


def _incidents(path: Path, policies: choices.Policies, shops: frozenset[str] | None) -> Sequence[Incident]:
    """Those of ``shops``: of others nothing is read, so nothing could be found."""
    return [each for each in incidents_of(COMMAND, path, policies) if shops is None or each.shop_id in shops]


def _answer(where: Where, asked: Asked, shops: frozenset[str] | None) -> Answer:
    span = None if asked.begin is None or asked.end is None else Span(asked.begin, asked.end)
    far = max(reach(asked.baseline), reach(asked.candidate))
    with shown() as progress, opened(where, span, far, progress) as source:
        last = None if span is None else span.end + far
        judges = by_engine(source.recording, shops, last, progress)
        source.must_cover(judges.known.first, judges.known.latest)
        found = answer(judges, Origin(source.name, source.recording.fingerprint()), asked)
    for line in _notes(found, asked):
        say(COMMAND, line)
    return found


def _notes(found: Answer, asked: Asked) -> Iterable[str]:
    """What a reader of the answer has to know."""
    known = found.known
    if known.refused:
        yield none_counts(known.refused, known.first_refused)
    if strangers := {each.shop_id for each in asked.incidents or ()} - known.shops.keys():
        named = ", ".join(sorted(strangers)[:NAMED]) + (", ..." if len(strangers) > NAMED else "")
        yield f"labels name {len(strangers)} shops of which nothing was recorded, and whose incidents count as missed: {named}"
    for side, policy in (("baseline", asked.baseline), ("candidate", asked.candidate)):
        yield from _versions_beside(side, policy, found.span)
    if found.span.end > known.latest:
        yield (
            f"the last event is of {rfc3339(known.latest)}: what was open then is judged by silence, up to "
            f"{rfc3339(found.span.end)}; of a marketplace that went on, give --from and --to that lie before"
        )


def _versions_beside(side: str, policy: PolicySet, span: Span) -> Iterable[str]:
    """A version that is not in force in all of the range may not be what was meant."""
    first, *others = policy.versions
    if first.effective_from > span.begin:
        since = rfc3339(first.effective_from)
        yield f"the {side} is in force from {since} on only: orders paid before are not judged by it"
    for version in others:
        if version.effective_from > span.end:
            since = rfc3339(version.effective_from)
            yield f"version {version.version} of the {side} starts at {since}, after the range: it changes nothing"


def _csv(found: Answer) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows(found))
    return text.getvalue().encode()


def _end(lines: Iterable[str]) -> None:
    told = list(lines)
    for line in told:
        say(COMMAND, line)
    if told:
        raise typer.Exit(BROKEN)
