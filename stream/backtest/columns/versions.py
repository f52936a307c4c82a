"""When does a tier fire and resolve that is not the same in all versions?  Walked in plain Python (SEMANTICS R6, V2)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stream.backtest.columns.episodes import STILL, Episodes
from stream.backtest.columns.lines import BREACH, CLEAR, GONE, Classes
from stream.backtest.timeline.rows import I32, I64


class Timers(NamedTuple):
    """Of a tier in one version: ``for`` and ``keep_firing_for``."""

    hold: int
    keep_firing: int


class Track(NamedTuple):
    """What a tier makes of every shop's counts, by shop and then by time, and in which version."""

    shop: I32
    at: I64
    made: Classes
    version: I32


class Stretch(NamedTuple):
    """Of one shop: in one version a tier makes the same of its counts."""

    begins: int
    ends: int
    made: int
    version: int


class Episode(NamedTuple):
    """An alert; what `STILL` is, has not come."""

    fired_at: int
    clear_since: int
    resolved_at: int


@dataclass(slots=True)
class _State:
    """What is remembered of a shop from one stretch to the next."""

    pending_since: int | None = None
    fired_at: int | None = None
    clear_since: int | None = None


def episodes_of(track: Track, timers: Sequence[Timers | None], end: int) -> Episodes:
    """What fires and resolves; ``timers`` by version."""
    found = [
        (shop, *episode) for shop, stretches in _shops(track, end) for episode in _walk(stretches, timers)
    ]
    whole = np.array(found, np.int64).reshape(len(found), 4)
    return Episodes(whole[:, 0].astype(np.int32), whole[:, 1], whole[:, 2], whole[:, 3])


def _shops(track: Track, end: int) -> Iterator[tuple[int, list[Stretch]]]:
    """The stretches of the shops that are ever in breach."""
    new = np.ones(len(track.at), np.bool_)
    for column in (track.made, track.shop, track.version):
        new[1:] &= column[1:] == column[:-1]
    new = ~new
    if len(new):
        new[0] = True
    first = np.flatnonzero(new)
    ever = np.unique(track.shop[track.made == BREACH])
    first = first[np.isin(track.shop[first], ever)]
    shop = track.shop[first].tolist()
    at, made = track.at[first].tolist(), track.made[first].tolist()
    version = track.version[first].tolist()
    stretches: list[Stretch] = []
    for index, begins in enumerate(at):
        goes_on = index + 1 < len(at) and shop[index + 1] == shop[index]
        ends = at[index + 1] if goes_on else end + 1
        stretches.append(Stretch(begins, ends, made[index], version[index]))
        if not goes_on:
            yield shop[index], stretches
            stretches = []


def _walk(stretches: Iterable[Stretch], timers: Sequence[Timers | None]) -> Iterator[Episode]:
    state = _State()
    for stretch in stretches:
        timer = timers[stretch.version]
        if stretch.made == GONE or timer is None:
            if state.fired_at is not None:
                yield Episode(state.fired_at, stretch.begins, stretch.begins)
            state = _State()
        elif state.fired_at is None:
            _quiet(state, stretch, timer.hold)
        elif stretch.made != CLEAR:
            state.clear_since = None
        else:
            if state.clear_since is None:
                state.clear_since = stretch.begins
            resolves = max(stretch.begins, state.clear_since + timer.keep_firing)
            if resolves < stretch.ends:
                yield Episode(state.fired_at, state.clear_since, resolves)
                state = _State()
    if state.fired_at is not None:
        yield Episode(state.fired_at, STILL, STILL)


def _quiet(state: _State, stretch: Stretch, hold: int) -> None:
    """A tier that does not fire: inactive or pending."""
    if stretch.made != BREACH:
        state.pending_since = None
        return
    if state.pending_since is None:
        state.pending_since = stretch.begins
    fires = max(stretch.begins, state.pending_since + hold)
    if fires < stretch.ends:
        state.pending_since, state.fired_at = None, fires
