"""What is to be varied, and over which values?  ``rules.late_shipping.critical.below=0.70:0.95:0.01``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from stream.backtest.errors import BacktestError
from stream.policy.durations import duration_text, milliseconds

MOST_VALUES = 10_000

Number = TypeVar("Number", int, Decimal)

_PATH = re.compile(r"[\w-]+(?:\.[\w-]+)+")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]")
_BARE = re.compile(r"[+-]?\d+(?:\.\d+)?|true|false")


class VaryError(BacktestError):
    """Something cannot be varied as was asked."""


@dataclass(frozen=True, slots=True)
class Vary:
    """A key of the policy and the values that it takes, as they would be written in the file."""

    path: tuple[str, ...]
    values: tuple[str, ...]

    @property
    def name(self) -> str:
        """How it is called."""
        return ".".join(self.path)


def read_vary(text: str) -> Vary:
    """``PATH=FIRST:LAST:STEP``, the last included, in numbers or durations, or ``PATH=VALUE,VALUE``; raises VaryError."""
    path, equals, values = text.partition("=")
    if not equals or not _PATH.fullmatch(path.strip()):
        raise VaryError(
            f"{text!r} is nothing to vary; write a path and its values, such as "
            "rules.late_shipping.critical.below=0.70:0.95:0.01"
        )
    found = tuple(_values(path.strip(), values.strip()))
    if len(set(found)) < len(found):
        raise VaryError(f"{path.strip()} is given a value twice: {values.strip()}; give each once")
    return Vary(tuple(path.strip().split(".")), found)


def _values(path: str, text: str) -> Sequence[str]:
    """A range is told by its colons, of which a time has some, too; commas make a list of whatever stands between them."""
    if ":" in text and "," not in text and not _TIME.match(text):
        return _range(path, text)
    values = [value.strip() for value in text.split(",")]
    if not all(values):
        raise VaryError(f"{path} has no values in {text!r}; write some, such as {path}=5,10,20")
    for value in values:
        if _steps(path, value) is not None:
            raise VaryError(f"{path}: {value!r} is a range within a list; give either a range or a list")
    return values


def _range(path: str, text: str) -> Sequence[str]:
    found = _steps(path, text)
    if found is None:
        raise VaryError(
            f"{path}: {text!r} is no range; write FIRST:LAST:STEP in numbers or in durations, such as 0.70:0.95:0.01 or "
            "1h:6h:30m, and a list with commas"
        )
    return found


def _steps(path: str, text: str) -> Sequence[str] | None:
    """The values of a range; None if it has not the shape of one: three numbers, or three durations.  Raises VaryError."""
    parts = [part.strip() for part in text.split(":")]
    if len(parts) != 3:
        return None
    if all(map(_NUMBER.fullmatch, parts)):
        first, last, step = map(Decimal, parts)
        return [f"{first + step * number:f}" for number in _count(path, text, last - first, step)]
    lengths = [length for part in parts if (length := milliseconds(part)) is not None]
    if len(lengths) == 3:
        begin, end, by = lengths
        return [duration_text(begin + by * number) for number in _count(path, text, end - begin, by)]
    return None


def _count(path: str, text: str, way: Number, step: Number) -> range:
    """As many numbers as there are values on the way, the end of it included."""
    if step == 0 or way / step < 0:
        raise VaryError(
            f"{path}: no steps of {text.split(':')[2].strip()} lead along {text!r}: the range is empty"
        )
    count = int(way // step) + 1
    if count > MOST_VALUES:
        raise VaryError(f"{path}: {text!r} has {count} values, more than {MOST_VALUES}; take a greater step")
    return range(count)


def written(value: str, before: str | None) -> str:
    """``value`` as it stands in a file: a number or a truth bare, a text in quotes; ``before`` is what stood there."""
    quoted = before[:1] in {'"', "'"} if before else _BARE.fullmatch(value) is None
    if not quoted or value[:1] in {'"', "[", "{"}:
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
