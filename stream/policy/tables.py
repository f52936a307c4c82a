"""How is a table of a policy file read?  Key by key; what is wrong is noted at its line, and reading goes on."""

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import TypeVar, overload

from stream.policy.instants import instant
from stream.policy.locating import Path, Spot, locate
from stream.policy.problems import Problem, WrongValueError
from stream.policy.values import Reader, Real, moment, nearest, shown, text

T = TypeVar("T")

NAME = re.compile(r"[\w-]+")
_TOML_PLACE = re.compile(r"\s*\((?:at line (\d+), column (\d+)|at end of document)\)$")


@dataclass(slots=True)
class Page:
    """One file being read: its text, the places in it, and what was found wrong so far."""

    file: str
    text: str
    spots: Mapping[Path, Spot] = field(default_factory=dict)
    zone: tzinfo = UTC
    problems: list[Problem] = field(default_factory=list)

    def parse(self) -> "Table | None":
        """The whole document; None where it is no TOML, which is then noted."""
        try:
            values = tomllib.loads(self.text, parse_float=Real)
            self.spots = locate(self.text)
        except tomllib.TOMLDecodeError as error:
            self._note_syntax(str(error))
        except (ValueError, RecursionError):
            remedy = "write shorter numbers and shallower lists"
            self.problems.append(
                Problem(self.file, 1, None, "a number or a nesting in it has no end", remedy)
            )
        else:
            return Table(self, values, (), "")
        return None

    def _note_syntax(self, error: str) -> None:
        place = _TOML_PLACE.search(error)
        line, column = (int(place[1]), int(place[2])) if place and place[1] else (self._last_line(), None)
        complaint = _TOML_PLACE.sub("", error)
        what = complaint[:1].lower() + complaint[1:]
        self.problems.append(
            Problem(self.file, line, column, f"this is not TOML: {what}", _syntax_remedy(complaint))
        )

    def _last_line(self) -> int:
        return self.text.rstrip().count("\n") + 1

    def note(self, path: Path, message: str, remedy: str) -> None:
        """Something is wrong with what stands at ``path``, or, if nothing does, with what it would stand in."""
        while path and path not in self.spots:
            path = path[:-1]
        spot = self.spots.get(path, Spot(1, 1))
        self.problems.append(Problem(self.file, spot.line, spot.column, message, remedy))


def _syntax_remedy(complaint: str) -> str:
    if "overwrite" in complaint or "twice" in complaint or "already" in complaint:
        return "write every key and every table only once"
    if complaint == "Invalid value":
        return (
            "write texts in quotes, numbers and times bare, and no number with a leading zero or a bare point"
        )
    return "write key = value, one a line, under [tables]"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a page; ``label`` is how messages call it (empty for the document)."""

    page: Page
    values: Mapping[str, object]
    path: Path
    label: str

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def name_of(self, key: str) -> str:
        """How messages call ``key``; in quotes where a file would need them."""
        called = key if NAME.fullmatch(key) else shown(key)
        return f"{self.label}.{called}" if self.label else called

    def note(self, key: str | None, message: str, remedy: str) -> None:
        """Something is wrong with ``key``, or with the table as a whole."""
        self.page.note(self.path if key is None else (*self.path, key), message, remedy)

    def missing(self, key: str, remedy: str) -> None:
        """``key`` has to be there and is not."""
        self.note(None, f"{self.name_of(key)} is missing", remedy)

    @overload
    def take(self, key: str, reader: Reader[T]) -> T | None: ...
    @overload
    def take(self, key: str, reader: Reader[T], default: T) -> T: ...

    def take(self, key: str, reader: Reader[T], default: T | None = None) -> T | None:
        """What ``key`` says; ``default`` if it is left out, or wrong, which is then noted."""
        if key not in self.values:
            return default
        try:
            return reader(self.values[key])
        except WrongValueError as wrong:
            self.note(key, f"{self.name_of(key)} {wrong.complaint}", wrong.remedy)
            return default

    def need(self, key: str, reader: Reader[T], example: str) -> T | None:
        """What ``key`` says; None if it is left out or wrong, either of which is noted."""
        if key not in self.values:
            self.missing(key, f"write one, such as {key} = {example}")
        return self.take(key, reader)

    def instant(self, key: str) -> int | None:
        """The time that ``key`` names (SEMANTICS T6)."""
        at = self.take(key, moment)
        return None if at is None else instant(at, self.page.zone)

    def last_instant(self, key: str) -> int | None:
        """The time that ``key`` names, and of a whole second its last millisecond (SEMANTICS T6)."""
        at = self.instant(key)
        if at is None:
            return None
        to_the_second = "." not in self.page.spots[(*self.path, key)].written
        return at + 999 if to_the_second else at

    def refuse_others(self, allowed: Collection[str]) -> None:
        """Every key that is not ``allowed`` is noted."""
        for key in self.values:
            if key not in allowed:
                self.note(key, f"{self.name_of(key)} is no key that is known here", nearest(key, allowed))

    def without_tables(self) -> "Table":
        """The same table, as if the tables in it were not there."""
        values = {key: value for key, value in self.values.items() if not isinstance(value, dict)}
        return Table(self.page, values, self.path, self.label)

    def table(self, key: str) -> "Table | None":
        """The table at ``key``; None if there is none, or something else, which is then noted."""
        value = self.values.get(key)
        if isinstance(value, dict):
            return Table(self.page, value, (*self.path, key), self.name_of(key))
        if value is not None:
            remedy = f"write [{self.name_of(key)}] and its keys below it"
            self.note(key, f"{self.name_of(key)} is {shown(value)}, not a table", remedy)
        return None

    def named_tables(self, key: str) -> Iterator[tuple[str, "Table"]]:
        """The tables under ``key`` by their names, such as every ``[rules.NAME]``."""
        parent = self.table(key)
        for name in parent.values if parent else ():
            child = parent.table(name) if parent else None
            if child:
                child.check_name(name)
                yield name, child

    def check_name(self, name: str) -> None:
        """A name has to be a single word, so that ``rules.NAME.TIER.below`` names one number."""
        if NAME.fullmatch(name) is None:
            remedy = "use letters, digits, - and _ only"
            self.note(None, f"{shown(name)} is no name", remedy)

    def listed_tables(self, key: str) -> Iterator["Table"]:
        """The tables of the list at ``key``, each called by its ``id`` or else by its number from 1."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            remedy = f"write [[{self.name_of(key)}]], once for each"
            self.note(key, f"{self.name_of(key)} is {shown(value)}, not a list of tables", remedy)
            return
        for index, element in enumerate(value):
            label = f"{self.name_of(key)}[{index + 1}]"
            path = (*self.path, key, index)
            if isinstance(element, dict):
                yield Table(self.page, element, path, label)
            else:
                self.page.note(path, f"{label} is {shown(element)}, not a table", "write it as a table")

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.page.spots.get(self.path, Spot(1, 1)).line

    def named(self, *keys: str) -> "Table":
        """The table at ``keys``, which is known to be one."""
        table = self
        for key in keys:
            table = table.table(key) or table
        return table

    def called(self, label: str) -> "Table":
        """The same table under another label."""
        return Table(self.page, self.values, self.path, label)

    def text_at(self, key: str) -> str | None:
        """The text at ``key`` if there is a proper one; nothing is noted."""
        try:
            return text(self.values.get(key))
        except WrongValueError:
            return None
