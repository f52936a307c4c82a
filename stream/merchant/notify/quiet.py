"""May a merchant be disturbed now, and if not, when?"""

from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from stream.merchant.notify.subscriptions import Merchant, Quiet
from stream.policy.instants import instant, moment_of

_DAY = timedelta(days=1)


def quiet_until(merchant: Merchant, severity: str | None, now: int) -> int:
    """When what is of ``severity`` may be told: ``now``, or the end of the quiet hours that ``now`` lies in.

    Hours that meet or overlap are one.  Without a severity nothing is quiet.
    """
    at = now
    mine = [quiet for quiet in merchant.quiet if quiet.severities is None or severity in quiet.severities]
    if severity is None:
        return now
    # Each of them may begin where another has ended; none does so twice before all have been asked.
    for _ in mine:
        later = max(_ends(mine, at, merchant.zone), default=at)
        if later <= at:
            break
        at = later
    return at


def _ends(quiets: Iterable[Quiet], at: int, zone: tzinfo) -> list[int]:
    """Of all the hours that ``at`` lies in, where they end."""
    local = moment_of(at, zone)
    return [instant(end, zone) for quiet in quiets if (end := _end(quiet, local)) is not None]


def _end(quiet: Quiet, local: datetime) -> datetime | None:
    """Hours that begin later than they end go over midnight; those that begin when they end are the whole day."""
    of_day = local.time().replace(tzinfo=None)
    end = datetime.combine(local.date(), quiet.end)
    if quiet.begin < quiet.end:
        return end if quiet.begin <= of_day < quiet.end else None
    if of_day >= quiet.begin:
        return end + _DAY
    return end if of_day < quiet.end else None
