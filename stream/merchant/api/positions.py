"""From where does a stream go on?  The id of each of its events says what has been sent, and nothing else has to be known.

A shop's records are in one partition of each topic, so that two offsets are enough: ``3.120.88`` is partition 3, the next
record of alerts, the next of rates.  A stream of all shops' alerts has one offset a partition: ``all.120.9.33``.  An id is
read by whatever process serves next; one that it cannot have given (the topics were made anew, or it has read less than
the process before) is as good as none: all that is there is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

EVERY = "all"
LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class ShopPosition:
    """Where a shop's stream is; offsets are those of the next record."""

    partition: int
    alerts: int
    rates: int

    def __str__(self) -> str:
        return f"{self.partition}.{self.alerts}.{self.rates}"


@dataclass(frozen=True, slots=True)
class EveryPosition:
    """Where a stream of all shops' alerts is; the next offset of each partition."""

    alerts: tuple[int, ...]

    def __str__(self) -> str:
        return ".".join([EVERY, *map(str, self.alerts)])


def read_shop_position(text: str | None) -> ShopPosition | None:
    """What an id of a shop's stream says; None for any other text."""
    numbers = _numbers((text or "").split("."))
    return ShopPosition(*numbers) if numbers is not None and len(numbers) == 3 else None


def read_every_position(text: str | None, partitions: int) -> EveryPosition | None:
    """What an id of the stream of all says; None for any other text, or another number of partitions."""
    first, *rest = (text or "").split(".")
    numbers = _numbers(rest)
    if first != EVERY or numbers is None or len(numbers) != partitions:
        return None
    return EveryPosition(tuple(numbers))


def _numbers(parts: Sequence[str]) -> list[int] | None:
    if not all(part.isascii() and part.isdecimal() and len(part) < 20 for part in parts):
        return None
    numbers = [int(part) for part in parts]
    return numbers if all(number < LARGEST for number in numbers) else None
