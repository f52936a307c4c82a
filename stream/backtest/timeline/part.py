"""What is the verdict timeline of one partition?  The first pass over its records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from stream.archive.recorded import Block
from stream.backtest.timeline.orders import placed
from stream.backtest.timeline.reading import Collected
from stream.backtest.timeline.refused import Refused
from stream.backtest.timeline.rows import I64, NO_WITNESS, Part, Rows, Witness
from stream.backtest.timeline.shapes import Units, exempted, retroactive, shapes, units
from stream.engine.joining import join
from stream.engine.order import Order
from stream.engine.reading import read_event
from stream.engine.verdicts import Verdicts
from stream.policy.spec import PolicySet


@dataclass(frozen=True, slots=True)
class Kept:
    """Witnesses in memory, by their indexes."""

    all: Sequence[Witness]
    shop: Sequence[int]

    def find(self, indexes: Sequence[int]) -> Mapping[int, Witness]:
        """Those of ``indexes``."""
        return {index: self.all[index] for index in indexes}


class Made(NamedTuple):
    """The timeline of a partition, and what else its reading has shown."""

    part: Part
    witnesses: Kept
    first_ms: int | None
    """The oldest fact."""
    latest_ms: int | None
    """The newest."""
    end_ms: int | None
    """The latest fact or deadline."""
    events: int
    refused: int
    refusals: Sequence[Refused]
    by_hand: int
    """How many orders were walked one by one."""


class _Row(NamedTuple):
    order: int
    at: int
    place: int
    good: int
    bad: int
    counted: int
    spared: bool


@dataclass(slots=True)
class _Table:
    """The rows of one metric, as they are found."""

    pieces: list[tuple[int, Units]]
    rows: list[_Row]


def made(
    policy: PolicySet,
    partition: int,
    blocks: Iterable[Block],
    last: int | None = None,
    *,
    quickly: bool = True,
) -> Made:
    """Read ``blocks`` and judge every order of theirs, as if nothing had happened after ``last``.

    With ``quickly`` ordinary orders are judged all at once; without, every order is walked by the engine's verdicts, which
    finds the same.
    """
    found = Collected(partition, last).read(blocks)
    tables = {metric: _Table([], []) for version in policy.versions for metric in version.metrics}
    end = found.latest
    ordinary = np.zeros(len(found.order_ids), np.bool_)
    if quickly and len(found.order_ids):
        known = shapes(found, policy)
        ordinary = known.ordinary & ~exempted(found, policy, known) & ~retroactive(policy, known)
        for sign, what, deadlines in units(found, policy, known, ordinary):
            tables[what.metric].pieces.append((sign, what))
            if len(deadlines):
                end = max(end or 0, int(deadlines.max()))
    latest = _walk(found, policy, ordinary, tables)
    if latest is not None:
        end = latest if end is None else max(end, latest)
    rows, witnesses = _rows(found, tables)
    part = Part(found.shops, rows, witnesses)
    found.refusals.sort(key=lambda refused: refused.offset)
    by_hand = int((~ordinary).sum())
    return Made(
        part, witnesses, found.first, found.latest, end, found.events, found.refused, found.refusals, by_hand
    )


# -- one by one


def _walk(
    found: Collected, policy: PolicySet, ordinary: np.ndarray, tables: Mapping[str, _Table]
) -> int | None:
    """Judge the orders that are not ``ordinary``; returns their latest deadline."""
    verdicts = Verdicts(policy)
    publications = sorted({each.published_at for each in policy.exemptions if each.published_at is not None})
    latest: int | None = None
    for number, order in _orders(found, np.flatnonzero(~ordinary)):
        for at, sign, unit in placed(verdicts, order, publications):
            tables[unit.metric].rows.append(
                _Row(
                    number,
                    at,
                    unit.place,
                    sign * unit.good,
                    sign * unit.bad,
                    sign * unit.counted,
                    unit.spared,
                )
            )
        for deadline in verdicts.deadlines(order):
            latest = deadline if latest is None else max(latest, deadline)
    return latest


def _orders(found: Collected, numbers: I64) -> Iterable[tuple[int, Order]]:
    """The records of some orders, joined from what was recorded."""
    for number, values in _values_of(found, numbers):
        order = Order()
        for value in values:
            join(order, read_event(None, None, value).fact)
        yield number, order


def _values_of(found: Collected, numbers: I64) -> Iterable[tuple[int, list[bytes]]]:
    """What was recorded of some orders."""
    wanted = np.zeros(len(found.order_ids) + 1, np.bool_)  # the last is for what is no event, -1
    wanted[numbers] = True
    order_of = np.frombuffer(found.order_of, np.int32)
    indexes = np.flatnonzero(wanted[order_of])
    by_order = indexes[np.argsort(order_of[indexes], kind="stable")]
    starts = np.flatnonzero(np.diff(order_of[by_order], prepend=-2))
    bounds = [*starts.tolist(), len(by_order)]
    events = by_order.tolist()
    for first, last in pairwise(bounds):
        yield int(order_of[events[first]]), [found.values[index] for index in events[first:last]]


# -- rows


def _rows(found: Collected, tables: Mapping[str, _Table]) -> tuple[dict[str, Rows], Kept]:
    gathered = {metric: _gathered(table) for metric, table in tables.items()}
    gathered = {metric: columns for metric, columns in gathered.items() if len(columns.order)}
    shop_of = np.frombuffer(found.shop_of, np.int32)
    bad = np.zeros(len(found.order_ids), np.bool_)
    for columns in gathered.values():
        bad[columns.order[columns.bad > 0]] = True
    numbers = np.flatnonzero(bad)
    numbers = numbers[np.argsort(shop_of[numbers], kind="stable")]  # a shop's witnesses lie together
    witness = np.full(len(bad), NO_WITNESS, np.int32)
    witness[numbers] = np.arange(len(numbers), dtype=np.int32)
    rows = {metric: _sorted(columns, shop_of, witness) for metric, columns in gathered.items()}
    values = dict(_values_of(found, numbers))
    all_ = [Witness(found.order_ids[number], values[number]) for number in numbers.tolist()]
    return rows, Kept(all_, shop_of[numbers].tolist())


class _Columns(NamedTuple):
    order: I64
    at: I64
    place: I64
    good: np.ndarray
    bad: np.ndarray
    counted: np.ndarray
    spared: np.ndarray


def _gathered(table: _Table) -> _Columns:
    by_hand = np.array([row[:6] for row in table.rows], np.int64).reshape(len(table.rows), 6)
    pieces = [units for _, units in table.pieces]

    def whole(name: str, column: int) -> I64:
        return np.concatenate([*(getattr(each, name) for each in pieces), by_hand[:, column]])

    def signed(name: str, column: int) -> np.ndarray:
        quick = [sign * getattr(each, name) for sign, each in table.pieces]
        return np.concatenate([*quick, by_hand[:, column].astype(np.int8)]).astype(np.int8)

    quick = sum(len(each.order) for each in pieces)
    spared = np.zeros(quick + len(table.rows), np.bool_)
    spared[quick:] = [row.spared for row in table.rows]
    return _Columns(
        whole("order", 0),
        whole("at", 1),
        whole("place", 2),
        signed("good", 3),
        signed("bad", 4),
        signed("counted", 5),
        spared,
    )


def _sorted(columns: _Columns, shop_of: np.ndarray, witness: np.ndarray) -> Rows:
    """By shop, then by instant."""
    shop = shop_of[columns.order]
    by = np.lexsort((columns.at, shop))
    marks = np.where(columns.bad[by] != 0, witness[columns.order[by]], NO_WITNESS).astype(np.int32)
    return Rows(
        shop[by],
        columns.at[by],
        columns.place[by],
        columns.good[by],
        columns.bad[by],
        columns.counted[by],
        columns.spared[by],
        marks,
    )
