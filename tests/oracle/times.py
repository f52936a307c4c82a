"""Which instant, or how long, does a written time mean?  (SEMANTICS T1, T6)"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_LENGTHS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def duration(text: str) -> int:
    """The sum of its parts, in milliseconds."""
    return sum(int(number) * _LENGTHS[unit] for number, unit in re.findall(r"(\d+)(ms|[smhdw])", text))


def instant(text: str, zone: ZoneInfo | None = None) -> int:
    """Milliseconds since the epoch, finer digits cut; without an offset it is a local time of ``zone``.

    Of a doubled hour Python means the first, of a skipped one the offset before it, as T6 does.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def last_instant(text: str, zone: ZoneInfo) -> int:
    """The end of a range: one written without a fraction includes its whole second."""
    return instant(text, zone) + (0 if "." in text else 999)


def written(at: int) -> str:
    """RFC 3339 in UTC with milliseconds, as alerts have it."""
    moment = (_EPOCH + timedelta(milliseconds=at)).replace(tzinfo=None)
    return moment.isoformat(timespec="milliseconds") + "Z"
