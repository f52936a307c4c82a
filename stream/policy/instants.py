"""Which instant does a written time mean, and how is an instant written?  (SEMANTICS T1, T6)"""

from datetime import UTC, datetime, timedelta, tzinfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# A day inside what the calendar holds, so that an instant at its edge can be shown in every time zone.
_FIRST = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND + 86_400_000
_LAST = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MILLISECOND - 86_400_000


def instant(moment: datetime, zone: tzinfo) -> int:
    """The milliseconds of ``moment``; without an offset it is a local time of ``zone``.

    Of a doubled local hour the first is meant, a skipped one has the offset before it: that is what ``fold=0`` says.
    """
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    return (aware - _EPOCH) // _MILLISECOND


def moment_of(at: int, zone: tzinfo = UTC) -> datetime:
    """The calendar's name for ``at`` in ``zone``; beyond its edges, the edge."""
    return (_EPOCH + min(max(at, _FIRST), _LAST) * _MILLISECOND).astimezone(zone)


def local_text(at: int, zone: tzinfo) -> str:
    """How a person in ``zone`` reads ``at``; fractions of a second only where there are any."""
    return moment_of(at, zone).replace(tzinfo=None).isoformat(" ", _precision(at))


def zoned_text(at: int, zone: tzinfo) -> str:
    """The same with the offset, for who may read it in another zone."""
    return moment_of(at, zone).isoformat(" ", _precision(at))


def _precision(at: int) -> str:
    return "milliseconds" if at % 1000 else "seconds"
