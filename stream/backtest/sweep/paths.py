"""What is to be varied, and over which values?  ``rules.late_shipping.critical.below=0.70:0.95:0.01``."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from stream.backtest.errors import BacktestError

MOST_VALUES = 10_000

_PATH = re.compile(r"[\w-]+(?:\.[\w-]+)+")
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
    """``PATH=FIRST:LAST:STEP``, the last included, or ``PATH=VALUE,VALUE``; raises VaryError."""
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


def _values(path: str, text: str) -> list[str]:
    if ":" in text:
        return _range(path, text)
    values = [value.strip() for value in text.split(",")]
    if not all(values):
        raise VaryError(f"{path} has no values in {text!r}; write some, such as {path}=5,10,20")
    return values


def _range(path: str, text: str) -> list[str]:
    try:
        first, last, step = (Decimal(part.strip()) for part in text.split(":"))
        if not all(number.is_finite() for number in (first, last, step)):
            raise InvalidOperation
    except (ValueError, InvalidOperation):
        raise VaryError(
            f"{path}: {text!r} is no range; write FIRST:LAST:STEP in numbers, such as 0.70:0.95:0.01"
        ) from None
    if step == 0 or (last - first) / step < 0:
        raise VaryError(f"{path}: no step of {step} leads from {first} to {last}: the range is empty")
    count = int((last - first) / step) + 1
    if count > MOST_VALUES:
        raise VaryError(f"{path}: {text!r} has {count} values, more than {MOST_VALUES}; take a greater step")
    return [f"{first + step * number:f}" for number in range(count)]


def written(value: str, before: str | None) -> str:
    """``value`` as it stands in a file: a number or a truth bare, a text in quotes; ``before`` is what stood there."""
    quoted = before[:1] in {'"', "'"} if before else _BARE.fullmatch(value) is None
    if not quoted or value[:1] in {'"', "[", "{"}:
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
