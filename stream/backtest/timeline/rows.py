"""What did every order bring to the windows, and when?  The verdict timeline: the first pass's result, the second's input.

In a replay all facts are known, so what one order places and takes back, and from which instant on it counts, is a pure
function of its facts, the metrics and the exemptions.  Thresholds, windows and timers of rules do not come into it: a rule
may change, and the timeline stays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from stream.backtest.timeline.refused import Refused

I64 = NDArray[np.int64]
I32 = NDArray[np.int32]
I8 = NDArray[np.int8]
Flags = NDArray[np.bool_]

NO_WITNESS = -1
"""The order of a row that bears nothing bad: no evidence is ever asked of it."""


class Rows(NamedTuple):
    """What one metric's units place (and, with all signs turned, take back), by shop and then by instant."""

    shop: I32
    """Index among the shops of the part."""
    at: I64
    """The instant from which on it counts."""
    place: I64
    """Where it counts: the instant whose pane it is in."""
    good: I8
    bad: I8
    counted: I8
    spared: Flags
    """Counts for no tier with ``penalty`` (SEMANTICS E5)."""
    witness: I32
    """Index among the part's witnesses, or `NO_WITNESS`."""


class Witness(NamedTuple):
    """An order that has been bad, with all that was recorded of it."""

    order_id: str
    values: Sequence[bytes]


class Witnesses(Protocol):
    """Looks up the orders of one part that have been bad."""

    def find(self, indexes: Sequence[int]) -> Mapping[int, Witness]:
        """Those of ``indexes``."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """The timeline of one partition: a shop lies in one part only."""

    shops: Sequence[str]
    rows: Mapping[str, Rows]
    """By metric; one of which nothing was ever found is missing."""
    witnesses: Witnesses


@dataclass(frozen=True, slots=True)
class Timeline:
    """All partitions, and up to where a replay of them decides (SEMANTICS T5)."""

    parts: Sequence[Part]
    first_ms: int | None
    """When the first fact happened; None: nothing was read."""
    latest_ms: int | None
    """When the latest did."""
    end_ms: int | None
    """None: there was nothing to decide."""
    events: int
    """How many were read, repeats included."""
    refused: int
    refusals: Sequence[Refused]
    """The first of them."""
