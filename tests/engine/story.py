"""Events and policies for tests, written short: times are hours after an instant of 2024."""

from stream.engine.engine import Engine
from stream.engine.facts import (
    Cancelled,
    Changed,
    Fact,
    Paid,
    PickedUp,
    Requested,
    Resolved,
    Shipped,
    Withdrawn,
)
from stream.engine.reading import Event
from stream.policy.reading import Source, read_policies
from stream.policy.spec import PolicySet

HOUR = 3_600_000
DAY = 24 * HOUR
START = 1_704_067_200_000
"""2024-01-01T00:00:00Z."""

HEAD = """
[policy]
name = "test"
version = "{version}"
effective_from = {since}
time_zone = "UTC"
"""
ON_TIME = """
[metrics.m]
kind = "on_time_ship"

[rules.r]
metric = "m"
window = "10h"
pane = "1h"
alarm = { below = 0.8 }
"""


def hours(count: float) -> int:
    """The instant so many hours after the start."""
    return START + round(count * HOUR)


def policy(*bodies: str) -> PolicySet:
    """Versions one day apart, the first a day before the start."""
    return read_policies(
        [
            Source(f"{number}.toml", HEAD.format(version=number, since=f"{_day(number)}T00:00:00Z") + body)
            for number, body in enumerate(bodies or (ON_TIME,))
        ]
    )


def _day(number: int) -> str:
    return "2023-12-31" if number == 0 else f"2024-01-{number:02}"


def engine(*bodies: str) -> Engine:
    """A new one under `policy`."""
    return Engine(policy(*bodies))


def event(order: str, fact: Fact, shop: str = "S") -> Event:
    """A fact of an order."""
    return Event(shop, order, fact.at, fact)


def paid(order: str, at: float, ship_by: float | None, shop: str = "S", goods: str = "physical") -> Event:
    """An order was paid."""
    promise = None if ship_by is None else hours(ship_by)
    fact = Paid.of(hours(at), f"{order}-paid", promise, goods, "310105", "440100", 1, 1000, "CNY", None)
    return event(order, fact, shop)


def shipped(
    order: str, at: float, package: str = "p", *, completes: bool | None = None, shop: str = "S"
) -> Event:
    """A package left the shop."""
    return event(order, Shipped.of(hours(at), f"{order}-{package}-s", package, "c", completes), shop)


def picked_up(order: str, at: float, package: str = "p") -> Event:
    """A package was scanned."""
    return event(order, PickedUp.of(hours(at), f"{order}-{package}-p", package, "c"))


def changed(order: str, at: float, ship_by: float, reason: str = "platform") -> Event:
    """The promise was changed."""
    return event(order, Changed.of(hours(at), f"{order}-{at}-c", hours(ship_by), reason))


def cancelled(order: str, at: float) -> Event:
    """The order was called off."""
    return event(order, Cancelled.of(hours(at), f"{order}-x", "buyer", "r"))


def requested(order: str, at: float, refund: str = "f") -> Event:
    """Money was asked back."""
    return event(
        order, Requested.of(hours(at), f"{order}-{refund}-r", refund, "return", "broken", "merchant")
    )


def withdrawn(order: str, at: float, refund: str = "f") -> Event:
    """A request was taken back."""
    return event(order, Withdrawn.of(hours(at), f"{order}-{refund}-w", refund))


def resolved(order: str, at: float, refund: str = "f") -> Event:
    """A request was answered."""
    return event(order, Resolved.of(hours(at), f"{order}-{refund}-a", refund, "approved"))
