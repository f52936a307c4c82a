"""What does a policy say?  Read with tomllib alone; only policies that are known to be right are given to it."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.times import duration, instant, last_instant

ALL_GOODS = frozenset({"physical", "virtual", "presale", "custom"})
_DAY = 86_400_000
# Date-times become strings before the parser sees them: whether a `to` was written with a fraction matters (T6).
_DATE_TIME = re.compile(
    r"(?<![\"'\w.:-])(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)?)"
)


@dataclass(frozen=True)
class Metric:
    """How units of one name are counted in one version (U1-U6); a set that is None means all."""

    name: str
    kind: str
    goods: frozenset[str]
    anchor: str
    lag: int
    promise_reasons: frozenset[str] | None
    retroactive: bool
    pickup_within: int
    resolve_within: int
    kinds: frozenset[str] | None
    reasons: frozenset[str] | None
    faults: frozenset[str] | None

    @property
    def beyond(self) -> str:
        """The word for its wrong side (U8)."""
        return "below" if self.kind in {"on_time_ship", "after_sales"} else "above"


@dataclass(frozen=True)
class Tier:
    """A severity of a rule (R1); thresholds both as numbers and as written."""

    severity: str
    threshold: Fraction | None
    as_written: int | float | None
    clear_at: Fraction | None
    min_orders: int
    min_bad: int | None
    bad_above: int | None
    hold: int
    keep: int
    penalty: bool
    forecast: int | None


@dataclass(frozen=True)
class Window:
    """How long, in which panes (W1)."""

    length: int
    pane: int


@dataclass(frozen=True)
class Part:
    """A metric in a score (S1)."""

    metric: str
    weight: Fraction
    points: tuple[tuple[Fraction, Fraction], ...] | None
    min_orders: int


@dataclass(frozen=True)
class Score:
    """A weighted mean (S1, S2)."""

    parts: tuple[Part, ...]
    missing: Fraction | None


@dataclass(frozen=True)
class Rule:
    """Tiers over a window of a metric or of a score."""

    name: str
    metric: str | None
    score: Score | None
    window: Window
    window_text: str
    tiers: tuple[Tier, ...]


@dataclass(frozen=True)
class Exemption:
    """Whom to spare, how, since when that is known (E1-E4); None matches all."""

    name: str
    metrics: frozenset[str]
    effect: str
    anchor: str
    start: int | None
    end: int | None
    regions: frozenset[str] | None
    region_of: str
    goods: frozenset[str] | None
    categories: frozenset[str] | None
    published_at: int | None
    by: int | None
    until: int | None


@dataclass(frozen=True)
class Version:
    """One file (V1)."""

    name: str
    version: str
    effective_from: int
    keep: int
    metrics: Mapping[str, Metric]
    rules: Mapping[str, Rule]


@dataclass(frozen=True)
class Policy:
    """All versions, oldest first, and their exemptions as one list (E2)."""

    versions: tuple[Version, ...]
    exemptions: tuple[Exemption, ...]

    def version_at(self, t: int) -> Version | None:
        """The version in force at ``t`` (V1)."""
        begun = [version for version in self.versions if version.effective_from <= t]
        return begun[-1] if begun else None

    def published(self, t: int) -> list[Exemption]:
        """The exemptions that hold at ``t`` (E2)."""
        return [each for each in self.exemptions if each.published_at is None or each.published_at <= t]

    def instants(self) -> set[int]:
        """When versions start and exemptions are published."""
        published = {each.published_at for each in self.exemptions if each.published_at is not None}
        return published | {version.effective_from for version in self.versions}


def read_policy(texts: Sequence[str]) -> Policy:
    """The policy whose versions are ``texts``."""
    documents = [tomllib.loads(_DATE_TIME.sub(r'"\1"', text), parse_float=Decimal) for text in texts]
    versions = sorted(map(_version, documents), key=lambda version: version.effective_from)
    exemptions = {each.name: each for document in documents for each in _exemptions(document)}
    return Policy(tuple(versions), tuple(exemptions.values()))


def _version(document: Mapping[str, Any]) -> Version:
    head = document["policy"]
    metrics = {name: _metric(name, table) for name, table in document.get("metrics", {}).items()}
    rules = {name: _rule(name, table, document, metrics) for name, table in document.get("rules", {}).items()}
    return Version(
        head["name"],
        head["version"],
        instant(head["effective_from"], ZoneInfo(head["time_zone"])),
        duration(head.get("keep", "60d")),
        metrics,
        rules,
    )


def _metric(name: str, table: Mapping[str, Any]) -> Metric:
    kind = table["kind"]
    shipped = kind in {"on_time_ship", "pickup_anomaly"}
    return Metric(
        name=name,
        kind=kind,
        goods=frozenset(table.get("goods", ALL_GOODS - {"virtual"} if shipped else ALL_GOODS)),
        anchor=table.get("anchor", "paid" if kind == "return" else "decided"),
        lag=duration(table.get("lag", "0s")),
        promise_reasons=_set(table, "promise_reasons"),
        retroactive=table.get("retroactive_promises", False),
        pickup_within=duration(table.get("pickup_within", "24h")),
        resolve_within=duration(table.get("resolve_within", "0s")),
        kinds=_set(table, "kinds"),
        reasons=_set(table, "reasons"),
        faults=_set(table, "faults"),
    )


def _set(table: Mapping[str, Any], key: str) -> frozenset[str] | None:
    return frozenset(table[key]) if key in table else None


def _rule(
    name: str, table: Mapping[str, Any], document: Mapping[str, Any], metrics: Mapping[str, Metric]
) -> Rule:
    score = document["scores"][table["score"]] if "score" in table else None
    word = "below" if score else metrics[table["metric"]].beyond
    tiers = {key: value for key, value in table.items() if isinstance(value, dict)}
    return Rule(
        name=name,
        metric=None if score else table["metric"],
        score=_score(score) if score else None,
        window=_window(score or table),
        window_text=(score or table)["window"],
        tiers=tuple(_tier(severity, {**table, **tier}, word) for severity, tier in tiers.items()),
    )


def _window(table: Mapping[str, Any]) -> Window:
    """Its panes are as W1 says where the policy does not."""
    length = duration(table["window"])
    if "pane" in table:
        return Window(length, duration(table["pane"]))
    return Window(length, 60_000 if length <= 3_600_000 else 900_000 if length <= _DAY else 3_600_000)


def _tier(severity: str, table: Mapping[str, Any], word: str) -> Tier:
    """``table`` is the rule's with the tier's over it (R1)."""
    given = table.get(word)
    threshold = None if given is None else Fraction(given)
    return Tier(
        severity=severity,
        threshold=threshold,
        as_written=float(given) if isinstance(given, Decimal) else given,
        clear_at=Fraction(table["clear_at"]) if "clear_at" in table else threshold,
        min_orders=table.get("min_orders", 1),
        min_bad=table.get("min_bad"),
        bad_above=table.get("bad_above"),
        hold=duration(table.get("for", "0s")),
        keep=duration(table.get("keep_firing_for", "0s")),
        penalty=table.get("penalty", False),
        forecast=duration(table["forecast"]) if "forecast" in table else None,
    )


def _score(table: Mapping[str, Any]) -> Score:
    missing = table.get("missing", "leave_out")
    parts = tuple(
        Part(
            part["metric"],
            Fraction(part["weight"]),
            tuple((Fraction(rate), Fraction(points)) for rate, points in part["points"])
            if "points" in part
            else None,
            part.get("min_orders", table.get("min_orders", 1)),
        )
        for part in table["parts"]
    )
    return Score(parts, None if missing == "leave_out" else Fraction(missing))


def _exemptions(document: Mapping[str, Any]) -> list[Exemption]:
    zone = ZoneInfo(document["policy"]["time_zone"])

    def time(table: Mapping[str, Any], key: str) -> int | None:
        return instant(table[key], zone) if key in table else None

    return [
        Exemption(
            name=table["id"],
            metrics=frozenset(table["metrics"]),
            effect=table["effect"],
            anchor=table["anchor"],
            start=time(table, "from"),
            end=last_instant(table["to"], zone) if "to" in table else None,
            regions=_set(table, "regions"),
            region_of=table.get("region_of", "either"),
            goods=_set(table, "goods"),
            categories=_set(table, "categories"),
            published_at=time(table, "published_at"),
            by=duration(table["by"]) if "by" in table else None,
            until=time(table, "until"),
        )
        for table in document.get("exemptions", [])
    ]
