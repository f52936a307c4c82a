"""What may a single value be?  Readers of TOML values; each returns what was meant or raises WrongValueError."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from typing import TypeVar

from stream.policy.durations import milliseconds
from stream.policy.problems import WrongValueError
from stream.policy.spec import Number

T = TypeVar("T")
Reader = Callable[[object], T]

_GREATEST_WHOLE = 2**63 - 1
_MOST_DIGITS = 60
_MOST_SHOWN = 80
_CLOSE = 0.7  # at 0.6, the library's own, "storm" was meant to be "platform"


@dataclass(frozen=True, slots=True)
class Real:
    """A number with a fraction or an exponent, as it is written."""

    text: str


def shown(value: object) -> str:
    """``value`` as a person would look for it in the file; of a long one the beginning."""
    whole = _whole(value)
    return whole if len(whole) <= _MOST_SHOWN else f"{whole[:_MOST_SHOWN]}..."


def _whole(value: object) -> str:
    if isinstance(value, bool | str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict | list):
        return "a table" if isinstance(value, dict) else "a list"
    if isinstance(value, date | time):
        return value.isoformat()
    return value.text if isinstance(value, Real) else str(value)


def nearest(word: str, words: Collection[str]) -> str:
    """What ``word`` was probably meant to be, as a remedy; else all that it could have been."""
    close = get_close_matches(word, words, n=1, cutoff=_CLOSE)
    if close:
        return f'did you mean "{close[0]}"?'
    return f"it may be one of {listed(sorted(words))}" if words else "there is none"


def listed(words: Collection[str]) -> str:
    """``a, b, c`` for a message."""
    return ", ".join(words)


def text(value: object) -> str:
    """A text with something in it."""
    if not isinstance(value, str):
        raise WrongValueError(f"is {shown(value)}, not a text", "write a text in quotes")
    if not value.strip():
        raise WrongValueError("is empty", "write a text with something in it")
    return value


def flag(value: object) -> bool:
    """Yes or no."""
    if not isinstance(value, bool):
        raise WrongValueError(f"is {shown(value)}, not a yes or no", "write true or false, without quotes")
    return value


def one_of(words: Collection[str]) -> Reader[str]:
    """One of ``words``."""

    def read(value: object) -> str:
        word = text(value)
        if word not in words:
            raise WrongValueError(f"has no word {shown(word)}", nearest(word, words))
        return word

    return read


def whole(least: int) -> Reader[int]:
    """A whole number of at least ``least``."""

    def read(value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise WrongValueError(f"is {shown(value)}, not a whole number", f"write one of at least {least}")
        if not least <= value <= _GREATEST_WHOLE:
            limit = f"of at least {least}" if value < least else f"of at most {_GREATEST_WHOLE}"
            raise WrongValueError(f"is {shown(value)}", f"write a whole number {limit}")
        return value

    return read


def number(value: object) -> Number:
    """A decimal, exactly as written; of a sign of plus and of underscores nothing is kept."""
    if isinstance(value, Real):
        return Number(_digits(value.text), Fraction(Decimal(_digits(value.text))))
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _GREATEST_WHOLE:
        return Number(str(value), Fraction(value))
    raise WrongValueError(
        f"is {shown(value)}, not a number", "write a plain number without quotes, such as 0.90"
    )


def _digits(written: str) -> str:
    digits = written.replace("_", "").removeprefix("+")
    decimal = Decimal(digits)
    # An exponent may not make a few letters into a number that fills the memory.
    if not decimal.is_finite() or max(len(digits), abs(decimal.adjusted())) > _MOST_DIGITS:
        raise WrongValueError(
            f"is {shown(Real(written))}", f"write a plain number of at most {_MOST_DIGITS} digits"
        )
    return digits


def rate(value: object) -> Number:
    """A share of all, as a threshold names it."""
    share = number(value)
    if not 0 <= share.value <= 1:
        raise WrongValueError(
            f"is {share.text}, no share of all", "write a number from 0 to 1, such as 0.90 for 90 %"
        )
    return share


def at_least_zero(value: object) -> Number:
    """A rate that may exceed 1 (SEMANTICS U4)."""
    found = number(value)
    if found.value < 0:
        raise WrongValueError(f"is {found.text}", "write a number of at least 0")
    return found


def weight(value: object) -> Fraction:
    """How much a part counts in a score (SEMANTICS S1)."""
    found = number(value)
    if found.value <= 0:
        raise WrongValueError(f"is {found.text}, no weight", "write a number above 0")
    return found.value


def duration(value: object) -> int:
    """A length of time in milliseconds (SEMANTICS T6)."""
    bare = isinstance(value, int | Real) and not isinstance(value, bool)
    if bare or (isinstance(value, str) and value.isdigit()):
        raise WrongValueError(
            f"is {shown(value)}, a duration without a unit", 'write one such as "30d", "24h" or "90s"'
        )
    length = milliseconds(text(value))
    if length is None:
        complaint = f"is {shown(value)}, which is no duration"
        raise WrongValueError(complaint, 'write whole numbers with ms, s, m, h, d or w, such as "1d12h"')
    return length


def length(value: object) -> int:
    """A duration that is not nothing."""
    found = duration(value)
    if found == 0:
        raise WrongValueError(f"is {shown(value)}", "write a duration longer than nothing")
    return found


def moment(value: object) -> datetime:
    """A date with a time of day (SEMANTICS T6)."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        raise WrongValueError(
            f"is {shown(value)}, a date alone", f"write the time of day too, such as {value}T00:00:00"
        )
    quoted = isinstance(value, str)
    remedy = "write it without the quotes" if quoted else "write a date and a time"
    raise WrongValueError(f"is {shown(value)}, not a time", f"{remedy}, such as 2021-10-18T00:00:00+08:00")


def list_of(reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """A list of what ``reader`` reads."""

    def read(value: object) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise WrongValueError(f"is {shown(value)}, not a list", f"write a list, such as [{shown(value)}]")
        return tuple(_element(reader, index, element) for index, element in enumerate(value, 1))

    return read


def _element(reader: Reader[T], index: int, value: object) -> T:
    try:
        return reader(value)
    except WrongValueError as wrong:
        raise WrongValueError(f"(entry {index}) {wrong.complaint}", wrong.remedy) from None


def some_of(reader: Reader[T]) -> Reader[frozenset[T]]:
    """A set with something in it."""

    def read(value: object) -> frozenset[T]:
        found = frozenset(list_of(reader)(value))
        if not found:
            raise WrongValueError(
                "is empty, so nothing would match", "name at least one, or leave the key out"
            )
        return found

    return read
