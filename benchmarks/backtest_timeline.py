"""How does a verdict timeline of many orders come about without reading their events?  Drawn, in the shapes of `stream.py`.

Not a line of it is read from an event, so it says nothing of the first pass; of the second all that matters is there: shops by
Zipf's law over some weeks, every ninth of which ships late, panes, places, marks that come days later.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from benchmarks.stream import BAD_EVERY, BAD_LATE, BEGINS, GOOD_LATE, HOUR
from stream.backtest.timeline.files import WHOLE, write_part, write_whole
from stream.backtest.timeline.part import Kept, Made
from stream.backtest.timeline.rows import NO_WITNESS, Part, Rows

PARTITIONS = 16
DAYS = 30


def drawn(directory: Path, orders: int, shops: int, seed: int = 11) -> Path:
    """Files of a timeline; those that are there already are taken as they are."""
    place = directory / f"{orders}-{shops}-{seed}"
    if not (place / WHOLE).exists():
        place.mkdir(parents=True)
        notes = [
            write_part(place, number, _part(number, orders // PARTITIONS, shops // PARTITIONS, seed))
            for number in range(PARTITIONS)
        ]
        write_whole(place, notes)
    return place


def _part(number: int, orders: int, shops: int, seed: int) -> Made:
    dice = np.random.default_rng((seed, number))
    shares = 1 / np.arange(1, shops + 1)
    shop = dice.choice(shops, orders, p=shares / shares.sum()).astype(np.int32)
    paid = BEGINS + (dice.random(orders) * DAYS * 24 * HOUR).astype(np.int64)
    late = dice.random(orders) < np.where(shop % BAD_EVERY == 0, BAD_LATE, GOOD_LATE)
    shipped = paid + (
        np.where(late, dice.uniform(25, 40, orders), dice.uniform(1, 22, orders)) * HOUR
    ).astype(np.int64)
    rows = _metrics(dice, shop, paid, shipped, late)
    end = max(int(each.at.max()) for each in rows.values())
    names = [f"shop-{number:02}-{rank:05}" for rank in range(shops)]
    part = Part(names, rows, Kept([], []))
    return Made(part, Kept([], []), int(paid.min()), end, end, round(orders * 3.13), 0, (), 0)


def _metrics(
    dice: np.random.Generator, shop: np.ndarray, paid: np.ndarray, shipped: np.ndarray, late: np.ndarray
) -> Mapping[str, Rows]:
    due = paid + 24 * HOUR
    unscanned = dice.random(len(shop)) >= 0.98
    scanned = shipped + np.where(unscanned, 24, dice.uniform(1, 20, len(shop)) * 1.0).astype(np.int64) * HOUR
    asked = np.flatnonzero(dice.random(len(shop)) < 0.1)
    asked_at = shipped[asked] + (dice.uniform(24, 72, len(asked)) * HOUR).astype(np.int64)
    slow = dice.random(len(asked)) < 0.04
    answered = asked_at + np.where(slow, 48, dice.uniform(2, 48, len(asked))).astype(np.int64) * HOUR
    decided = np.where(late, due, shipped)
    whole = np.ones(len(shop), np.int8)
    count, taken = whole[: len(asked)], -whole[: len(asked)]
    none = np.zeros(len(asked), np.int8)
    returns = (
        np.concatenate([shop, shop[asked], shop[asked]]),
        np.concatenate([paid, asked_at, asked_at]),
        np.concatenate([paid, paid[asked], paid[asked]]),
        np.concatenate([whole, taken, none]),
        np.concatenate([0 * whole, none, count]),
        np.concatenate([whole, taken, count]),
    )
    return {
        "on_time": _rows(shop, decided, decided, (~late).astype(np.int8), late.astype(np.int8), whole),
        "pickup": _rows(
            shop, scanned, scanned, (~unscanned).astype(np.int8), unscanned.astype(np.int8), whole
        ),
        "return": _rows(*returns),
        "after_sales": _rows(
            shop[asked], answered, answered, (~slow).astype(np.int8), slow.astype(np.int8), count
        ),
    }


def _rows(  # noqa: PLR0913, PLR0917 - the columns of a table
    shop: np.ndarray,
    at: np.ndarray,
    place: np.ndarray,
    good: np.ndarray,
    bad: np.ndarray,
    counted: np.ndarray,
) -> Rows:
    by = np.lexsort((at, shop))
    nobody, spared = np.full(len(at), NO_WITNESS, np.int32), np.zeros(len(at), np.bool_)
    return Rows(shop[by], at[by], place[by], good[by], bad[by], counted[by], spared, nobody)
