"""What does a recording tell of each order?  All of it read once, whatever policies are to judge it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from stream.archive.recorded import Recording
from stream.backtest.errors import NothingRecordedError, UnknownShopError
from stream.backtest.timeline.refused import Refused
from stream.engine.joining import join
from stream.engine.order import Order, decode_order, encode_order
from stream.engine.reading import Event, UnreadableEvent, read_event

A_STEP = 10_000
"""So many records are read between two words on how far it is."""


class Progress(Protocol):
    """Somebody who is told how far it is."""

    def reached(self, what: str, done: int, total: int | None) -> None:
        """So much of ``what``; ``total`` is None where nobody knows."""
        ...


class Silent:
    """Nobody."""

    def reached(self, what: str, done: int, total: int | None) -> None:
        """Nothing is said."""


@dataclass(slots=True)
class Known:
    """Orders' records by shop and order, as the engine keeps them, and what was read on the way to them."""

    shops: dict[str, dict[str, bytes]] = field(default_factory=dict)
    first: int = 0
    """When the first fact happened."""
    latest: int = 0
    """When the latest did."""
    events: int = 0
    refused: int = 0
    """Records that are no events."""
    first_refused: Refused | None = None

    def orders(self, shop: str) -> Iterator[tuple[str, Order]]:
        """Those of a shop."""
        for order_id, packed in self.shops[shop].items():
            yield order_id, decode_order(packed)

    def take(self, event: Event) -> None:
        """Join a fact to its order; in any order, and as often as one likes (SEMANTICS F2)."""
        self.first = event.occurred_at if self.events == 0 else min(self.first, event.occurred_at)
        self.latest = event.occurred_at if self.events == 0 else max(self.latest, event.occurred_at)
        self.events += 1
        orders = self.shops.setdefault(event.shop_id, {})
        packed = orders.get(event.order_id)
        order = Order() if packed is None else decode_order(packed)
        if join(order, event.fact):
            orders[event.order_id] = encode_order(order)


def read(recording: Recording, shops: frozenset[str] | None, last: int | None, progress: Progress) -> Known:
    """All that ``recording`` tells of ``shops``, or of all of them, that happened up to ``last``, if that is given.

    Raises ArchiveError and BacktestError.
    """
    known = Known()
    for event in _events(recording, shops, known, progress):
        if (shops is None or event.shop_id in shops) and (last is None or event.occurred_at <= last):
            known.take(event)
    if shops is not None and (missing := sorted(shops - known.shops.keys())):
        raise UnknownShopError(missing, recording.name)
    if not known.shops:
        raise NothingRecordedError(recording.name, known.refused, known.first_refused)
    return known


def _events(
    recording: Recording, shops: frozenset[str] | None, known: Known, progress: Progress
) -> Iterator[Event]:
    keys = None if shops is None else frozenset(shop.encode() for shop in shops)
    number = 0
    for partition in recording.partitions():
        for record in recording.read(partition, keys):
            number += 1
            if number % A_STEP == 0:
                progress.reached("records read", number, None)
            try:
                yield read_event(record.topic, record.key, record.value)
            except UnreadableEvent as error:
                known.refused += 1
                if known.first_refused is None:
                    place = record.topic, record.partition, record.offset
                    known.first_refused = Refused(*place, error.reason, str(error))
