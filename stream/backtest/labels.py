"""Which incidents was there to be found?  Labels of a CSV, or of the JSON that `shopwatch simulate` writes."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import get_close_matches

import msgspec

from stream.backtest.errors import LabelsError
from stream.backtest.incidents import Incident
from stream.policy.kinds import KINDS
from stream.policy.spec import PolicySet
from topics.times import TimeError, millis, parse_time

NEEDED = ("shop_id", "begins", "ends")
OPTIONAL = ("rule", "metric", "severity")


class _Incident(msgspec.Struct, rename={"begins": "from", "ends": "to"}):
    """Of an incident of the simulator what is needed."""

    shop_id: str
    metric: str
    begins: datetime
    ends: datetime


class _Labels(msgspec.Struct):
    incidents: list[_Incident]


def read_labels(name: str, content: bytes, policies: Collection[PolicySet]) -> Sequence[Incident]:
    """The incidents of a file, in the order of shops and times; raises LabelsError, which names ``name``.

    A rule, metric or severity that none of ``policies`` has is a mistake: it would never be found.
    """
    is_json = content.lstrip().startswith(b"{")
    read = _read_json(name, content) if is_json else _read_csv(name, content)
    found = []
    for line, incident in read:
        _check(name, line, incident, policies)
        found.append(incident)
    return sorted(found, key=lambda incident: tuple((part is not None, part) for part in incident))


def _read_json(name: str, content: bytes) -> Iterator[tuple[int | None, Incident]]:
    try:
        labels = msgspec.json.decode(content, type=_Labels)
        for each in labels.incidents:
            begins, ends = millis(each.begins), millis(each.ends)
            yield None, Incident(each.shop_id, None, each.metric, None, begins, ends)
    except (msgspec.MsgspecError, TypeError, UnicodeDecodeError) as error:
        why = f"it is not what `shopwatch simulate` writes ({error}); give its labels, or a CSV"
        raise LabelsError(name, None, why) from None


def _read_csv(name: str, content: bytes) -> Iterator[tuple[int | None, Incident]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LabelsError(name, line, "it is not UTF-8 from here on; save the file as UTF-8") from None
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        _check_header(name, rows.fieldnames or ())
        for row in rows:
            yield rows.line_num, _incident(name, rows.line_num, row)
    except csv.Error as error:
        raise LabelsError(name, rows.reader.line_num, f"it is no CSV ({error})") from None


def _check_header(name: str, columns: Sequence[str]) -> None:
    if missing := [column for column in NEEDED if column not in columns]:
        why = f"there is no column {' nor '.join(missing)}; the first line names {', '.join(NEEDED)}"
        raise LabelsError(name, 1, f"{why} and, if you like, {', '.join(OPTIONAL)}")
    for column in columns:
        if column not in NEEDED + OPTIONAL:
            near = get_close_matches(column, NEEDED + OPTIONAL, 1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(NEEDED + OPTIONAL)}"
            raise LabelsError(name, 1, f"{column!r} is no column of labels; {meant}")


def _incident(name: str, line: int, row: Mapping[str | None, object]) -> Incident:
    if None in row or None in row.values():
        raise LabelsError(name, line, "it has not as many fields as the first line names")
    told = {str(key): str(value).strip() for key, value in row.items()}
    if not told["shop_id"]:
        raise LabelsError(name, line, "it names no shop_id")
    try:
        begins, ends = parse_time(told["begins"]), parse_time(told["ends"])
    except TimeError as error:
        raise LabelsError(name, line, str(error)) from None
    if ends < begins:
        raise LabelsError(name, line, "it ends before it begins; exchange the two")
    rule, metric, severity = (told.get(column) or None for column in OPTIONAL)
    return Incident(told["shop_id"], rule, metric, severity, begins, ends)


def _check(name: str, line: int | None, incident: Incident, policies: Collection[PolicySet]) -> None:
    versions = [version for policy in policies for version in policy.versions]
    rules = {rule.name: rule for version in versions for rule in version.rules.values()}
    metrics = {name for version in versions for name in version.metrics} | set(KINDS)
    severities = {tier.severity for version in versions for r in version.rules.values() for tier in r.tiers}
    for what, value, known in (
        ("rule", incident.rule, set(rules)),
        ("metric", incident.metric, metrics),
        ("severity", incident.severity, severities),
    ):
        if value is not None and value not in known:
            raise LabelsError(
                name,
                line,
                f"neither policy has a {what} {value!r}; write one of {', '.join(sorted(known))}, or leave it empty",
            )
