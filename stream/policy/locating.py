"""Where in its text does each value of a TOML document stand, and how was it written there?

The standard library reads TOML but tells neither lines nor, of a time, whether a fraction was written.  This walks over
a text *that it has accepted*, so nothing is checked here.
"""

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]}#\n]*")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\]|\\.)*"'
    r"|'[^']*'",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a text, counted from 1, and the value as it is written there (empty for a table's heading)."""

    line: int
    column: int
    written: str = ""


def locate(text: str) -> Mapping[Path, Spot]:
    """The spot of every key, list element and table in ``text``, by its path; list elements count from 0."""
    return _Walk(text.replace("\r\n", "\n")).document()


class _Walk:
    """A reading position in a text and what was found up to it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line_starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._spots: dict[Path, Spot] = {}
        self._elements: dict[Path, int] = {}

    def document(self) -> dict[Path, Spot]:
        table: Path = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._heading()
            else:
                self._pair(table)
            self._skip(_BLANK)
        return self._spots

    def _heading(self) -> Path:
        start = self._at
        repeated = self._text.startswith("[[", start)
        self._at += 2 if repeated else 1
        path = self._of_last_elements(self._key())
        self._at += 2 if repeated else 1
        if repeated:
            self._elements[path] = self._elements.get(path, -1) + 1
            self._note(path, start)
            path = (*path, self._elements[path])
        self._note(path, start)
        return path

    def _of_last_elements(self, key: Path) -> Path:
        """``key`` with the index of the newest element put in behind each list of tables that it goes through."""
        path: Path = ()
        for part in key[:-1]:
            path = (*path, part)
            if path in self._elements:
                path = (*path, self._elements[path])
        return (*path, key[-1])

    def _pair(self, table: Path) -> None:
        start = self._at
        path = table + self._key()
        self._at += 1  # the sign of equality
        self._skip(_SPACE)
        self._value(path, start)

    def _value(self, path: Path, start: int) -> None:
        begin = self._at
        self._note(path, start)  # first, for what stands in it would have it begin where that does
        match self._text[begin]:
            case "[":
                self._list(path)
            case "{":
                self._inline_table(path)
            case '"' | "'":
                self._skip(_STRING)
            case _:
                self._skip(_BARE_VALUE)
        self._spots[path] = self._spot(start, self._text[begin : self._at].strip())

    def _list(self, path: Path) -> None:
        index = 0
        self._at += 1
        self._skip(_BLANK)
        while self._text[self._at] != "]":
            self._value((*path, index), self._at)
            self._skip_comma()
            index += 1
        self._at += 1

    def _inline_table(self, path: Path) -> None:
        self._at += 1
        self._skip(_BLANK)
        while self._text[self._at] != "}":
            self._pair(path)
            self._skip_comma()
        self._at += 1

    def _skip_comma(self) -> None:
        self._skip(_BLANK)
        if self._text[self._at] == ",":
            self._at += 1
            self._skip(_BLANK)

    def _key(self) -> Path:
        """A key and the blanks around it, split at its dots."""
        parts = [self._key_part()]
        while self._text[self._at] == ".":
            self._at += 1
            parts.append(self._key_part())
        return tuple(parts)

    def _key_part(self) -> str:
        self._skip(_SPACE)
        quoted = self._text[self._at] in "\"'"
        written = self._skip(_STRING if quoted else _BARE_KEY)
        self._skip(_SPACE)
        return str(tomllib.loads(f"key = {written}")["key"]) if quoted else written

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise ValueError(f"not TOML at {self._spot(self._at)}")
        self._at = match.end()
        return match.group()

    def _note(self, path: Path, start: int) -> None:
        """Keep where ``path`` first stood; tables that are only implied begin where they are first named."""
        for length in range(1, len(path) + 1):
            self._spots.setdefault(path[:length], self._spot(start))

    def _spot(self, at: int, written: str = "") -> Spot:
        line = bisect_right(self._line_starts, at)
        return Spot(line, at - self._line_starts[line - 1] + 1, written)
