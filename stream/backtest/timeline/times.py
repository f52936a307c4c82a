"""Which instants do many texts name?  The usual ways of writing one, all at once (SEMANTICS T1)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stream.backtest.timeline.rows import I64, Flags

_WIDTH = 33
"""One more than the longest form that is read here has: what is longer is none of them."""
_DIGITS = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
_SIGNS = {4: "-", 7: "-", 10: "T", 13: ":", 16: ":"}
_FORMS = {20: (0, False), 24: (4, False), 27: (7, False), 25: (0, True), 29: (4, True), 32: (7, True)}
"""By their lengths: how long the fraction is, with its point, and whether an offset follows or just a Z."""
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_FIRST_YEAR, _LAST_YEAR = 1900, 2200

Letters = NDArray[np.uint8]


def instants(texts: Sequence[str]) -> tuple[I64, Flags]:
    """The milliseconds of each, and whether it is written in a form that is read here; the contract allows others."""
    letters, lengths = _letters(texts)
    digits = letters - np.uint8(ord("0"))  # beyond 9 what is none
    zone, known = _zone_ms(letters, digits, lengths)
    known &= _well_formed(letters, digits)
    year, month, day = (_number(digits, *places) for places in ((0, 1, 2, 3), (5, 6), (8, 9)))
    hour, minute, second = (_number(digits, *places) for places in ((11, 12), (14, 15), (17, 18)))
    known &= _on_calendar(year, month, day) & (hour < 24) & (minute < 60) & (second < 60)
    seconds = (_days(year, month, day) * 24 + hour) * 3600 + minute * 60 + second
    fraction = np.where(letters[19] == ord("."), _number(digits, 20, 21, 22), 0)
    at: I64 = seconds * 1000 + fraction - zone
    return at, known


def _letters(texts: Sequence[str]) -> tuple[Letters, I64]:
    """Row by row the first letters of all, the second letters of all, and so on; and how many each has."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    alike, together = int(lengths[0]), "".join(texts)
    if alike < _WIDTH and together.isascii() and (lengths == alike).all():  # as nearly always
        letters = np.zeros((_WIDTH, len(texts)), np.uint8)
        letters[:alike] = np.frombuffer(together.encode(), np.uint8).reshape(len(texts), alike).T
        return letters, lengths
    try:
        written = np.array(texts, dtype=f"S{_WIDTH}")
    except UnicodeEncodeError:
        written = np.array([text.encode("ascii", "replace") for text in texts], dtype=f"S{_WIDTH}")
    return np.ascontiguousarray(written.view(np.uint8).reshape(len(texts), _WIDTH).T), lengths


def _well_formed(letters: Letters, digits: Letters) -> Flags:
    known = np.ones(letters.shape[1], np.bool_)
    for place in _DIGITS:
        known &= digits[place] <= 9
    for place, sign in _SIGNS.items():
        known &= letters[place] == ord(sign)
    return known


def _number(digits: Letters, *places: int) -> I64:
    number: I64 = digits[places[0]].astype(np.int64)
    for place in places[1:]:
        number = number * 10 + digits[place]
    return number


def _zone_ms(letters: Letters, digits: Letters, lengths: I64) -> tuple[I64, Flags]:
    """The offset behind the seconds or their fraction, and whether there is one of the usual forms, and nothing else."""
    zone, known = np.zeros(len(lengths), np.int64), np.zeros(len(lengths), np.bool_)
    for length in np.unique(lengths).tolist():
        if length in _FORMS:
            fraction, has_offset = _FORMS[length]
            fits = (lengths == length) & ((letters[19] == ord(".")) == (fraction > 0))
            for place in range(20, 19 + fraction):
                fits &= digits[place] <= 9
            at = 19 + fraction
            if has_offset:
                east, right = _offset_ms(letters[at:], digits[at:])
                fits &= right
                zone[fits] = east[fits]
            else:
                fits &= letters[at] == ord("Z")
            known |= fits
    return zone, known


def _offset_ms(letters: Letters, digits: Letters) -> tuple[I64, Flags]:
    """What begins with a sign."""
    hours, minutes = _number(digits, 1, 2), _number(digits, 4, 5)
    right: Flags = ((letters[0] == ord("+")) | (letters[0] == ord("-"))) & (letters[3] == ord(":"))
    for place in (1, 2, 4, 5):
        right &= digits[place] <= 9
    right &= (hours < 24) & (minutes < 60)
    east: I64 = np.where(letters[0] == ord("+"), 60_000, -60_000) * (hours * 60 + minutes)
    return east, right


def _on_calendar(year: I64, month: I64, day: I64) -> Flags:
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    days = _MONTH_DAYS[np.clip(month, 0, 12)] + (leap & (month == 2))
    usual: Flags = (year >= _FIRST_YEAR) & (year <= _LAST_YEAR) & (month >= 1) & (month <= 12)
    usual &= (day >= 1) & (day <= days)
    return usual


def _days(year: I64, month: I64, day: I64) -> I64:
    """Since 1970, by the calendar whose years begin in March: a leap day is the last of one."""
    years = np.where(month <= 2, year - 1, year)
    months = np.where(month <= 2, month + 9, month - 3)
    in_year = (153 * months + 2) // 5 + day - 1
    days: I64 = years * 365 + years // 4 - years // 100 + years // 400 + in_year - 719_468
    return days
