"""What is an incident: which shop failed, by what, from when to when?"""

from typing import NamedTuple


class Incident(NamedTuple):
    """A label: something that there was to find.  What is None fits any."""

    shop_id: str
    rule: str | None
    metric: str | None
    """The name of a metric, or its kind."""
    severity: str | None
    begins: int
    ends: int
