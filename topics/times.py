"""Which instant does a time of the contract mean, and how is an instant written?  (SEMANTICS T1)

Outside the engine a time is RFC 3339 with an offset, inside it is an integer of milliseconds since 1970 in UTC.  Finer
digits are cut, not rounded: an event of 23:59:59.9999999 belongs to the day that it names.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - what is added to it is UTC, and isoformat() shall not say so
_MILLISECOND: Final = timedelta(milliseconds=1)
_FIRST: Final = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND
_LAST: Final = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND

_FORM: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):?(\d\d))?", re.ASCII
)


class TimeError(ValueError):
    """A text is no time of the contract; says what it should be."""


class NoOffsetError(TimeError):
    """A time does not say in which offset from UTC it is, so it is no instant."""


def millis(moment: datetime) -> int:
    """The milliseconds since 1970 of ``moment``, which has an offset; finer digits are cut, also before 1970."""
    since = moment - _EPOCH
    return since.days * 86_400_000 + since.seconds * 1000 + since.microseconds // 1000


def rfc3339(at: int) -> str:
    """``at`` in UTC with milliseconds: ``2024-01-31T00:00:00.000Z``.

    RFC 3339 has the years 1 to 9999 only: an instant beyond (a deadline that an exemption put there) is written as the edge.
    """
    inside = min(max(at, _FIRST), _LAST)
    return (_NAIVE_EPOCH + timedelta(milliseconds=inside)).isoformat(timespec="milliseconds") + "Z"


def parse_time(text: str) -> int:
    """The milliseconds since 1970 of an RFC 3339 time with as many fractional digits as it likes.

    A space or ``t`` for ``T``, ``z`` for ``Z`` and an offset without its colon are read too.  Raises TimeError; a leap
    second is one, since no clock here has it.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise TimeError(f"{text[:40]!r} is not a time such as 2024-01-31T00:00:00Z")
    *calendar, fraction, utc, sign, hours, minutes = form.groups()
    if utc is None and sign is None:
        raise NoOffsetError(f"{text[:40]!r} has no offset; end it with Z or one such as +08:00")
    offset = timedelta() if utc else _offset(sign, int(hours), int(minutes))
    try:
        moment = datetime(*map(int, calendar), tzinfo=timezone(offset))  # type: ignore[misc,arg-type]  # six of them
    except ValueError as error:
        raise TimeError(f"{text[:40]!r} is not on the calendar: {error}") from None
    return millis(moment) + int((fraction or "")[:3].ljust(3, "0"))


def _offset(sign: str, hours: int, minutes: int) -> timedelta:
    if hours > 23 or minutes > 59:
        raise TimeError(f"{sign}{hours:02}:{minutes:02} is no offset; it goes up to 23:59")
    length = timedelta(hours=hours, minutes=minutes)
    return -length if sign == "-" else length
