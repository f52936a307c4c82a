"""What does a policy say?  Frozen specifications, after all defaults and checks.

Instants and durations are integers of milliseconds (SEMANTICS T1, T6); numbers are the decimals written (R2), kept as
:class:`Number` so that comparison is exact and output is what stood in the file.  Nothing here has state or behaviour
beyond what follows from its own fields; :mod:`stream.policy.reading` makes these from TOML and refuses what is wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, Literal

Kind = Literal["on_time_ship", "pickup_anomaly", "return", "after_sales"]
Effect = Literal["extend", "drop", "count_good", "forgive", "penalty_only"]
ExemptionAnchor = Literal["paid", "due", "shipped", "requested", "decided"]
MetricAnchor = Literal["decided", "due", "paid", "shipped", "requested"]
RegionOf = Literal["ship_from", "ship_to", "either"]


class _Sendable:
    """Can be sent to another process: compiled, a frozen class takes back no field that it is given afterwards."""

    __slots__ = ()

    def __reduce__(self) -> tuple[Any, ...]:
        of: Any = self
        return type(self), tuple(getattr(self, field.name) for field in fields(of))


@dataclass(frozen=True, slots=True)
class Number(_Sendable):
    """A decimal as written: ``text`` is how it stands in the file, ``value`` what it is, exactly."""

    text: str
    value: Fraction


@dataclass(frozen=True, slots=True)
class Metric(_Sendable):
    """How units are counted (SEMANTICS U1-U6).

    Sets that were left out are filled in with what they default to; ``None`` means all (``reasons`` are free text).
    ``anchor`` is where a unit is placed: U1 ``decided`` (default), ``due``, ``paid``, ``shipped``; U3 ``paid`` (default) or
    ``requested``; the other kinds are always ``decided``.
    """

    name: str
    kind: Kind
    goods: frozenset[str]
    anchor: MetricAnchor
    lag: int
    promise_reasons: frozenset[str]
    retroactive_promises: bool
    pickup_within: int
    resolve_within: int | None
    kinds: frozenset[str]
    reasons: frozenset[str] | None
    faults: frozenset[str]


@dataclass(frozen=True, slots=True)
class Tier(_Sendable):
    """One threshold of a rule; its name is the severity (SEMANTICS R1).

    Exactly one of ``below``, ``above`` is given, or neither with ``bad_above``; ``clear_at`` is given exactly where a
    threshold is (default: the threshold).  ``hold`` is TOML's ``for``, ``keep_firing`` its ``keep_firing_for``.  ``forecast`` is how
    long ahead a breach that would come if no further fact came (P1) is one already; None: not at all.
    """

    severity: str
    below: Number | None
    above: Number | None
    clear_at: Number | None
    min_orders: int
    min_bad: int | None
    bad_above: int | None
    hold: int
    keep_firing: int
    penalty: bool
    forecast: int | None = None


@dataclass(frozen=True, slots=True)
class Rule(_Sendable):
    """Tiers over one window of one metric, or over a score (then ``metric`` is None; window and pane are the score's)."""

    name: str
    metric: str | None
    score: str | None
    window: int
    pane: int
    tiers: tuple[Tier, ...]


@dataclass(frozen=True, slots=True)
class ScorePart(_Sendable):
    """One metric in a score; ``points`` strictly rising in rate, or None for the default (SEMANTICS S1)."""

    metric: str
    weight: Fraction
    points: tuple[tuple[Fraction, Fraction], ...] | None
    min_orders: int


@dataclass(frozen=True, slots=True)
class Score(_Sendable):
    """A weighted mean of parts over one window; ``missing`` None leaves a part with too few orders out (S2)."""

    name: str
    window: int
    pane: int
    parts: tuple[ScorePart, ...]
    missing: Fraction | None


@dataclass(frozen=True, slots=True)
class Exemption(_Sendable):
    """Which units are spared, how, and since when that is known (SEMANTICS E1-E6).

    ``start`` and ``end`` (TOML ``from``, ``to``) are both included, ``end`` already widened to its whole second (T6);
    None matches all.  ``regions`` are the codes as written.  ``published_at`` None is always.
    """

    id: str
    metrics: frozenset[str]
    effect: Effect
    anchor: ExemptionAnchor
    start: int | None
    end: int | None
    regions: frozenset[str] | None
    region_of: RegionOf
    goods: frozenset[str] | None
    categories: frozenset[str] | None
    published_at: int | None
    by: int | None
    until: int | None


@dataclass(frozen=True, slots=True)
class Version(_Sendable):
    """One file: what is in force from ``effective_from`` on, until the next version's (SEMANTICS V1)."""

    version: str
    effective_from: int
    time_zone: str
    languages: tuple[str, ...]
    keep: int
    metrics: Mapping[str, Metric]
    rules: Mapping[str, Rule]
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class PolicySet(_Sendable):
    """All versions of one policy, oldest first, their exemptions as one list (E2), and the texts they were read from."""

    name: str
    versions: tuple[Version, ...]
    exemptions: tuple[Exemption, ...]
    texts: tuple[str, ...]
    digest: str
