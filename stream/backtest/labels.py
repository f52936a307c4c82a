"""Which incidents was there to be found?  Labels of a CSV, or of the JSON that `shopwatch simulate` writes."""

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import NamedTuple, Self

import msgspec

from stream.backtest.errors import LabelsError, Mistake
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


class _Known(NamedTuple):
    """What the policies have, by what an incident may name."""

    rule: Collection[str]
    metric: Collection[str]
    severity: Collection[str]

    @classmethod
    def of(cls, policies: Collection[PolicySet]) -> Self:
        versions = [version for policy in policies for version in policy.versions]
        rules = [rule for version in versions for rule in version.rules.values()]
        return cls(
            {rule.name for rule in rules},
            {name for version in versions for name in version.metrics} | set(KINDS),
            {tier.severity for rule in rules for tier in rule.tiers},
        )


def read_labels(name: str, content: bytes, policies: Collection[PolicySet]) -> Sequence[Incident]:
    """The incidents of a file, in the order of shops and times; raises LabelsError, which has all that is wrong, and ``name``.

    A rule, metric or severity that none of ``policies`` has is a mistake: it would never be found.
    """
    reading = _Reading(_Known.of(policies))
    if content.lstrip().startswith(b"{"):
        _read_json(content, reading)
    else:
        _read_csv(content, reading)
    if reading.mistakes:
        raise LabelsError(name, reading.mistakes)
    return sorted(
        reading.incidents, key=lambda incident: tuple((part is not None, part) for part in incident)
    )


@dataclass(slots=True)
class _Reading:
    """What has been read: incidents, and all that is wrong, each thing once."""

    known: _Known
    incidents: list[Incident] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, line: int | None, why: str) -> None:
        mistake = Mistake(line, why)
        if line is not None or mistake not in self.mistakes:
            self.mistakes.append(mistake)

    def take(self, line: int | None, incident: Incident) -> None:
        for what, known in self.known._asdict().items():
            value = getattr(incident, what)
            if value is not None and value not in known:
                one_of = ", ".join(sorted(known))
                self.wrong(
                    line, f"neither policy has a {what} {value!r}; write one of {one_of}, or leave it empty"
                )
        self.incidents.append(incident)

    def take_row(self, line: int, row: Mapping[str | None, object]) -> None:
        if None in row or None in row.values():
            self.wrong(line, "it has not as many fields as the first line names")
            return
        told = {str(key): str(value).strip() for key, value in row.items()}
        if not told["shop_id"]:
            self.wrong(line, "it names no shop_id")
        begins, ends = (self._time(line, column, told[column]) for column in ("begins", "ends"))
        if begins is not None and ends is not None and ends < begins:
            self.wrong(line, "it ends before it begins; exchange the two")
        rule, metric, severity = (told.get(column) or None for column in OPTIONAL)
        self.take(line, Incident(told["shop_id"], rule, metric, severity, begins or 0, ends or 0))

    def _time(self, line: int, column: str, text: str) -> int | None:
        try:
            return parse_time(text)
        except TimeError as error:
            self.wrong(line, f"{column}: {error}")
            return None


def _read_json(content: bytes, reading: _Reading) -> None:
    try:
        for each in msgspec.json.decode(content, type=_Labels).incidents:
            begins, ends = millis(each.begins), millis(each.ends)
            reading.take(None, Incident(each.shop_id, None, each.metric, None, begins, ends))
    except (msgspec.MsgspecError, TypeError, UnicodeDecodeError) as error:
        reading.wrong(
            None, f"it is not what `shopwatch simulate` writes ({error}); give its labels, or a CSV"
        )


def _read_csv(content: bytes, reading: _Reading) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reading.wrong(line, "it is not UTF-8 from here on; save the file as UTF-8")
        return
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for why in _wrong_header(rows.fieldnames or ()):
            reading.wrong(1, why)
        if reading.mistakes:
            return  # what a row means is not known
        for row in rows:
            reading.take_row(rows.line_num, row)
    except csv.Error as error:
        reading.wrong(rows.reader.line_num, f"it is no CSV ({error})")


def _wrong_header(columns: Sequence[str]) -> Iterator[str]:
    if missing := [column for column in NEEDED if column not in columns]:
        why = f"there is no column {' nor '.join(missing)}; the first line names {', '.join(NEEDED)}"
        yield f"{why} and, if you like, {', '.join(OPTIONAL)}"
    for column in columns:
        if column not in NEEDED + OPTIONAL:
            near = get_close_matches(column, NEEDED + OPTIONAL, 1)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(NEEDED + OPTIONAL)}"
            yield f"{column!r} is no column of labels; {meant}"
