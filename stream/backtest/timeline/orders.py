"""What does one order place and take back, from its payment on?  Walked through its own instants (SEMANTICS T1)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from stream.engine.findings import Unit
from stream.engine.order import Order
from stream.engine.verdicts import Verdicts


class Placed(NamedTuple):
    """From ``at`` on ``unit`` counts (``sign`` 1), or does not any more (-1)."""

    at: int
    sign: int
    unit: Unit


def placed(verdicts: Verdicts, order: Order, publications: Sequence[int]) -> Iterator[Placed]:
    """Every change, in the order of time.

    What an order contributes can change at a fact of its own, when a deadline passes, and when an exemption is published
    (``publications``, rising), and at no other instant.
    """
    if order.paid is None:
        return
    paid = order.paid.at
    fixed = {paid, *(fact.at for fact in order.all()), *publications}
    instants = sorted(t for t in fixed if t >= paid)
    before: Sequence[Unit] = ()
    for index, begins in enumerate(instants):
        ends = instants[index + 1] if index + 1 < len(instants) else None
        t: int | None = begins
        while t is not None:
            found = verdicts.find(order, t)
            yield from _changes(t, before, found.units)
            before = found.units
            passing = min((each.deadline for each in found.pending), default=None)
            t = passing if passing is not None and (ends is None or passing < ends) else None


def _changes(t: int, before: Sequence[Unit], after: Sequence[Unit]) -> Iterator[Placed]:
    if before == after:
        return
    yield from (Placed(t, -1, unit) for unit in before if unit not in after)
    yield from (Placed(t, 1, unit) for unit in after if unit not in before)
